internal import MeshModel

/// What the policies of a cluster come to for one edge of its mesh.
struct IstioPolicies {
    private let picture: IstioPolicyWatch.Picture
    private let members: [ServiceName: IstioPopulation.Member]
    private let naming: IstioNaming
    /// In the order in which they are told.
    private let allRoutes: [RouteFacts]
    private let root = IstioWatch.system

    /// Members by the names that the screen has of them.
    init(_ picture: IstioPolicyWatch.Picture, _ members: [IstioPopulation.Member], _ naming: IstioNaming) {
        self.picture = picture
        self.naming = naming
        allRoutes = picture.routes.values.flatMap { ($0.items ?? [:]).values }
            .sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
        self.members = Dictionary(members.map { (naming.shown($0.name), $0) }) { one, _ in one }
    }

    /// What is known of these edges. Nothing where the callee is no member, and before the cluster has answered for its
    /// namespace.
    func policies(of edges: [Edge]) -> [(edge: Edge, policy: EdgePolicy)] {
        typealias Told = (edge: Edge, policy: EdgePolicy)
        // Hundreds of callers share a callee.
        let byCallee = Dictionary(grouping: edges, by: \.to).sorted { $0.key < $1.key }
        return byCallee.flatMap { to, edges -> [Told] in
            guard let callee = members[to], let shared = policy(of: callee) else { return [] }
            return edges.map { edge -> Told in
                var policy = shared
                policy.routes = routes(of: edge, callee)
                return (edge, policy)
            }
        }
    }

    /// All but the routes, which depend on the caller.
    private func policy(of callee: IstioPopulation.Member) -> EdgePolicy? {
        guard let peers = Self.sight(picture.peers, callee.namespace),
            let routes = Self.sight(picture.routes, callee.namespace),
            let gateways = Self.sight(picture.gateways, callee.namespace),
            peers.isSettled, routes.isSettled, gateways.isSettled
        else { return nil }
        var policy = EdgePolicy()
        take(peers, of: callee, into: &policy)
        if let service = callee.service { take(gateways, of: service, into: &policy) }
        if let why = routes.blindness {
            policy.unknown.append("Routes: unknown, HTTPRoutes cannot be read: \(why.summary)")
        }
        return policy
    }

    private static func sight<Item>(
        _ all: [String?: IstioPolicyWatch.Sight<Item>], _ namespace: String
    ) -> IstioPolicyWatch.Sight<Item>? { all[namespace] ?? all[nil] }

    /// A pod outside the mesh takes what it takes, whatever Istio says.
    private func take(
        _ peers: IstioPolicyWatch.Sight<PeerPolicy>, of callee: IstioPopulation.Member, into policy: inout EdgePolicy
    ) {
        let pods = callee.pods.filter { $0.hasSidecar || $0.isAmbient }.map(\.labels)
        guard !pods.isEmpty, !peers.isAbsent else { return }
        if let why = peers.blindness {
            policy.unknown.append("mTLS: unknown, PeerAuthentications cannot be read: \(why.summary)")
            return
        }
        let own = peers.items ?? [:]
        let above = Self.sight(picture.peers, root)
        let all = own.merging(above?.items ?? [:]) { one, _ in one }.values
        let policies = PeerPolicies(all, in: callee.namespace)
        if above?.items == nil, pods.contains(where: policies.dependsOnMesh) {
            let why = above?.trouble.map { ": \($0.summary)" } ?? ""
            policy.unknown.append("mTLS: unknown, PeerAuthentications of \(root) cannot be read\(why)")
            return
        }
        policy.mutual = policies.modes(of: pods)
    }

    /// The label of the Service is right, else that of its namespace.
    private func take(
        _ gateways: IstioPolicyWatch.Sight<GatewayFacts>, of service: ServiceFacts, into policy: inout EdgePolicy
    ) {
        let labels = picture.namespaces[service.namespace] ?? [:]
        let wish =
            WaypointWish(service.meshLabels, in: service.namespace) ?? WaypointWish(labels, in: service.namespace)
        guard let waypoint = wish?.waypoint else { return }
        policy.waypoint = "\(waypoint.namespace)/\(waypoint.name)"
        let place =
            waypoint.namespace == service.namespace ? gateways : Self.sight(picture.gateways, waypoint.namespace)
        guard let items = place?.items else { return }
        let its = items[waypoint]
        policy.waypointTrouble =
            its == nil ? "which does not exist" : its?.isWaypoint == false ? "which is not a waypoint" : its?.trouble
    }

    /// The rules for requests to the callee, and those of other services and of gateways that send to it.
    private func routes(of edge: Edge, _ callee: IstioPopulation.Member) -> [EdgePolicy.Route] {
        guard !allRoutes.isEmpty, let service = callee.service else { return [] }
        let (caller, its) = (members[edge.from], KubeName(service.namespace, service.name))
        let gateways = Set(
            (caller?.pods ?? []).compactMap { pod in
                pod.labels["gateway.networking.k8s.io/gateway-name"].map { KubeName(pod.namespace, $0) }
            })
        return allRoutes.flatMap { route in
            route.parents.flatMap { parent -> [EdgePolicy.Route] in
                let isCallee = !parent.isGateway && parent.name == its
                if parent.isGateway {
                    guard gateways.contains(parent.name) else { return [] }
                } else if route.namespace != parent.name.namespace, route.namespace != caller?.namespace {
                    // One of another namespace leads the requests of callers there alone.
                    return []
                }
                var name = "HTTPRoute \(route.namespace)/\(route.name)"
                if !isCallee {
                    name += parent.isGateway ? " of gateway \(parent.name.name)" : " of \(shown(parent.name))"
                }
                return route.rules.filter { rule in
                    isCallee || rule.backends.contains { $0.service == its }
                }.map { rule in
                    EdgePolicy.Route(
                        name: name, matches: rule.matches,
                        shares: rule.backends.map { .init(name: shown($0.service), weight: $0.weight) })
                }
            }
        }
    }

    private func shown(_ service: KubeName) -> String {
        naming.shown(ServiceName("\(service.name).\(service.namespace)")).text
    }
}
