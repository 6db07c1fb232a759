public import MeshModel

/// Why the control plane did not do what was asked.
public enum ControlPlaneError: Explained {
    /// It answered, and said no.
    case problem(Problem)
    /// Nobody listens at the socket.
    case absent(socket: String)
    case transport(TransportError)
    /// It answered something that is no answer to this.
    case nonsense(WireError)

    public var summary: String {
        switch self {
        case .problem(let problem): problem.summary
        case .absent(let socket): "no control plane at \(socket)"
        case .transport(let error): "the control plane did not answer: \(error.summary)"
        case .nonsense(let error): error.summary
        }
    }

    public var remedy: String? {
        switch self {
        case .problem(let problem): problem.remedy
        case .absent: "`gameday up` starts one; `gameday demo` starts one with a mesh."
        case .transport: "See whether its process still runs; its log stands beside its ledger."
        case .nonsense: "Are both of the same version of gameday?"
        }
    }
}

/// Who serves at a socket.
public struct ControlPlaneHealth: Equatable, Sendable {
    public var process: Int
    public var version: String
    public var session: String?
}

/// The control plane's API, for dashboards, commands and other programs.
public struct ControlPlaneClient: Sendable {
    public let socket: String
    private let transport: any HTTPTransport

    public init(socket: String, transport: any HTTPTransport) {
        self.socket = socket
        self.transport = transport
    }

    public func health() async throws(ControlPlaneError) -> ControlPlaneHealth {
        try await ask(.health) { fields throws(WireError) in
            ControlPlaneHealth(
                process: try fields.integer("process"), version: try fields.string("version"),
                session: fields.value("session")?.string)
        }
    }

    /// The document that `gameday status --json` prints, as it came.
    public func status() async throws(ControlPlaneError) -> [UInt8] {
        try await exchange(.status)
    }

    /// All faults of the session, those that are over included, oldest first.
    public func faults() async throws(ControlPlaneError) -> [Fault] {
        let body = try await exchange(.faults)
        do throws(WireError) {
            let fields = WireFields(["faults": try Self.parse(body)], page: "faults")
            var faults: [Fault] = []
            for item in try fields.objects("faults") { faults.append(try Fault(item)) }
            return faults
        } catch {
            throw .nonsense(error)
        }
    }

    /// Returns when the proxies confirmed the fault.
    public func start(_ request: FaultRequest) async throws(ControlPlaneError) -> Fault {
        try await ask(.startFault, request.json) { fields throws(WireError) in try Fault(fields) }
    }

    /// Returns when the fault is seen gone, or is stuck: its phase says which.
    public func stop(_ id: String, by: String) async throws(ControlPlaneError) -> Fault {
        try await ask(.stopFault(id: id), ["by": .string(by)]) { fields throws(WireError) in try Fault(fields) }
    }

    /// Undoes everything and latches; the answer has a proof a proxy.
    public func halt(by: String, reason: String) async throws(ControlPlaneError) -> Halt {
        let body: JSON = ["by": .string(by), "reason": .string(reason)]
        return try await ask(.halt, body) { fields throws(WireError) in try Halt(fields) }
    }

    public func rearm(by: String) async throws(ControlPlaneError) -> Halt {
        try await ask(.rearm, ["by": .string(by)]) { fields throws(WireError) in try Halt(fields) }
    }

    public func note(_ note: Note) async throws(ControlPlaneError) {
        _ = try await exchange(.note, ["by": .string(note.by), "text": .string(note.text)])
    }

    /// Says that a dashboard goes on purpose, so that its faults live on under their leases.
    public func leave(watcher: String) async throws(ControlPlaneError) {
        _ = try await exchange(.leave(watcher: watcher))
    }

    /// Undoes everything and ends the control plane; the answer has a proof a proxy.
    public func shutdown(by: String) async throws(ControlPlaneError) -> Halt {
        try await ask(.shutdown, ["by": .string(by)]) { fields throws(WireError) in try Halt(fields) }
    }

    private func ask<Answer>(
        _ route: ControlPlaneRoute, _ body: JSON? = nil, _ read: (WireFields) throws(WireError) -> Answer
    ) async throws(ControlPlaneError) -> Answer {
        let bytes = try await exchange(route, body)
        do throws(WireError) {
            return try read(WireFields(try Self.parse(bytes), page: "answer"))
        } catch {
            throw .nonsense(error)
        }
    }

    private func exchange(_ route: ControlPlaneRoute, _ body: JSON? = nil) async throws(ControlPlaneError) -> [UInt8] {
        let response: HTTPResponse
        do {
            response = try await transport.send(request(route, body, deadline: .seconds(10)))
        } catch {
            throw self.error(error)
        }
        if response.status < 300 { return response.body }
        throw Self.problem(response)
    }

    func stream(_ route: ControlPlaneRoute) async throws(ControlPlaneError) -> HTTPStream {
        do {
            return try await transport.stream(request(route, nil, deadline: nil))
        } catch {
            throw self.error(error)
        }
    }

    private func request(_ route: ControlPlaneRoute, _ body: JSON?, deadline: Duration?) -> HTTPRequest {
        let headers = body == nil ? [] : [HTTPHeader("content-type", "application/json")]
        // The status of a thousand services is some megabytes.
        var request = HTTPRequest(
            route.method, "http://gameday" + route.path, headers: headers, body: body?.bytes, deadline: deadline,
            unixSocket: socket, largestBody: 256 << 20)
        request.acceptsCompression = false
        return request
    }

    private func error(_ error: TransportError) -> ControlPlaneError {
        if case .refused = error { return .absent(socket: socket) }
        return .transport(error)
    }

    private static func parse(_ bytes: [UInt8]) throws(WireError) -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw WireError(page: "answer", path: "", found: error.message)
        }
    }

    private static func problem(_ response: HTTPResponse) -> ControlPlaneError {
        do throws(WireError) {
            return .problem(try Problem(WireFields(try parse(response.body), page: "problem")))
        } catch {
            return .nonsense(WireError(page: "answer", path: "", found: "status \(response.status)"))
        }
    }
}
