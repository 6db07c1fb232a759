internal import FlyingFox
internal import FlyingSocks
internal import FoundationEssentials
internal import Glibc
internal import MeshClient
internal import MeshModel

/// The API over a Unix socket: every route of `ControlPlaneRoute`, answered from the log or by the desk.
struct Server: Sendable {
    /// A request's body is a few names and numbers; anything larger is a mistake.
    static let largestBody = 64 << 10

    let desk: FaultDesk
    let experiments: ExperimentDesk
    let brake: Brake
    let tokens: Tokens
    let loopback: Loopback
    let log: EventLog
    let watchers: Watchers
    let clock: DayClock
    let version: String
    /// The file that the session is recorded to, if it is.
    let recording: String?
    /// Asks the control plane to end, once the answer is on its way.
    let end: @Sendable () -> Void

    /// The server itself, not listening yet.
    func makeHTTPServer(at path: String) -> HTTPServer {
        makeHTTPServer(at: sockaddr_un.unix(path: path), .socket)
    }

    func makeHTTPServer(at address: some SocketAddress, _ door: Door) -> HTTPServer {
        let handler = ClosureHTTPHandler { request in await answer(request, at: door) }
        return HTTPServer(
            config: HTTPServer.Configuration(address: address, timeout: 30, logger: .disabled), handler: handler)
    }

    func answer(_ request: FlyingFox.HTTPRequest, at door: Door) async -> FlyingFox.HTTPResponse {
        let query = request.query.map { (name: $0.name, value: $0.value) }
        let method = request.method.rawValue
        guard let route = ControlPlaneRoute(method: method, path: request.path, query: query) else {
            return Self.problem(unknown(method, request.path))
        }
        do throws(Problem) {
            let caller = try caller(of: request, at: door)
            try caller.check(route)
            return try await perform(route, body: try await Self.body(of: request), for: caller)
        } catch {
            return Self.problem(error)
        }
    }

    private func perform(
        _ route: ControlPlaneRoute, body: JSON, for caller: Caller
    ) async throws(Problem) -> FlyingFox.HTTPResponse {
        switch route {
        case .health: return Self.json(health)
        case .status: return Self.json(status(for: caller, strays: await desk.strays))
        case .events(let after, let watcher): return feed(after: after, watcher: watcher)
        case .faults(let onlyOpen):
            return Self.json(.array(log.read { onlyOpen ? $0.activeFaults : $0.faults }.map(\.json)))
        case .startFault: return Self.json(try await start(body, for: caller).json, status: .created)
        case .stopFault(let id): return Self.json(try await desk.stop(id, by: by(body)).json)
        case .forgetFault(let id): return Self.json(try await desk.forget(id, by: by(body)).json)
        case .changeFault(let id): return Self.json(try await change(id, body).json)
        case .stopFaults, .objective, .service, .edge, .experiments, .startExperiment, .abortExperiment, .journal:
            return try await performMore(route, body: body, for: caller)
        case .halt:
            let reason = body["reason"]?.string ?? "asked"
            let isEnd = body["end"]?.bool ?? false
            return Self.json(await brake.halt(by: by(body), because: reason, isEnd: isEnd).json)
        case .rearm: return Self.json(await desk.rearm(by: by(body)).json)
        case .note: return try note(body)
        case .leave(let watcher):
            watchers.left(watcher)
            return FlyingFox.HTTPResponse(statusCode: .noContent)
        case .metrics:
            let text = MetricsPage.text(log.read { $0 })
            let type = [FlyingFox.HTTPHeader.contentType: "text/plain; version=0.0.4"]
            return FlyingFox.HTTPResponse(statusCode: .ok, headers: HTTPHeaders(type), body: Data(text.utf8))
        case .shutdown:
            let halt = await brake.halt(by: by(body), because: "the control plane ends", isEnd: true)
            end()
            return Self.json(halt.json)
        }
    }

    private var health: JSON {
        [
            "process": .integer(Int64(getpid())), "version": .string(version),
            "session": JSON(log.read { $0.session?.id }), "recording": JSON(recording),
        ]
    }

    private func feed(after: UInt64?, watcher: String?) -> FlyingFox.HTTPResponse {
        var watch: (@Sendable (EventFeed.Watch) -> Void)?
        if let watcher, !watcher.isEmpty {
            watch = { [watchers] sign in
                switch sign {
                case .began: watchers.began(watcher)
                case .ended: watchers.ended(watcher)
                }
            }
        }
        return FlyingFox.HTTPResponse(
            statusCode: .ok, headers: HTTPHeaders([.contentType: "application/jsonl"]),
            body: HTTPBodySequence(from: EventFeed(log: log, after: after, watch: watch)))
    }

    private func start(_ body: JSON, for caller: Caller) async throws(Problem) -> Fault {
        var request: FaultRequest
        do {
            request = try FaultRequest(WireFields(body, page: "request"))
        } catch {
            throw .badRequest(error.summary)
        }
        request.run = try caller.starter()
        if let run = request.run, request.by.isEmpty { request.by = run }
        return try await desk.start(request)
    }

    private func note(_ body: JSON) throws(Problem) -> FlyingFox.HTTPResponse {
        guard let text = body["text"]?.string, !text.isEmpty else { throw .badRequest("a note needs a text") }
        let word = body["kind"]?.string ?? Note.Kind.note.rawValue
        guard let kind = Note.Kind(rawValue: word) else {
            let known = Note.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("a note's kind is one of \(known)")
        }
        log.append([.note(Note(by: by(body), text: String(text.prefix(2000)), kind: kind))])
        return FlyingFox.HTTPResponse(statusCode: .noContent)
    }

    func by(_ body: JSON) -> String {
        guard let name = body["by"]?.string, !name.isEmpty else { return "somebody" }
        return String(name.prefix(200))
    }

    private func change(_ id: String, _ body: JSON) async throws(Problem) -> Fault {
        let change: FaultChange
        do { change = try FaultChange(WireFields(body, page: "request")) } catch { throw .badRequest(error.summary) }
        guard change != FaultChange() else { throw .badRequest("say what to change: share, or lease, or both") }
        return try await desk.alter(id, change, by: by(body))
    }

    private func unknown(_ method: String, _ path: String) -> Problem {
        let known = ["GET", "POST", "PATCH", "DELETE"].filter {
            ControlPlaneRoute(method: $0, path: path, query: []) != nil
        }
        if known.isEmpty {
            return Problem(.notFound, status: 404, title: "no such page", detail: "there is nothing at \(path)")
        }
        return Problem(
            .methodNotAllowed, status: 405, title: "wrong method",
            detail: "\(path) takes \(known.joined(separator: " and ")), not \(method)")
    }
}

extension Server {
    /// The body as JSON; an absent one is an empty object.
    private static func body(of request: FlyingFox.HTTPRequest) async throws(Problem) -> JSON {
        var bytes: [UInt8] = []
        do {
            for try await chunk in request.bodySequence {
                bytes.append(contentsOf: chunk)
                if bytes.count > largestBody { break }
            }
        } catch {
            throw .badRequest("the body could not be read")
        }
        guard bytes.count <= largestBody else {
            throw Problem(.badRequest, status: 413, title: "the body is too large", detail: "64 KiB is the most")
        }
        if bytes.isEmpty { return [:] }
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw .badRequest("the body is no JSON at byte \(error.offset): \(error.message)")
        }
    }

    static func json(_ json: JSON, status: HTTPStatusCode = .ok) -> FlyingFox.HTTPResponse {
        let headers = HTTPHeaders([.contentType: "application/json"])
        return FlyingFox.HTTPResponse(statusCode: status, headers: headers, body: Data(json.bytes + [0x0A]))
    }

    private static func problem(_ problem: Problem) -> FlyingFox.HTTPResponse {
        let headers = HTTPHeaders([.contentType: Problem.contentType])
        return FlyingFox.HTTPResponse(
            statusCode: HTTPStatusCode(problem.status, phrase: problem.kind.rawValue), headers: headers,
            body: Data(problem.json.bytes + [0x0A]))
    }
}
