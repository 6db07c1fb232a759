internal import MeshModel

/// A look at a cluster, once, in sentences: what is found, and which rights are missing.
struct IstioInspection: Sendable {
    private let cluster: IstioCluster

    init(_ cluster: IstioCluster) {
        self.cluster = cluster
    }

    /// What `gameday check` says, a line each.
    func lines() async -> [String] {
        let kube = cluster.cluster
        let context = kube.context.isEmpty ? "the cluster gameday runs in" : "context \(kube.context)"
        var lines = ["\(context): \(kube.server) as \(kube.user.isEmpty ? "an anonymous user" : kube.user)"]
        for namespace in cluster.namespaces {
            do throws(KubeError) {
                lines += try await members(of: namespace)
            } catch {
                lines.append("  \(namespace ?? "all namespaces"): \(error.summary)")
                if let remedy = error.remedy { lines.append("    \(remedy)") }
            }
        }
        do throws(KubeError) {
            lines += try await rights()
        } catch {
            lines.append("  permissions unknown: \(error.summary)")
        }
        return await lines + closedNodes()
    }

    /// Nodes that a run of an experiment closed and never opened, as after a crash.
    private func closedNodes() async -> [String] {
        let nodes = (try? await all(.nodes, nil)) ?? []
        return nodes.compactMap { node in
            node.annotations[ClusterDoor.cordonMark].map {
                "  node \(node.name) was cordoned by gameday (\($0)): if no experiment runs, run "
                    + "`kubectl uncordon \(node.name)`"
            }
        }
    }

    private func population(of namespace: String?) async throws(KubeError) -> IstioPopulation {
        var population = IstioPopulation()
        let pods = try await all(.pods, namespace).compactMap { object in PodFacts(object).map { (object, $0) } }
        population.pods = Dictionary(pods.map { (KubeName($0.0), $0.1) }) { one, _ in one }
        let services = try await all(.services, namespace)
        population.services = Dictionary(services.map { (KubeName($0), ServiceFacts($0)) }) { one, _ in one }
        return population
    }

    private func members(of namespace: String?) async throws(KubeError) -> [String] {
        let population = try await population(of: namespace)
        guard !population.members().isEmpty else {
            return ["  \(namespace ?? "all namespaces"): no pods and no Services"]
        }
        return population.members().map { member in
            let name = cluster.naming.shown(member.name)
            guard !member.pods.isEmpty else { return "  \(name): a Service without pods" }
            let versions = Set(member.pods.compactMap(\.version)).sorted().joined(separator: ", ")
            let bare = member.pods.filter { !$0.hasSidecar && !$0.isAmbient }.count
            var line = "  \(name): \(member.pods.count) \(member.pods.count == 1 ? "pod" : "pods")"
            if !versions.isEmpty { line += ", \(versions)" }
            if member.isGateway { line += ", a gateway" }
            if member.isWaypoint { line += ", a waypoint" }
            if bare > 0 { line += ", \(bare == member.pods.count ? "" : "\(bare) of them ")without a sidecar" }
            if member.service == nil { line += ", behind no Service" }
            return line
        }
    }

    private func all(_ resource: KubeResource, _ namespace: String?) async throws(KubeError) -> [KubeObject] {
        try await cluster.cluster.all(.list(resource, in: namespace))
    }

    private func rights() async throws(KubeError) -> [String] {
        let needed = IstioRights.watching + IstioRights.breaking
        var optional = [
            ("some faults of workloads are not allowed", IstioRights.workloads),
            ("mTLS policies, routes and waypoints are not shown", IstioRights.policies),
            ("access logs are not shown", [IstioRights.logs]),
            ("if this machine is lost, faults stay until removed by hand", IstioRights.guarding),
        ]
        // Whether a group is there is told to everybody, what is in it is not.
        if (try? await cluster.cluster.ask(KubeRequest(path: "/apis/chaos-mesh.org"))) != nil {
            optional.append(("faults of Chaos Mesh are not shown", IstioRights.chaos))
        }
        // All of them: a role that is applied again loses what it does not name.
        let wanted = needed + optional.flatMap(\.1)
        let rights = try await KubeRights.ask(wanted, in: cluster.namespaces, of: cluster.cluster)
        var lines: [String] = []
        for namespace in cluster.namespaces {
            let missing = rights.missing(of: needed, in: namespace)
            let place = namespace ?? "all namespaces"
            guard missing.isEmpty else {
                lines.append("  missing permissions in \(place): \(Self.list(missing))")
                lines.append(Self.offer)
                lines += await role(wanted, in: namespace)
                continue
            }
            let lacking = optional.map { ($0, rights.missing(of: $1, in: namespace)) }.filter { !$0.1.isEmpty }
            guard !lacking.isEmpty else {
                lines.append("  \(place): everything that a game day takes is allowed")
                continue
            }
            lines.append("  \(place): faults are allowed")
            for (what, missing) in lacking {
                lines.append("  \(place): \(what), since you may not \(Self.list(missing))")
            }
            lines.append(Self.offer)
            lines += await role(wanted, in: namespace)
        }
        return try await lines + systemRights()
    }

    /// Istio's own namespace has istiod and the policies of the whole mesh, and a role of its own.
    private func systemRights() async throws(KubeError) -> [String] {
        let (system, wanted) = (IstioWatch.system, IstioRights.system)
        guard !cluster.namespaces.contains(nil), !cluster.namespaces.contains(system) else { return [] }
        let missing = try await KubeRights.ask(wanted, in: [system], of: cluster.cluster)
            .missing(of: wanted, in: system)
        guard !missing.isEmpty else { return [] }
        return await [
            "  \(system): istiod or the mTLS policy of the mesh is not shown, since you may not \(Self.list(missing))",
            Self.offer,
        ] + role(wanted, in: system)
    }

    private static let offer = "  An administrator can grant them: run `kubectl apply -f` with this file:"

    private static func list(_ rights: [KubeRight]) -> String { rights.map(\.description).joined(separator: ", ") }

    private func role(_ rights: [KubeRight], in namespace: String?) async -> [String] {
        let role = KubeRole(rights: rights, namespace: namespace, user: await .ask(cluster.cluster))
        return role.yaml.split(separator: "\n").map(String.init)
    }

    /// What `gameday adopt` says: how Envoy's own statistics are switched on, for each workload that lacks them.
    func advice() async -> [String] {
        var lines: [String] = []
        for namespace in cluster.namespaces {
            for resource in [KubeResource.deployments, .statefulSets, .daemonSets] {
                do throws(KubeError) {
                    lines += try await all(resource, namespace).flatMap { Self.adoption(of: $0, resource).lines }
                } catch {
                    lines.append("# \(resource.plural) of \(namespace ?? "all namespaces"): \(error.summary)")
                }
            }
        }
        return lines
    }

    private static func adoption(of object: KubeObject, _ resource: KubeResource) -> IstioAdoption {
        let pattern = KubeObject(object.spec?["template"] ?? .null)
        return IstioAdoption(
            kind: resource.kind.lowercased(), name: object.name, namespace: object.namespace,
            annotations: pattern.annotations)
    }
}
