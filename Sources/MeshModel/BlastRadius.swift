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
}

extension MeshState {
    /// The blast radius of hitting `share` (0...1) of an edge's requests, from the traffic of the last seconds.
    public func blastRadius(of edge: Edge, share: Double, at now: Timestamp) -> BlastRadius {
        let rate = edges[edge]?.sample(until: now)?.requestRate
        let hit = rate.map { $0 * share }
        let entering = session?.entrance.flatMap { services[$0]?.sample(until: now)?.requestRate }
        let portion = hit.flatMap { hit in entering.flatMap { $0 > 0 ? min(1, hit / $0) : nil } }
        var callers: [ServiceName: [ServiceName]] = [:]
        var callees: [ServiceName: [ServiceName]] = [:]
        for known in edges.keys {
            callers[known.to, default: []].append(known.from)
            callees[known.from, default: []].append(known.to)
        }
        return BlastRadius(
            edgeRate: rate, hitRate: hit, shareOfEntrance: portion,
            upstream: Self.reach(from: edge.from, by: callers),
            downstream: Self.reach(from: edge.to, by: callees))
    }

    private static func reach(from start: ServiceName, by next: [ServiceName: [ServiceName]]) -> [ServiceName] {
        var order = [start]
        var seen: Set<ServiceName> = [start]
        var at = 0
        while at < order.count {
            for name in (next[order[at]] ?? []).sorted() where seen.insert(name).inserted { order.append(name) }
            at += 1
        }
        return order
    }
}
