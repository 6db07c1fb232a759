import MeshModel

/// Gives everything that bears a name another one, the same each time, so that a day can be shown to strangers.
/// Words of people go altogether: nobody knows what stands in them.
struct NameAliases {
    private var services: [String: String] = [:]
    private var sources: [String: String] = [:]
    private var people: [String: String] = [:]
    private var objectives: [String: String] = [:]
    private var experiments: [String: String] = [:]
    private var zones: [String: String] = [:]
    private var hosts: [String: String] = [:]

    private static func name(_ real: String, _ word: String, _ known: inout [String: String]) -> String {
        if let alias = known[real] { return alias }
        let alias = "\(word)-\(known.count + 1)"
        known[real] = alias
        return alias
    }

    mutating func service(_ name: ServiceName) -> ServiceName {
        if let objective = Objective.name(ofScope: name) {
            return Objective.scope(ofQuery: Self.name(objective, "objective", &objectives))
        }
        return ServiceName(Self.name(name.text, "service", &services))
    }

    /// A source which is named after its service keeps that likeness.
    mutating func source(_ name: String) -> String {
        services[name] ?? Self.name(name, "source", &sources)
    }

    mutating func experiment(_ file: String) -> String { Self.name(file, "experiment", &experiments) }

    mutating func person(_ name: String) -> String { Self.name(name, "person", &people) }

    mutating func edge(_ edge: Edge) -> Edge { Edge(from: service(edge.from), to: service(edge.to)) }

    mutating func alias(_ observation: Observation) -> Observation {
        switch observation {
        case .session(let session): return .session(alias(session))
        case .source(let report): return .source(alias(report))
        case .traffic(let report): return .traffic(alias(report))
        case .edge(let report): return .edge(alias(report))
        case .fault(let fault): return .fault(alias(fault))
        case .halt(let halt): return .halt(alias(halt))
        case .note(let note): return .note(Note(by: person(note.by), text: "(a note)", kind: note.kind))
        case .experiment(let report): return .experiment(alias(report))
        case .catalogue(let plans): return .catalogue(plans.map { alias($0) })
        case .recording(let status): return .recording(alias(status))
        case .beat(let cost): return .beat(cost)
        case .keyframe(let state): return .keyframe(alias(state))
        }
    }

    private func alias(_ status: RecordingStatus) -> RecordingStatus {
        RecordingStatus(status.phase, bytes: status.bytes, lost: status.lost)
    }

    mutating func alias(_ session: Session) -> Session {
        var session = session
        session.id = "session"
        session.name = "the mesh"
        session.entrance = session.entrance.map { service($0) }
        session.objectives = session.objectives.map { alias($0) }
        session.guards = session.guards.map { alias($0) }
        session.protected = Set(session.protected.sorted().map { service($0) })
        return session
    }

    private mutating func alias(_ objective: Objective) -> Objective {
        Objective(
            name: Self.name(objective.name, "objective", &objectives), service: service(objective.service),
            indicator: objective.indicator, window: objective.window, budgetAtStart: objective.budgetAtStart,
            query: objective.query.map { Objective.Query("(a query)", factor: $0.factor) })
    }

    private mutating func alias(_ guardRail: Guard) -> Guard {
        switch guardRail {
        case .broken(let name, let seconds):
            .broken(objective: Self.name(name, "objective", &objectives), seconds: seconds)
        case .stale, .duration, .blastRadius: guardRail
        case .budget(let name, let floor): .budget(objective: Self.name(name, "objective", &objectives), floor: floor)
        }
    }

    private mutating func alias(_ watch: Watch) -> Watch {
        var aliased = Watch()
        for (objective, track) in watch.tracks { aliased.tracks[alias(objective)] = track }
        aliased.spell = watch.spell
        aliased.spell?.baselines = [:]
        for (scope, baseline) in watch.spell?.baselines ?? [:] { aliased.spell?.baselines[alias(scope)] = baseline }
        for (fault, sources) in watch.sightings {
            for (source, seen) in sources { aliased.sightings[fault, default: [:]][self.source(source)] = seen }
        }
        for (edge, acting) in watch.acting { aliased.acting[self.edge(edge)] = acting }
        for (source, polls) in watch.flatPolls { aliased.flatPolls[self.source(source)] = polls }
        return aliased
    }

    private mutating func alias(_ scope: Scope) -> Scope {
        switch scope {
        case .service(let name): .service(service(name))
        case .edge(let edge): .edge(self.edge(edge))
        }
    }

    private mutating func alias(_ report: SourceReport) -> SourceReport {
        var report = report
        report.service = report.service.map { service($0) }
        report.callee = report.callee.map { service($0) }
        report.zone = nil
        report.name = source(report.name)
        report.endpoint = ""
        report.explanation = report.explanation.map { _ in "(a reason)" }
        return report
    }

    private mutating func alias(_ report: TrafficReport) -> TrafficReport {
        let service = service(report.service)
        return TrafficReport(
            source: source(report.source), service: service, inbound: report.inbound,
            outbound: report.outbound.map { TrafficReport.Outbound(to: self.service($0.to), sample: $0.sample) },
            restarted: report.restarted)
    }

    /// Versions stay, and zones and addresses are names of the place.
    private mutating func alias(_ report: EdgeReport) -> EdgeReport {
        var report = report
        report.source = source(report.source)
        report.edge = edge(report.edge)
        for place in report.parts.indices {
            report.parts[place].zone = report.parts[place].zone.map { Self.name($0, "zone", &zones) }
        }
        report.serving = report.serving.map { serving in
            EdgeServing(home: Self.name(serving.home, "zone", &zones), zone: Self.name(serving.zone, "zone", &zones))
        }
        report.ejected = report.ejected?.map { Self.name($0, "host", &hosts) }
        report.policy = report.policy.map { alias($0) }
        return report
    }

    /// Modes and weights stay; the names of objects are names of the mesh.
    private mutating func alias(_ policy: EdgePolicy) -> EdgePolicy {
        var policy = policy
        for place in policy.mutual.indices {
            policy.mutual[place].source = policy.mutual[place].source.map { source($0) }
        }
        policy.waypoint = policy.waypoint.map { source($0) }
        policy.waypointTrouble = policy.waypointTrouble.map { _ in "(a reason)" }
        for place in policy.routes.indices {
            policy.routes[place].name = source(policy.routes[place].name)
            policy.routes[place].matches = policy.routes[place].matches.map { _ in "(some requests)" }
            policy.routes[place].shares = policy.routes[place].shares.map {
                EdgeProtection.Share(name: service(ServiceName($0.name)).text, weight: $0.weight)
            }
        }
        policy.unknown = policy.unknown.map { _ in "(a reason)" }
        return policy
    }

    private mutating func alias(_ fault: Fault) -> Fault {
        var fault = fault
        fault.edge = edge(fault.edge)
        fault.by = person(fault.by)
        fault.sources = fault.sources.map { source($0) }
        fault.missing = fault.missing.map { source($0) }
        fault.explanation = fault.explanation.map { _ in "(a reason)" }
        return fault
    }

    private mutating func alias(_ halt: Halt) -> Halt {
        Halt(
            isLatched: halt.isLatched, by: person(halt.by), reason: halt.reason.isEmpty ? "" : "(a reason)",
            proofs: halt.proofs.map { Halt.Proof(source: source($0.source), isClean: $0.isClean) }, isEnd: halt.isEnd)
    }

    /// The story of a state is words already, names among them, so it is left out.
    private mutating func alias(_ state: MeshState) -> MeshState {
        var aliased = MeshState()
        aliased.session = state.session.map { alias($0) }
        for (name, scope) in state.services { aliased.services[service(name)] = scope }
        for (edge, scope) in state.edges { aliased.edges[self.edge(edge)] = scope }
        for report in state.knowledge.values.flatMap(\.reports.values) {
            let report = alias(report)
            aliased.knowledge[report.edge, default: EdgeKnowledge()].reports[report.source] = report
        }
        for status in state.sources.values {
            let report = alias(status.report)
            aliased.sources[report.name] = MeshState.SourceStatus(report: report, heardAt: status.heardAt)
        }
        aliased.experiments = state.experiments.map { alias($0) }
        aliased.catalogue = state.catalogue.map { alias($0) }
        aliased.faults = state.faults.map { alias($0) }
        aliased.halt = state.halt.map { alias($0) }
        aliased.recording = state.recording.map { alias($0) }
        for (objective, isMet) in state.verdicts { aliased.verdicts[alias(objective)] = isMet }
        aliased.watch = alias(state.watch)
        aliased.lastNumber = state.lastNumber
        aliased.lastAt = state.lastAt
        return aliased
    }
}
