extension MeshState {
    /// Judges an objective by the traffic of the last seconds.
    public func reading(of objective: Objective, at now: Timestamp) -> ObjectiveReading {
        guard let sample = services[objective.scope]?.sample(until: now) else {
            return ObjectiveReading(value: nil, isMet: nil, burnRate: nil, requests: 0)
        }
        return objective.reading(of: sample)
    }

    /// How a service does: its own answers, its objectives, and whether its proxy is heard.
    public func health(of service: ServiceName, at now: Timestamp) -> Health {
        guard let scope = services[service] else { return .unknown }
        if isStale(scope, at: now) { return .stale }
        let own = Health(of: scope.sample(until: now))
        guard own == .ok || own == .unknown else { return own }
        let isBroken = (session?.objectives ?? []).contains {
            $0.service == service && reading(of: $0, at: now).isMet == false
        }
        return isBroken ? .warn : own
    }

    public func health(of edge: Edge, at now: Timestamp) -> Health {
        guard let scope = edges[edge] else { return .unknown }
        return isStale(scope, at: now) ? .stale : Health(of: scope.sample(until: now))
    }

    /// Nothing was heard for more than three looks at who tells of it.
    public func isStale(_ scope: ScopeState, at now: Timestamp) -> Bool {
        guard let age = scope.age(at: now) else { return false }
        let usual = session?.pollInterval ?? 1
        return age > ScopeState.patience(pace: scope.source.map { pace(of: $0) } ?? usual)
    }

    /// Seconds between two looks at a source.
    public func pace(of source: String) -> Double {
        sources[source]?.report.interval ?? session?.pollInterval ?? 1
    }

    /// How many requests a fault hit since its proxies confirmed it, within the last seconds.
    /// Nil while there is no poll that lies wholly after the confirmation, and again some seconds after its end. Of a fault
    /// that need not be counted only hits say anything: none may mean that nobody counts.
    public func seen(of fault: Fault) -> SeenShare? {
        guard let accepted = fault.acceptedAt, let scope = edges[fault.edge] else { return nil }
        guard let seen = scope.sample(since: accepted, until: fault.endedAt)?.seen(of: fault.kind) else { return nil }
        return fault.evidence == .counted || seen.hit > 0 ? seen : nil
    }

    /// The proxies of a service that have been away for so long that a fault can do without them. One that was heard
    /// some seconds ago may only be late, and would get no fault that it should have.
    public func absentSources(of service: ServiceName, at now: Timestamp) -> [SourceReport] {
        absentSources(at: now) { $0.service == service }
    }

    /// The same of whichever sources are meant.
    public func absentSources(at now: Timestamp, where isMeant: (SourceReport) -> Bool) -> [SourceReport] {
        sources.values.filter { source in
            guard source.report.state != .fresh, isMeant(source.report) else { return false }
            let patience = max(10, 5 * pace(of: source.report.name))
            let since = source.heardAt ?? session?.startedAt
            return since.map { now.seconds(since: $0) > patience } ?? false
        }.map(\.report).sorted { $0.name < $1.name }
    }

    /// Seconds since the oldest of the sources that should be fresh was heard; nil before the first.
    public func dataAge(at now: Timestamp) -> Double? {
        let tellers = sources.values.filter(\.report.kind.tellsTraffic)
        return (tellers.isEmpty ? Array(sources.values) : tellers).compactMap(\.heardAt).map {
            max(0, now.seconds(since: $0))
        }.max()
    }

    /// Why nothing is known of any traffic: what the first of the sources says that should tell; nil while one does.
    public var whySilent: String? {
        let tellers = sources.values.map(\.report).filter(\.kind.tellsTraffic)
        let asked = tellers.isEmpty ? sources.values.map(\.report) : tellers
        guard !asked.contains(where: { $0.state == .fresh }) else { return nil }
        return asked.sorted { $0.name < $1.name }.lazy.compactMap(\.explanation).first
    }

    /// For how many seconds more than half of the sources have been silent; nil before the first was heard. One with a
    /// pace of its own is silent once it is due.
    public func silence(at now: Timestamp) -> Double? {
        let ages = sources.values.filter(\.report.kind.tellsTraffic).compactMap { source in
            source.heardAt.map { max(0, now.seconds(since: $0) - (source.report.interval ?? 0)) }
        }.sorted(by: >)
        return ages.isEmpty ? nil : ages[ages.count / 2]
    }
}
