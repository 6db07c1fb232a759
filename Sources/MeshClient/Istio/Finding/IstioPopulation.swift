internal import MeshModel

/// The pods and Services of a mesh as their watches tell them, and what follows: who stands beside whom under which name.
struct IstioPopulation: Sendable {
    /// Nothing is said of a mesh before both of these are known.
    var pods: [KubeName: PodFacts]?
    var services: [KubeName: ServiceFacts]?
    /// The zones of nodes, where those may be read.
    var zones: [String: String] = [:]

    var isKnown: Bool { pods != nil && services != nil }

    /// One service, or a workload that none stands for, with its pods.
    struct Member: Equatable, Sendable {
        /// Like `reviews.bookinfo`, as the labels of Istio's metrics have it.
        var name: ServiceName
        var namespace: String
        /// Nil for a workload that nobody can call by name.
        var service: ServiceFacts?
        var pods: [PodFacts]

        var isGateway: Bool { pods.contains(where: \.isGateway) }
        var isWaypoint: Bool { pods.contains(where: \.isWaypoint) }
    }

    /// All members by their names, and gateways from elsewhere. A Service without pods is one too: faults can be put
    /// before it.
    func members(with gateways: [PodFacts] = []) -> [Member] {
        guard var pods, let services else { return [] }
        for gateway in gateways { pods[KubeName(gateway.namespace, gateway.name)] = gateway }
        var members: [ServiceName: Member] = [:]
        for service in services.values where service.name != "kubernetes" {
            let name = ServiceName("\(service.name).\(service.namespace)")
            members[name] = Member(name: name, namespace: service.namespace, service: service, pods: [])
        }
        let offers = Dictionary(grouping: services.values, by: \.namespace)
        // Our own Job is nobody of the mesh.
        let others = pods.values.filter { $0.labels["job-name"] != DeadMan.name }
        for pod in others.sorted(by: { ($0.namespace, $0.name) < ($1.namespace, $1.name) }) {
            let name = Self.service(
                of: pod.labels, called: pod.canonicalService, in: pod.namespace, among: offers[pod.namespace] ?? [])
            let known = members[name] ?? Member(name: name, namespace: pod.namespace, service: nil, pods: [])
            members[name] = known
            members[name]?.pods.append(pod)
        }
        return members.values.sorted { $0.name < $1.name }
    }

    /// The Service that a pod stands behind; of several the one that its metrics name, else the first.
    private static func service(
        of labels: [String: String], called canonical: String, in namespace: String, among services: [ServiceFacts]
    ) -> ServiceName {
        let able = services.filter { $0.selects(labels, in: namespace) }.map(\.name)
        let name = able.contains(canonical) ? canonical : able.min() ?? canonical
        return ServiceName("\(name).\(namespace)")
    }

    /// The service that a workload stands behind, whether it has pods just now or none.
    func service(of workload: Workload) -> ServiceName {
        Self.service(
            of: workload.labels, called: workload.canonicalService, in: workload.namespace,
            among: Array((services ?? [:]).values))
    }

    /// A pod as it is polled.
    func pod(_ facts: PodFacts, of member: Member) -> IstioPod {
        IstioPod(
            namespace: facts.namespace, name: facts.name, uid: facts.uid, address: facts.address,
            service: member.name, canonicalService: facts.canonicalService, version: facts.version,
            zone: facts.zone ?? facts.node.flatMap { zones[$0] }, isGateway: facts.isGateway, scrape: facts.scrape)
    }
}

/// How services are called on the screen: by their own names where one namespace is watched, else with it.
struct IstioNaming: Equatable, Sendable {
    /// The only namespace; nil where there are several.
    var home: String?

    init(home: String?) {
        self.home = home
    }

    /// For those namespaces that are watched.
    init(watching namespaces: [String?]) {
        home = namespaces.count == 1 ? namespaces[0] : nil
    }

    func shown(_ name: ServiceName) -> ServiceName {
        guard let home else { return name }
        // A gateway is known by its own name, wherever it is.
        let space = [home, IstioWatch.system].first { name.text.hasSuffix("." + $0) }
        return space.map { ServiceName(String(name.text.dropLast($0.count + 1))) } ?? name
    }

    func shown(_ observation: Observation) -> Observation {
        home == nil ? observation : observation.calling { shown($0) }
    }
}
