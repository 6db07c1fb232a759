public import MeshModel

/// Why the control plane did not do what it was asked.
public enum ControlPlaneError: Explained, Equatable {
    /// It was not reached.
    case unreachable(TransportError)
    /// It may be there; its socket is another user's, or could be.
    case barred(TransportError)
    /// It answered that it can't or won't.
    case refused(Problem)
    /// Its answer makes no sense: another version, perhaps.
    case garbled(WireError)

    /// Why there was no answer.
    init(_ error: TransportError) {
        switch error {
        case .denied, .foreign, .exposed: self = .barred(error)
        default: self = .unreachable(error)
        }
    }

    public var summary: String {
        switch self {
        case .barred(let error): error.summary
        case .unreachable(let error):
            error.isAbsence ? "No control plane is running" : "No answer from the control plane: \(error.summary)"
        case .refused(let problem): problem.summary
        case .garbled(let error): error.summary
        }
    }

    public var remedy: String? {
        switch self {
        case .barred(let error): error.remedy
        case .unreachable(let error):
            error.isAbsence ? "Run `gameday up` to start one. (\(error.summary).)" : error.remedy
        case .refused(let problem): problem.remedy
        case .garbled: "Use the same version of gameday on both sides."
        }
    }
}

/// The control plane's API as functions, over its Unix socket.
public struct ControlPlaneClient: Sendable {
    /// The status of some thousand services is some megabytes.
    private static let largestAnswer = 256 << 20

    private let socket: String
    private let transport: any HTTPTransport
    private let token: String?

    /// `socket` is the path of the control plane's Unix socket. A program of a run gives the run's token, so that what
    /// it does is the run's.
    public init(socket: String, transport: any HTTPTransport, token: String? = nil) {
        self.socket = socket
        self.transport = transport
        self.token = token
    }

    /// Process, version and session of the one who serves.
    public func health() async throws(ControlPlaneError) -> JSON {
        try await ask(.health, deadline: .seconds(2))
    }

    /// Everything known, as `gameday status --json` prints it.
    public func status() async throws(ControlPlaneError) -> JSON {
        try await ask(.status)
    }

    /// The faults of the session.
    public func faults() async throws(ControlPlaneError) -> [Fault] {
        try faults(in: await ask(.faults()))
    }

    /// The faults that are not over; they can be had whenever a halt can.
    public func openFaults() async throws(ControlPlaneError) -> [Fault] {
        try faults(in: await askFirst(.faults(onlyOpen: true)))
    }

    private func faults(in json: JSON) throws(ControlPlaneError) -> [Fault] {
        let list: JSON = json.array == nil ? json : ["faults": json]
        return try read(list) { (fields) throws(WireError) in
            var faults: [Fault] = []
            for item in try fields.objects("faults") { faults.append(try Fault(item)) }
            return faults
        }
    }

    /// What can be injected on an edge, or why not; nearest to the traffic first.
    public func abilities(on edge: Edge) async throws(ControlPlaneError) -> [FaultAbility] {
        let list = try await ask(.abilities(from: edge.from.text, to: edge.to.text))
        return try read(["abilities": list]) { (fields) throws(WireError) in
            var abilities: [FaultAbility] = []
            for item in try fields.objects("abilities") { abilities.append(try FaultAbility(item)) }
            return abilities
        }
    }

    /// What protects an edge: `protection`, and `sentences` for people. The caller's proxies are asked.
    public func protection(of edge: Edge) async throws(ControlPlaneError) -> JSON {
        try await ask(.protection(from: edge.from.text, to: edge.to.text), deadline: .seconds(10))
    }

    /// What the caller's proxies logged of an edge last, or what of it failed. They are read for this.
    public func log(of edge: Edge, onlyFailing: Bool = false) async throws(ControlPlaneError) -> EdgeLog {
        let route = ControlPlaneRoute.log(from: edge.from.text, to: edge.to.text, onlyFailing: onlyFailing)
        return try read(await ask(route, deadline: .seconds(10))) { (fields) throws(WireError) in
            try EdgeLog(fields)
        }
    }

    /// Asks for a fault; the answer says what came of it so far.
    public func start(_ request: FaultRequest) async throws(ControlPlaneError) -> Fault {
        try read(await ask(.startFault, request.json)) { (fields) throws(WireError) in try Fault(fields) }
    }

    /// Ends a fault; the answer says whether that is proven.
    public func stop(_ id: String, by: String? = nil) async throws(ControlPlaneError) -> Fault {
        try read(await ask(.stopFault(id: id), by.map { ["by": .string($0)] }, deadline: .seconds(15))) {
            (fields) throws(WireError) in try Fault(fields)
        }
    }

    /// Gives up a fault whose end can't be proven; one that a proxy still shows is refused.
    public func forget(_ id: String, by: String) async throws(ControlPlaneError) -> Fault {
        try read(await ask(.forgetFault(id: id), ["by": .string(by)], deadline: .seconds(15))) {
            (fields) throws(WireError) in try Fault(fields)
        }
    }

    /// Changes the share or the lease of a fault that stands.
    public func change(_ id: String, _ change: FaultChange, by: String) async throws(ControlPlaneError) -> Fault {
        var body = change.json
        if case .object(let members) = body { body = .object(members + [JSON.Member("by", .string(by))]) }
        return try read(await ask(.changeFault(id: id), body, deadline: .seconds(15))) { (fields) throws(WireError) in
            try Fault(fields)
        }
    }

    /// Undoes every fault and lets none begin until somebody rearms; the answer holds a proof for each proxy. `isEnd`
    /// says that the control plane is to end next.
    public func halt(by: String, reason: String, isEnd: Bool = false) async throws(ControlPlaneError) -> Halt {
        let body: JSON = ["by": .string(by), "reason": .string(reason), "end": .bool(isEnd)]
        return try read(await askFirst(.halt, body, deadline: .seconds(15))) { (fields) throws(WireError) in
            try Halt(fields)
        }
    }

    /// Takes a halt back.
    public func rearm(by: String) async throws(ControlPlaneError) {
        _ = try await ask(.rearm, ["by": .string(by)])
    }

    /// Puts words on the timeline.
    public func note(_ note: Note) async throws(ControlPlaneError) {
        _ = try await ask(.note, note.json)
    }

    /// Leaves on purpose, so that a dashboard's going is no loss.
    public func leave(watcher: String) async throws(ControlPlaneError) {
        _ = try await ask(.leave(watcher: watcher), deadline: .seconds(1))
    }

    /// Undoes everything and ends the control plane.
    public func shutdown(by: String? = nil) async throws(ControlPlaneError) {
        _ = try await askFirst(.shutdown, by.map { ["by": .string($0)] }, deadline: .seconds(15))
    }

    /// The events after a number, without an end; the first is a key frame if that number is not held any more. Lines
    /// of a later version are left out. When the control plane is lost the events end, in order or with an error: then
    /// ask again, after the last number seen. Letting go of the events hangs up.
    public func events(
        after: UInt64? = nil, watcher: String? = nil
    ) async throws(ControlPlaneError) -> AsyncThrowingStream<Event, any Error> {
        let lines = try await lines(after: after, watcher: watcher)
        return AsyncThrowingStream { try await lines.nextEvent() }
    }

    /// The same with the lines of a later version, which are known by their numbers alone.
    func readings(
        after: UInt64?, watcher: String?
    ) async throws(ControlPlaneError) -> AsyncThrowingStream<EventWire.Reading, any Error> {
        let lines = try await lines(after: after, watcher: watcher)
        return AsyncThrowingStream { try await lines.next() }
    }

    private func lines(after: UInt64?, watcher: String?) async throws(ControlPlaneError) -> EventLines {
        let stream: HTTPStream
        do {
            stream = try await transport.stream(request(.events(after: after, watcher: watcher), nil, deadline: nil))
        } catch {
            throw ControlPlaneError(error)
        }
        let lines = EventLines(stream.chunks)
        guard stream.status == 200 else {
            let body = (try? await lines.rest()) ?? []
            throw .refused(Self.problem(status: stream.status, body))
        }
        return lines
    }

    private func request(
        _ route: ControlPlaneRoute, _ body: JSON?, deadline: Duration?, at socket: String? = nil
    ) -> HTTPRequest {
        var request = HTTPRequest(
            route.method, "http://gameday" + route.path, body: body?.bytes, deadline: deadline,
            unixSocket: socket ?? self.socket, largestBody: Self.largestAnswer)
        request.isOwnSocket = true
        if body != nil { request.headers = [HTTPHeader("Content-Type", "application/json")] }
        if let token { request.headers.append(HTTPHeader("Authorization", "Bearer " + token)) }
        request.acceptsCompression = false
        return request
    }

    /// Asks at the halt's own socket, where no other request is in the way; a control plane without one is asked as ever.
    private func askFirst(
        _ route: ControlPlaneRoute, _ body: JSON? = nil, deadline: Duration = .seconds(5)
    ) async throws(ControlPlaneError) -> JSON {
        do {
            return try await ask(route, body, deadline: deadline, at: ControlPlaneSocket.halt(of: socket))
        } catch {
            guard case .unreachable(.refused) = error else { throw error }
            return try await ask(route, body, deadline: deadline)
        }
    }

    func ask(
        _ route: ControlPlaneRoute, _ body: JSON? = nil, deadline: Duration = .seconds(5), at socket: String? = nil
    ) async throws(ControlPlaneError) -> JSON {
        let bytes = try await answer(route, body, deadline: deadline, at: socket)
        if bytes.isEmpty { return .null }
        do { return try JSON(parsing: bytes) } catch {
            throw .garbled(WireError(page: route.path, path: "", found: error.message))
        }
    }

    /// The body of a good answer.
    func answer(
        _ route: ControlPlaneRoute, _ body: JSON? = nil, deadline: Duration = .seconds(5), at socket: String? = nil
    ) async throws(ControlPlaneError) -> [UInt8] {
        let response: HTTPResponse
        do { response = try await transport.send(request(route, body, deadline: deadline, at: socket)) } catch {
            throw ControlPlaneError(error)
        }
        guard (200..<300).contains(response.status) else {
            throw .refused(Self.problem(status: response.status, response.body))
        }
        return response.body
    }

    func read<Value>(
        _ json: JSON, _ make: (WireFields) throws(WireError) -> Value
    ) throws(ControlPlaneError) -> Value {
        do { return try make(WireFields(json, page: "answer")) } catch { throw .garbled(error) }
    }

    /// Whatever came with the status: a problem document if it is one.
    private static func problem(status: Int, _ body: [UInt8]) -> Problem {
        if let json = try? JSON(parsing: body), let problem = try? Problem(WireFields(json, page: "problem")) {
            return problem
        }
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        return Problem(.internal, status: status, title: "Status \(status)", detail: text.isEmpty ? nil : text)
    }
}
