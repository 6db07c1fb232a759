/// Whom a fault on an edge would touch, said before it is fired.
public struct BlastRadius: Equatable, Sendable {
    /// Requests a second that cross the edge now; nil when unknown.
    public var edgeRate: Double?
    /// Of these, how many the fault would hit.
    public var hitRate: Double?
    /// `hitRate` as a share of what enters by the entrance, 0...1; nil when the entrance is unknown or silent.
    public var shareOfEntrance: Double?
    /// The services that reach the edge, nearest first: they may see the effect.
    public var upstream: [ServiceName]
    /// The services behind the edge, nearest first: they may get less traffic.
    public var downstream: [ServiceName]
    /// What each of those upstream would feel, by the edge it calls along; the fault's own edge among them.
    public var felt: [Edge: Felt] = [:]

    /// How much of an edge's traffic a fault would touch, if calls are spread evenly.
    public struct Felt: Equatable, Sendable {
        /// Requests a second.
        public var rate: Double
        /// Of all that cross the edge, 0...1.
        public var share: Double

        public init(rate: Double, share: Double) {
            self.rate = rate
            self.share = share
        }
    }
}

extension MeshState {
    /// The blast radius of a kind of fault on an edge: one that is done to the callee hits all who call it.
    public func blastRadius(
        of kind: FaultKind, on edge: Edge, share: Double, at now: Timestamp
    ) -> BlastRadius {
        blastRadius(of: edge, share: share, isOfCallee: kind.description?.isOfCallee == true, at: now)
    }

    /// The blast radius of hitting `share` (0...1) of an edge's requests, or of all that its callee gets, from the
    /// traffic of the last seconds.
    public func blastRadius(
        of edge: Edge, share: Double, isOfCallee: Bool = false, at now: Timestamp
    ) -> BlastRadius {
        let hits = isOfCallee ? edges.keys.filter { $0.to == edge.to }.sorted() : [edge]
        let rates = hits.reduce(into: [Edge: Double]()) { $0[$1] = edges[$1]?.sample(until: now)?.requestRate }
        let rate = rates.isEmpty ? nil : rates.values.reduce(0, +)
        let hit = rate.map { $0 * share }
        let entering = session?.entrance.flatMap { services[$0]?.sample(until: now)?.requestRate }
        let portion = hit.flatMap { hit in entering.flatMap { $0 > 0 ? min(1, hit / $0) : nil } }
        var callers: [ServiceName: [ServiceName]] = [:]
        var callees: [ServiceName: [ServiceName]] = [:]
        for known in edges.keys {
            callers[known.to, default: []].append(known.from)
            callees[known.from, default: []].append(known.to)
        }
        let upstream = Self.reach(from: isOfCallee ? hits.map(\.from) : [edge.from], by: callers)
        return BlastRadius(
            edgeRate: rate, hitRate: hit, shareOfEntrance: portion, upstream: upstream,
            downstream: Self.reach(from: [edge.to], by: callees),
            felt: felt(along: upstream, callers, hitting: rates, share: share, at: now))
    }

    /// The share of what enters by the entrance that faults hit now, 0...1: by the proxies' own counters, and where
    /// nothing counts a fault, as much as it was asked for. Nil when the entrance is not known or not heard.
    public func observedBlast(at now: Timestamp) -> Double? {
        guard let entering = session?.entrance.flatMap({ services[$0]?.sample(until: now)?.requestRate }) else {
            return nil
        }
        let uncounted = faults.filter { !$0.phase.isOver && $0.evidence != .counted }
        let shares = Dictionary(uncounted.map { ($0.edge, $0.share) }, uniquingKeysWith: max)
        let hit = edges.reduce(0.0) { sum, item in
            let (edge, scope) = item
            guard let sample = scope.sample(until: now), sample.completed > 0, let rate = sample.requestRate else {
                return sum
            }
            let counted = Double(sample.hits) / Double(sample.completed)
            return sum + rate * min(1, max(counted, shares[edge] ?? 0))
        }
        return hit > 0 ? (entering > 0 ? min(1, hit / entering) : 1) : 0
    }

    /// Walks from the fault to those who call, nearest first: of a caller's requests as many fail as of its calls.
    private func felt(
        along upstream: [ServiceName], _ callers: [ServiceName: [ServiceName]], hitting rates: [Edge: Double],
        share: Double, at now: Timestamp
    ) -> [Edge: BlastRadius.Felt] {
        var felt = rates.mapValues { BlastRadius.Felt(rate: $0 * share, share: share) }
        var failing: [ServiceName: Double] = [:]
        for (edge, rate) in rates { failing[edge.from, default: 0] += rate * share }
        for name in upstream {
            guard let failed = failing[name], let entering = services[name]?.sample(until: now)?.requestRate,
                entering > 0
            else { continue }
            let share = min(1, failed / entering)
            for caller in callers[name] ?? [] {
                let way = Edge(from: caller, to: name)
                guard felt[way] == nil, let rate = edges[way]?.sample(until: now)?.requestRate else { continue }
                felt[way] = BlastRadius.Felt(rate: rate * share, share: share)
                failing[caller, default: 0] += rate * share
            }
        }
        return felt
    }

    private static func reach(from starts: [ServiceName], by next: [ServiceName: [ServiceName]]) -> [ServiceName] {
        var seen: Set<ServiceName> = []
        var order = starts.filter { seen.insert($0).inserted }
        var at = 0
        while at < order.count {
            for name in (next[order[at]] ?? []).sorted() where seen.insert(name).inserted { order.append(name) }
            at += 1
        }
        return order
    }
}
