internal import MeshModel

/// Works out a shape, step by step: first what each cluster is, then what each way through the proxy is.
struct EnvoyShapeReading {
    /// What a cluster is to the service.
    enum Kind: Equatable {
        case plumbing(String)
        /// The program beside the proxy.
        case local(String)
        case callee(ServiceName, version: String?, reason: String)
    }

    let outline: EnvoyOutline
    let service: ServiceName
    let rules: [EnvoyNameRule]
    let neighbours: EnvoyNeighbours
    var kinds: [String: Kind] = [:]
    var role = EnvoyShape.Reasoned(EnvoyShape.Role.egress, "no inbound traffic")
    var inbound = EnvoyShape.Reasoned<[String]>([], "no listener leads to the service itself")
    var outgoing: [EnvoyShape.Outgoing] = []
    var leftOut: [EnvoyShape.Reasoned<String>] = []
    var names = EnvoyStatNames()
    var faultPoints: [EnvoyFaultPoint] = []

    init(_ outline: EnvoyOutline, service: ServiceName, rules: [EnvoyNameRule], neighbours: EnvoyNeighbours) {
        self.outline = outline
        self.service = service
        self.rules = rules
        self.neighbours = neighbours
    }

    /// True when every route of the proxy is known, so that a cluster which none names is none of a service.
    var knowsRoutes: Bool {
        !outline.gates.isEmpty && outline.missingRoutes.isEmpty
            && !outline.gates.contains { $0.routes.contains(where: \.choosesByHeader) }
    }

    var mirrored: Set<String> { Set(outline.gates.flatMap(\.routes).flatMap(\.mirrors)) }
    var routed: Set<String> { Set(outline.gates.flatMap(\.routes).flatMap(\.clusters)) }

    mutating func sortClusters() {
        let used = routed.union(mirrored)
        let known = Set(outline.clusters.map(\.name))
        // A gate may name a cluster that no page shows, as on-demand discovery does.
        let others = used.subtracting(known).sorted().map {
            EnvoyOutline.Cluster(name: $0, statName: EnvoyOutline.statName($0))
        }
        for cluster in outline.clusters + others {
            let mapped = rules.service(for: [cluster.name])
            if mapped == nil, knowsRoutes, !used.contains(cluster.name) {
                kinds[cluster.name] = .plumbing(EnvoyPlumbing.purpose(of: cluster, in: outline) ?? "no route names it")
            } else {
                kinds[cluster.name] = kind(of: cluster, mapped)
            }
        }
    }

    private func kind(of cluster: EnvoyOutline.Cluster, _ mapped: ServiceName?) -> Kind {
        if let mapped {
            let reason = "by a rule in the settings for \(cluster.name)"
            return mapped == service
                ? .local(reason) : .callee(mapped, version: EnvoyClusterName(cluster.name).version, reason: reason)
        }
        let name = EnvoyClusterName(cluster.name)
        if name.maker != .person, name.isLocal {
            return .local("\(cluster.name) is a name of \(name.maker.rawValue)")
        }
        if let purpose = EnvoyPlumbing.purpose(of: cluster, in: outline) { return .plumbing(purpose) }
        if outline.gates.contains(where: { gate in leadsBack(cluster, to: gate) }) {
            return .plumbing("it leads back into a listener of this proxy")
        }
        if name.isLocal { return .local("\(cluster.name) is a name for the proxy's own service") }
        let callee = callee(of: cluster, name)
        if case .callee(service, _, _) = callee { return .local("\(cluster.name) is the service itself") }
        if cluster.isLoopback, isSidecar(without: cluster.name), neighbours.doors(at: cluster.hosts).isEmpty {
            return .local("its hosts are on loopback, and outbound traffic has its own listeners")
        }
        return callee
    }

    /// A listener of its own that stands where a cluster leads.
    private func leadsBack(_ cluster: EnvoyOutline.Cluster, to gate: EnvoyGate) -> Bool {
        guard let address = gate.address, !gate.clusters.contains(cluster.name) else { return false }
        return cluster.hosts.contains {
            $0.port == address.port && $0.port > 0 && $0.isLoopback
                && (address.isAnywhere || address.isSameLoopback(as: $0))
        }
    }

    /// True when there are listeners for what goes out, and those that lead here are for what comes in.
    private func isSidecar(without cluster: String) -> Bool {
        let own = outline.gates.filter { $0.clusters.contains(cluster) }
        let isAlone = own.allSatisfy { $0.clusters == [cluster] && $0.looksInbound }
        return isAlone
            && (own.contains { $0.direction == .inbound } || outline.gates.contains { $0.looksOutbound })
    }

    private func callee(of cluster: EnvoyOutline.Cluster, _ name: EnvoyClusterName) -> Kind {
        let hostnames = cluster.hosts.map(\.hostname)
            .filter { !$0.isEmpty && $0 != "localhost" && $0.contains { $0.isLetter } && !$0.contains(":") }
        let hostname = Set(hostnames).count == 1 ? hostnames[0] : nil
        let candidates = [cluster.name, name.service, cluster.endpointsName, hostname].compactMap(\.self)
        for candidate in candidates {
            if let known = neighbours.services[candidate] {
                return .callee(
                    known, version: name.version, reason: "\(cluster.name) names \(known), whose proxy is known"
                )
            }
        }
        let doors = neighbours.doors(at: cluster.hosts)
        if let door = doors.first(where: { !$0.isNameless }) {
            return .callee(
                door.service, version: name.version,
                reason: "\(cluster.name) leads to the proxy \(door.source)")
        }
        if let door = doors.first, EnvoyClusterName.isHollow(cluster.name), hostname == nil {
            return .callee(
                door.service, version: nil,
                reason: "\(cluster.name) leads to the proxy at \(door.source), and neither has a name")
        }
        if name.maker == .person, EnvoyClusterName.isHollow(cluster.name), let hostname {
            return .callee(
                ServiceName(EnvoyClusterName.kubernetes(hostname)), version: nil,
                reason: "\(cluster.name) has no usable name; its hosts are called \(hostname)")
        }
        let by = name.maker == .person ? "" : ", in the naming scheme of \(name.maker.rawValue)"
        return .callee(ServiceName(name.service), version: name.version, reason: "cluster \(cluster.name)\(by)")
    }
}

extension EnvoyOutline.Cluster {
    var isLoopback: Bool { !hosts.isEmpty && hosts.allSatisfy(\.isLoopback) }
}

extension EnvoyGate {
    /// By what it is called, and said to be.
    var looksInbound: Bool {
        direction == .inbound
            || direction == .unspecified
                && Self.begins([prefix, listener], with: ["ingress", "inbound", "public_listener"])
    }

    /// One that leads out, whatever its direction is said to be, is not called so.
    var isCalledEntrance: Bool { Self.begins([prefix], with: ["ingress", "inbound"]) }

    var looksOutbound: Bool {
        direction == .outbound
            || direction == .unspecified && Self.begins([prefix, listener], with: ["egress", "outbound", "upstream."])
    }

    private static func begins(_ names: [String], with words: [String]) -> Bool {
        names.contains { name in words.contains { name.lowercased().hasPrefix($0) } }
    }
}
