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
    /// Asks the mesh what protects an edge.
    let knowledge: @Sendable (Edge) async -> [EdgeReport]
    /// Reads the access logs of the mesh.
    let logs: LogDesk
    let watchers: Watchers
    let clock: DayClock
    let version: String
    /// The file that the session is recorded to, if it is.
    let recording: String?
    /// Asks the control plane to end, once the answer is on its way.
    let end: @Sendable () -> Void

    /// Does what is asked for and tells what came of it.
    func answer(_ errand: Visit.Errand, body: [UInt8]) async -> Answer {
        do throws(Problem) {
            return try await perform(errand.route.get(), body: Self.json(of: body), for: errand.caller)
        } catch {
            return .problem(error)
        }
    }

    private func perform(
        _ route: ControlPlaneRoute, body: JSON, for caller: Caller
    ) async throws(Problem) -> Answer {
        switch route {
        case .health: return Answer.json(health)
        case .status: return Answer.json(status(for: caller, strays: await desk.strays))
        case .events(let after, let watcher): return feed(after: after, watcher: watcher)
        case .faults(let onlyOpen):
            return Answer.json(.array(log.read { onlyOpen ? $0.activeFaults : $0.faults }.map(\.json)))
        case .startFault: return Answer.json(try await start(body, for: caller).json, status: 201)
        case .stopFault(let id): return Answer.json(try await desk.stop(id, by: by(body)).json)
        case .forgetFault(let id): return Answer.json(try await desk.forget(id, by: by(body)).json)
        case .changeFault(let id): return Answer.json(try await change(id, body).json)
        case .stopFaults, .objective, .service, .edge, .abilities, .protection, .log, .experiments, .startExperiment,
            .abortExperiment, .journal:
            return try await performMore(route, body: body, for: caller)
        case .halt:
            let reason = body["reason"]?.string ?? "asked"
            let isEnd = body["end"]?.bool ?? false
            return Answer.json(await brake.halt(by: by(body), because: reason, isEnd: isEnd).json)
        case .rearm: return Answer.json(await desk.rearm(by: by(body)).json)
        case .note: return try note(body)
        case .leave(let watcher):
            watchers.left(watcher)
            return .noContent
        case .metrics:
            let text = MetricsPage.text(log.read { $0 })
            return Answer(status: 200, contentType: "text/plain; version=0.0.4", body: .bytes(Array(text.utf8)))
        case .shutdown:
            let halt = await brake.halt(by: by(body), because: "the control plane is ending", isEnd: true)
            end()
            return Answer.json(halt.json)
        }
    }

    private var health: JSON {
        [
            "process": .integer(Int64(getpid())), "version": .string(version),
            "session": JSON(log.read { $0.session?.id }), "recording": JSON(recording),
        ]
    }

    private func feed(after: UInt64?, watcher: String?) -> Answer {
        var watch: (@Sendable (EventFeed.Watch) -> Void)?
        if let watcher, !watcher.isEmpty {
            watch = { [watchers] sign in
                switch sign {
                case .began: watchers.began(watcher)
                case .ended: watchers.ended(watcher)
                }
            }
        }
        return Answer(
            status: 200, contentType: "application/jsonl",
            body: .feed(EventFeed(log: log, after: after, watch: watch)))
    }

    private func start(_ body: JSON, for caller: Caller) async throws(Problem) -> Fault {
        var request: FaultRequest
        do {
            request = try FaultRequest(asked: WireFields(body, page: "request"))
        } catch {
            throw .badRequest(error.summary)
        }
        request.run = try caller.starter()
        if let run = request.run, request.by.isEmpty { request.by = run }
        return try await desk.start(request)
    }

    private func note(_ body: JSON) throws(Problem) -> Answer {
        guard let text = body["text"]?.string, !text.isEmpty else { throw .badRequest("a note needs a text") }
        let word = body["kind"]?.string ?? Note.Kind.note.rawValue
        guard let kind = Note.Kind(rawValue: word) else {
            let known = Note.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("a note's kind is one of \(known)")
        }
        log.append([.note(Note(by: by(body), text: String(text.prefix(2000)), kind: kind))])
        return .noContent
    }

    func by(_ body: JSON) -> String {
        guard let name = body["by"]?.string, !name.isEmpty else { return "somebody" }
        return String(name.prefix(200))
    }

    private func change(_ id: String, _ body: JSON) async throws(Problem) -> Fault {
        let change: FaultChange
        do { change = try FaultChange(WireFields(body, page: "request")) } catch { throw .badRequest(error.summary) }
        guard change != FaultChange() else { throw .badRequest("give the change: share, lease, or both") }
        return try await desk.alter(id, change, by: by(body))
    }

    private func unknown(_ method: String, _ path: String) -> Problem {
        let known = ["GET", "POST", "PATCH", "DELETE"].filter {
            ControlPlaneRoute(method: $0, target: path) != nil
        }
        if known.isEmpty {
            return Problem(.notFound, status: 404, title: "unknown path", detail: "unknown path \(path)")
        }
        return Problem(
            .methodNotAllowed, status: 405, title: "wrong method",
            detail: "\(path) accepts \(known.joined(separator: " and ")), not \(method)")
    }
}

extension Server {
    /// What the request is for, by who asks and where.
    func route(of head: RequestHead, for caller: Caller, at door: Door) -> Result<ControlPlaneRoute, Problem> {
        guard let route = ControlPlaneRoute(method: head.method, target: head.target) else {
            return .failure(unknown(head.method, String(head.target.prefix { $0 != "?" }.prefix(200))))
        }
        do throws(Problem) {
            try caller.check(route)
            try door.check(route)
            return .success(route)
        } catch {
            return .failure(error)
        }
    }

    /// The body as JSON; an absent one is an empty object.
    private static func json(of body: [UInt8]) throws(Problem) -> JSON {
        if body.isEmpty { return [:] }
        do {
            return try JSON(parsing: body)
        } catch {
            throw .badRequest("the body is invalid JSON at byte \(error.offset): \(error.message)")
        }
    }
}
