internal import MeshClient
internal import MeshModel

extension Server {
    /// The status; how to reach us over TCP is only for who came through the socket, so that no journal of an
    /// experiment ever holds the token.
    func status(for caller: Caller, strays: [Stray]) -> JSON {
        var status = StatusDocument.json(log.read { $0 }, at: clock.now())
        guard case .object(var members) = status else { return status }
        members.append(JSON.Member("elsewhere", .array(strays.map(\.json))))
        status = .object(members)
        guard caller == .owner(.socket), let address = loopback.address else { return status }
        members.append(JSON.Member("api", ["address": .string(address), "token": .string(tokens.session)]))
        status = .object(members)
        return status
    }

    /// The routes that experiments live by.
    func performMore(
        _ route: ControlPlaneRoute, body: JSON, for caller: Caller
    ) async throws(Problem) -> Answer {
        switch route {
        case .stopFaults(let from, let to):
            let edge = try edge(from, to)
            let stopped = await desk.stop(on: edge, run: caller.run, by: caller.run ?? by(body))
            return Answer.json(.array(stopped.map(\.json)))
        case .objective(let name):
            return try figure(of: name, "slos", "SLO") { Self.objective(name, $0, at: $1) }
        case .service(let name):
            return try figure(of: name, "services", "service") { state, now in
                let name = ServiceName(name)
                return state.services[name] == nil ? nil : StatusDocument.service(name, state, at: now)
            }
        case .edge(let from, let to):
            let edge = Edge(from: ServiceName(from), to: ServiceName(to))
            return try figure(of: "\(edge)", "edges", "edge") { state, now in
                state.edges[edge] == nil ? nil : StatusDocument.edge(edge, state, at: now)
            }
        case .abilities(let from, let to):
            let edge = Edge(from: ServiceName(from), to: ServiceName(to))
            return Answer.json(.array(await desk.tools.injector.abilities(at: .edge(edge)).map(\.json)))
        case .protection(let from, let to):
            return Answer.json(await protection(of: Edge(from: ServiceName(from), to: ServiceName(to))))
        case .log(let from, let to, let onlyFailing):
            let edge = Edge(from: ServiceName(from), to: ServiceName(to))
            return Answer.json(await logs.log(of: edge, onlyFailing: onlyFailing).json)
        case .experiments: return Answer.json(await catalogue())
        case .startExperiment:
            let wish = try wish(body, for: caller)
            return Answer.json(try await experiments.start(wish).json, status: 201)
        case .abortExperiment(let id):
            guard let run = await experiments.abort(id, by: by(body), because: "asked") else { throw .noRun }
            return Answer.json(run.json)
        case .journal(let id): return try await journal(of: id)
        default: throw .badRequest("unknown action")
        }
    }

    /// An objective with a word for people, which stands on the screen as what a probe found.
    private static func objective(_ name: String, _ state: MeshState, at now: Timestamp) -> JSON? {
        guard let objective = state.session?.objectives.first(where: { $0.name == name }),
            case .object(var members)? = StatusDocument.objective(name, state, at: now)
        else { return nil }
        let reading = state.reading(of: objective, at: now)
        let value = reading.value.map { value in
            switch objective.indicator {
            case .success: "\(GuardRails.plain(value * 100))%"
            case .latency: "\(GuardRails.plain(value)) ms"
            }
        }
        let verdict = reading.isMet.map { $0 ? ", met" : ", broken" } ?? ""
        members.append(JSON.Member("summary", .string((value ?? "unknown") + verdict)))
        return .object(members)
    }

    /// What the mesh answers is news for everybody who watches.
    private func protection(of edge: Edge) async -> JSON {
        let reports = await knowledge(edge)
        log.append(reports.map { .edge($0) })
        let now = clock.now()
        return log.read { state in
            [
                "from": .string(edge.from.text), "to": .string(edge.to.text),
                "protection": state.knowledge[edge]?.protection?.json ?? .null,
                "sentences": .array(EdgeSentences.lines(of: edge, in: state, at: now).map { .string($0) }),
            ]
        }
    }

    private func edge(_ from: String?, _ to: String?) throws(Problem) -> Edge? {
        switch (from, to) {
        case (let from?, let to?): return Edge(from: ServiceName(from), to: ServiceName(to))
        case (nil, nil): return nil
        default: throw .badRequest("an edge needs both from and to")
        }
    }

    private func figure(
        of name: String, _ list: String, _ what: String, _ find: (MeshState, Timestamp) -> JSON?
    ) throws(Problem) -> Answer {
        let now = clock.now()
        if let found = log.read({ find($0, now) }) { return Answer.json(found) }
        throw Problem(
            .notFound, status: 404, title: "unknown \(what)", detail: "no data for \(name)",
            remedy: "Run `gameday status --json` to list the \(list).")
    }

    private func catalogue() async -> JSON {
        let plans = await experiments.refresh()
        return log.read { state in
            [
                "catalogue": .array(plans.map(\.json)), "runs": .array(state.experiments.map(\.json)),
                "running": JSON(state.runningExperiment?.id),
            ]
        }
    }

    private func wish(_ body: JSON, for caller: Caller) throws(Problem) -> ExperimentWish {
        let request: ExperimentRequest
        do { request = try ExperimentRequest(WireFields(body, page: "request")) } catch {
            throw .badRequest(error.summary)
        }
        let what: ExperimentWish.What
        switch (request.name, request.path) {
        case (let name?, nil): what = .catalogue(name)
        case (nil, let path?):
            // Whoever has the token can run what the catalogue holds, and not whatever lies on the disk.
            guard caller == .owner(.socket) else { throw .badRequest("a path is accepted only over the Unix socket") }
            what = .path(path)
        default: throw .badRequest("an experiment needs either its name or its path")
        }
        return ExperimentWish(what: what, by: by(body), overridesGate: request.overridesGate)
    }

    private func journal(of id: String) async throws(Problem) -> Answer {
        guard let bytes = await experiments.journal(of: id) else { throw .noRun }
        return Answer(status: 200, contentType: "application/json", body: .bytes(bytes))
    }
}
