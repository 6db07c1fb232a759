internal import MeshModel

extension EnvoyShapeReading {
    /// What a gate is to the service.
    private enum Way: Equatable {
        /// Into the service, or into a front proxy, whose requests go on from there.
        case inbound
        case outbound
        case none(String)
    }

    mutating func sortGates() {
        var ways = outline.gates.map { way(of: $0) }
        let hasLocal = outline.gates.contains { !locals(of: $0).isEmpty }
        for place in ways.indices where ways[place] == .inbound {
            // With the service itself behind another listener, what leads elsewhere leads out, whatever it is called.
            let gate = outline.gates[place]
            if hasLocal, !callees(of: gate).isEmpty, locals(of: gate).isEmpty { ways[place] = .outbound }
        }
        // A front proxy may say of its entrance that it leads out, as indeed it does.
        if !ways.contains(.inbound) {
            for place in ways.indices where ways[place] == .outbound && outline.gates[place].isCalledEntrance {
                ways[place] = .inbound
            }
        }
        for (gate, way) in zip(outline.gates, ways) {
            if case .none(let reason) = way { leftOut.append(.init("listener \(gate.listener)", reason)) }
        }
        let gates = zip(outline.gates, ways).map { (gate: $0, isInbound: $1 == .inbound, isOutbound: $1 == .outbound) }
        decideRole(gates.filter(\.isInbound).map(\.gate), gates.filter(\.isOutbound).map(\.gate), hasLocal: hasLocal)
        measureInbound(gates.filter(\.isInbound).map(\.gate), others: gates.filter { !$0.isInbound }.map(\.gate))
        addEdges(gates.filter(\.isOutbound).map(\.gate), all: outline.gates)
        addFaultPoints(gates.filter(\.isInbound).map(\.gate), gates.filter(\.isOutbound).map(\.gate))
        attributeFaults()
        for cluster in kinds.keys.sorted() {
            if case .plumbing(let reason) = kinds[cluster] { leftOut.append(.init("cluster \(cluster)", reason)) }
        }
    }

    func locals(of gate: EnvoyGate) -> [String] {
        gate.clusters.filter { if case .local = kinds[$0] { true } else { false } }.sorted()
    }

    func callees(of gate: EnvoyGate) -> Set<ServiceName> {
        Set(gate.clusters.compactMap { if case .callee(let to, _, _) = kinds[$0] { to } else { nil } })
    }

    private func way(of gate: EnvoyGate) -> Way {
        if !callees(of: gate).isEmpty { return gate.looksOutbound ? .outbound : .inbound }
        if !locals(of: gate).isEmpty { return .inbound }
        if gate.clusters.isEmpty, gate.answersItself, gate.isHTTP, !gate.looksOutbound, !EnvoyPlumbing.isSideDoor(gate)
        {
            return .inbound
        }
        return .none(
            gate.clusters.isEmpty
                ? "it leads to no cluster" : "it leads to \(gate.clusters.sorted().joined(separator: ", ")) only")
    }

    private mutating func decideRole(_ inbound: [EnvoyGate], _ outbound: [EnvoyGate], hasLocal: Bool) {
        if let gate = inbound.first(where: { !callees(of: $0).isEmpty }) {
            role = .init(.frontProxy, "listener \(gate.listener) accepts requests and forwards them to other services")
        } else if let gate = inbound.first {
            role = .init(.sidecar, "listener \(gate.listener) leads to the service itself")
        } else if !outbound.isEmpty {
            role = .init(.egress, "it has outbound listeners only")
        }
    }

    private mutating func measureInbound(_ gates: [EnvoyGate], others: [EnvoyGate]) {
        guard !outline.gates.isEmpty else {
            names.guessesInbound = true
            return
        }
        let local = Set(gates.flatMap { locals(of: $0) }).sorted()
        let prefixes = Set(gates.filter(\.isHTTP).map(\.prefix)).sorted()
        let shared = prefixes.filter { prefix in others.contains { $0.isHTTP && $0.prefix == prefix } }
        let isFront = gates.contains { !callees(of: $0).isEmpty }
        let usesClusters = prefixes.isEmpty || (!shared.isEmpty && !local.isEmpty && !isFront)
        if !usesClusters { for prefix in prefixes { names.listeners[prefix] = .inbound } }
        for cluster in local {
            let hasTCP = gates.contains { !$0.isHTTP && $0.clusters.contains(cluster) }
            names.clusters[statName(cluster)] = .init(scope: .inbound, isMeasure: usesClusters || hasTCP)
        }
        let places = usesClusters ? local.map { "cluster.\(statName($0))" } : prefixes.map { "http.\($0)" }
        guard !places.isEmpty else { return }
        let also = usesClusters && !shared.isEmpty ? ", because an outbound listener also counts as \(shared[0])" : ""
        let listeners = Set(gates.map(\.listener)).sorted().joined(separator: ", ")
        inbound = .init(places, "listener \(listeners)" + also)
    }

    func statName(_ cluster: String) -> String {
        outline.cluster(cluster)?.statName ?? EnvoyOutline.statName(cluster)
    }

    private mutating func addEdges(_ outbound: [EnvoyGate], all: [EnvoyGate]) {
        var parts: [ServiceName: [(cluster: String, version: String?, reason: String)]] = [:]
        for (cluster, kind) in kinds {
            guard case .callee(let to, let version, let reason) = kind else { continue }
            parts[to, default: []].append((cluster, version, reason))
        }
        for (to, found) in parts.sorted(by: { $0.key < $1.key }) {
            let clusters = found.sorted { $0.cluster < $1.cluster }
            let members = Set(clusters.map(\.cluster))
            let gates = all.filter { !$0.clusters.isDisjoint(with: members) }
            let isMirror = gates.isEmpty && !members.isDisjoint(with: mirrored)
            let isTCP = !gates.isEmpty && !gates.contains(where: \.isHTTP)
            let own = ownPrefixes(of: members, gates, outbound, all)
            for prefix in own { names.listeners[prefix] = .edge(to: to) }
            for part in clusters {
                names.clusters[statName(part.cluster)] = .init(scope: .edge(to: to), isMeasure: own.isEmpty)
            }
            let places =
                own.isEmpty ? clusters.map { "cluster.\(statName($0.cluster))" } : own.map { "http.\($0)" }
            outgoing.append(
                EnvoyShape.Outgoing(
                    to: to,
                    clusters: clusters.map {
                        .init(cluster: $0.cluster, statName: statName($0.cluster), version: $0.version)
                    },
                    measuredAt: places.joined(separator: ", "), isTCP: isTCP, isMirror: isMirror,
                    reason: clusters.map(\.reason).uniqued().joined(separator: "; ")))
        }
    }

    /// The connection managers through which all requests to these clusters go, and no others: there a caller's own view
    /// is counted, with what is refused or injected before any cluster.
    private func ownPrefixes(
        of members: Set<String>, _ gates: [EnvoyGate], _ outbound: [EnvoyGate], _ all: [EnvoyGate]
    ) -> [String] {
        let isOwn = gates.allSatisfy { gate in
            gate.isHTTP && outbound.contains(gate) && !gate.answersItself && gate.clusters.isSubset(of: members)
                && !gate.routes.contains(where: \.choosesByHeader)
                && all.allSatisfy { $0.prefix != gate.prefix || $0.clusters.isSubset(of: members) }
        }
        return isOwn ? Set(gates.map(\.prefix)).sorted() : []
    }

    private mutating func addFaultPoints(_ inbound: [EnvoyGate], _ outbound: [EnvoyGate]) {
        for (gate, isInbound) in inbound.map({ ($0, true) }) + outbound.map({ ($0, false) }) where gate.isHTTP {
            var places: [(settings: EnvoyFaultSettings, serves: Set<ServiceName>)] = []
            for filter in gate.faults { places.append((filter, [])) }
            for route in gate.routes {
                let reached = route.clusters.flatMap { cluster -> [(String, ServiceName)] in
                    switch kinds[cluster] {
                    case .callee(let to, _, _): [(cluster, to)]
                    case .local: [(cluster, service)]
                    default: []
                    }
                }
                for settings in route.faults.isEmpty ? gate.faults : route.faults {
                    let hit = reached.filter { settings.onlyCluster == nil || settings.onlyCluster == $0.0 }.map(\.1)
                    if let place = places.firstIndex(where: { $0.settings == settings }) {
                        places[place].serves.formUnion(hit)
                    } else {
                        places.append((settings, Set(hit)))
                    }
                }
            }
            for place in places {
                faultPoints.append(
                    EnvoyFaultPoint(
                        settings: place.settings, prefix: gate.prefix, serves: place.serves, isInbound: isInbound))
            }
        }
    }

    /// Where all faults of a connection manager are those of one edge, its counters tell that edge's.
    mutating func attributeFaults() {
        for (prefix, points) in Dictionary(grouping: faultPoints, by: \.prefix) {
            let served = Set(points.flatMap(\.serves))
            guard served.count == 1, let to = served.first, to != service, names.listeners[prefix] != .edge(to: to)
            else { continue }
            names.faults[prefix] = .edge(to: to)
        }
    }

    var localParts: [EnvoyShape.Outgoing.Part] {
        kinds.keys.sorted().compactMap { cluster in
            guard case .local = kinds[cluster] else { return nil }
            return .init(cluster: cluster, statName: statName(cluster), version: nil)
        }
    }

    /// Failures inside a gRPC answer are counted by a filter, or else seen at the hosts only; figures that are hidden
    /// from the statistics are seen there as well.
    var mustAskHosts: Bool {
        if outline.hidesStatistics { return true }
        return outline.gates.contains { gate in
            gate.isHTTP && !gate.countsGRPC
                && gate.routes.contains { route in
                    route.isGRPC || route.clusters.contains { outline.cluster($0)?.speaksHTTP2 ?? false }
                }
        }
    }
}

extension Array where Element: Hashable {
    /// The same without what was there before.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
