internal import MeshModel

/// How many requests the hosts of a callee had so far, by zone, and which zone is meant to have them: `locality`,
/// `priority` and `rq_total` of `/clusters?format=json`.
struct EnvoyZones: Equatable, Sendable {
    /// The zone of the hosts with the first priority; nil where there is no other zone behind it.
    private(set) var home: String?
    private(set) var requests: [String: UInt64] = [:]

    init(hosts: [JSON]) {
        var first: (priority: Int64, zone: String)?
        var zones: Set<String> = []
        for host in hosts {
            guard let zone = host["locality"]?["zone"]?.string, !zone.isEmpty else { continue }
            zones.insert(zone)
            let priority = host["priority"]?.integer ?? 0
            if first.map({ priority < $0.priority }) ?? true { first = (priority, zone) }
            requests[zone, default: 0] &+= Self.total(of: host)
        }
        // Zones of one priority share the requests; none of them stands in for another.
        let behind = hosts.contains { ($0["priority"]?.integer ?? 0) > (first?.priority ?? 0) }
        home = zones.count > 1 && behind ? first?.zone : nil
    }

    /// A value that is zero is left out.
    private static func total(of host: JSON) -> UInt64 {
        guard let stat = host["stats"]?.array?.first(where: { $0["name"]?.string == "rq_total" }) else { return 0 }
        return UInt64(stat["value"]?.string ?? "") ?? UInt64(max(0, stat["value"]?.integer ?? 0))
    }

    /// So many requests that went elsewhere, and none that went home, are no retry that tried another zone once.
    private static let least: UInt64 = 3

    /// Which zone has had the requests since an earlier look: home with the first that goes there. Nil while that is not
    /// clear.
    func serving(since earlier: EnvoyZones) -> EdgeServing? {
        guard let home else { return nil }
        // A host that began anew counts from zero.
        let new = requests.merging(earlier.requests) { now, before in now >= before ? now - before : now }
            .filter { requests[$0.key] != nil }
        if new[home] ?? 0 > 0 { return EdgeServing(home: home, zone: home) }
        guard let most = new.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), most.value >= Self.least else {
            return nil
        }
        return EdgeServing(home: home, zone: most.key)
    }
}
