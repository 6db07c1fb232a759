internal import MeshModel

extension EnvoyShape {
    /// Decides by what the pages say. `given` is the service that the settings name, `address` what the proxy is called
    /// when nothing else is known.
    init(
        _ outline: EnvoyOutline, given: ServiceName?, address: String, rules: [EnvoyNameRule] = [],
        neighbours: EnvoyNeighbours = EnvoyNeighbours(), naming: EnvoyNaming = EnvoyNaming(),
        called: Reasoned<ServiceName>? = nil
    ) {
        let service = Self.service(of: outline.node, given: given, address: address, rules: rules, called: called)
        var reading = EnvoyShapeReading(outline, service: service.value, rules: rules, neighbours: neighbours)
        reading.sortClusters()
        reading.sortGates()
        self.init(
            service: service, role: reading.role, inbound: reading.inbound, outgoing: reading.outgoing,
            leftOut: reading.leftOut,
            isPrepared: outline.gates.contains { $0.isHTTP && naming.isOurs(prefix: $0.prefix) },
            hasAdminLayer: outline.hasAdminLayer, zone: outline.node.zone,
            version: outline.node.shownVersion, names: reading.names,
            faultPoints: reading.faultPoints)
        asksHosts = reading.mustAskHosts
        locals = reading.localParts
        names(neighbours, reading)
        hidesStatistics = outline.hidesStatistics
    }

    /// Its own name, else what those call it who call it, else its address.
    static func service(
        of node: EnvoyOutline.Node, given: ServiceName?, address: String, rules: [EnvoyNameRule],
        called: Reasoned<ServiceName>? = nil
    ) -> Reasoned<ServiceName> {
        ownName(of: node, given: given, address: address, rules: rules) ?? called
            ?? Reasoned(
                ServiceName(address), "neither node.cluster nor node.id has a name: set one with `service:`")
    }

    /// The node's cluster unless nobody chose it, else its id; nil when nothing tells.
    static func ownName(
        of node: EnvoyOutline.Node, given: ServiceName?, address: String, rules: [EnvoyNameRule]
    ) -> Reasoned<ServiceName>? {
        if let given { return Reasoned(given, "by the settings") }
        let names = [node.cluster, node.id].filter { !$0.isEmpty }
        if let mapped = rules.service(for: names + [address]) {
            return Reasoned(mapped, "by a rule in the settings for \(names.first ?? address)")
        }
        func isChosen(_ name: String) -> Bool { !name.isEmpty && !name.hasPrefix("test") }
        if isChosen(node.cluster) {
            let name = EnvoyClusterName(node.cluster)
            return Reasoned(
                ServiceName(name.maker == .kuma ? name.service : node.cluster), "node.cluster is \(node.cluster)")
        }
        if isChosen(node.id) {
            // Istio's are `sidecar~IP~POD.NAMESPACE~DOMAIN`.
            let parts = node.id.split(separator: "~", omittingEmptySubsequences: false)
            return Reasoned(ServiceName(parts.count == 4 ? String(parts[2]) : node.id), "node.id is \(node.id)")
        }
        return nil
    }
}

extension EnvoyShape {
    /// Names those who have no name of their own after the clusters that lead to them.
    private mutating func names(_ neighbours: EnvoyNeighbours, _ reading: EnvoyShapeReading) {
        for cluster in reading.outline.clusters {
            guard case .callee(let to, _, _) = reading.kinds[cluster.name] else { continue }
            for door in neighbours.doors(at: cluster.hosts) where door.isNameless && called[door.source] == nil {
                called[door.source] = Reasoned(to, "cluster \(cluster.name) of \(service.value) leads to it")
            }
        }
    }
}

extension EnvoyNaming {
    /// True for a listener's prefix of those that gameday's own meshes have.
    func isOurs(prefix: String) -> Bool {
        prefix == inbound || (prefix.hasPrefix(outbound) && prefix.count > outbound.count)
    }
}
