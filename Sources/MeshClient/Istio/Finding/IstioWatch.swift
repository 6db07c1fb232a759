internal import MeshModel
internal import Synchronization

/// Follows everything in a cluster that tells who is in a mesh and how its requests are led, and keeps what it was told.
final class IstioWatch: Sendable {
    /// What is known, taken out all at once.
    struct Picture: Sendable {
        var population = IstioPopulation()
        /// Deployments and StatefulSets; nil before they are known, and where nobody may look.
        var workloads: [Workload]?
        /// VirtualServices and DestinationRules.
        var rules: [KubeName: KubeObject] = [:]
        /// Which of these were never told, by the resource's plural.
        var unseenRules: [String: IstioDirectory.Unseen] = [:]
        /// Where istiod runs; nil where nobody may look.
        var istiods: [PodFacts]?
        /// Gateways that stand in Istio's own namespace, as they mostly do.
        var gateways: [PodFacts] = []
        /// What can't be seen now, and why: by the resource's plural.
        var blind: [String: KubeError] = [:]
    }

    private struct State {
        var pods: [String?: [KubeName: PodFacts]] = [:]
        var services: [String?: [KubeName: ServiceFacts]] = [:]
        var zones: [KubeName: String]?
        var virtualServices: [String?: [KubeName: KubeObject]] = [:]
        var destinationRules: [String?: [KubeName: KubeObject]] = [:]
        var deployments: [String?: [KubeName: Workload]] = [:]
        var statefulSets: [String?: [KubeName: Workload]] = [:]
        var system: [KubeName: PodFacts]?
        var blind: [String: KubeError] = [:]
    }

    /// Nil for all at once.
    let namespaces: [String?]
    private let cluster: KubeCluster
    let pulse: KubePulse<ContinuousClock>
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// The namespace of Istio's own control plane.
    static let system = "istio-system"

    init(_ cluster: KubeCluster, namespaces: [String?]) {
        self.cluster = cluster
        self.namespaces = namespaces
        pulse = KubePulse(of: cluster, clock: ContinuousClock())
        (changes, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Why the API server is taken for gone; nil while it answers.
    var failure: KubeError? { pulse.failure }

    var picture: Picture {
        state.withLock { state in
            var picture = Picture()
            if state.pods.count == namespaces.count { picture.population.pods = Self.joined(state.pods) }
            if state.services.count == namespaces.count { picture.population.services = Self.joined(state.services) }
            picture.population.zones = (state.zones ?? [:]).reduce(into: [:]) { $0[$1.key.name] = $1.value }
            if state.deployments.count == namespaces.count {
                picture.workloads = [state.deployments, state.statefulSets].flatMap { Self.joined($0).values }
            }
            picture.rules = Self.joined(state.virtualServices)
            for (resource, heard) in [
                (KubeResource.virtualServices, state.virtualServices), (.destinationRules, state.destinationRules),
            ] where heard.count < namespaces.count {
                picture.unseenRules[resource.plural] =
                    state.blind[resource.plural].map { .hidden($0.summary) } ?? .awaited
            }
            // One may be called as the other is.
            for (name, rule) in Self.joined(state.destinationRules) {
                picture.rules[KubeName(name.namespace, "/" + name.name)] = rule
            }
            let system = (state.system ?? [:]).values.sorted { $0.name < $1.name }
            picture.istiods = state.system == nil ? nil : system.filter { $0.labels["app"] == "istiod" }
            picture.gateways = system.filter(\.isGateway)
            picture.blind = state.blind
            return picture
        }
    }

    private static func joined<Item>(_ parts: [String?: [KubeName: Item]]) -> [KubeName: Item] {
        parts.values.reduce(into: [:]) { $0.merge($1) { one, _ in one } }
    }

    /// Follows until the task is cancelled; `changed` is called after each burst of changes.
    func run(whenChanged changed: @escaping @Sendable () async -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.pulse.run() }
            for namespace in namespaces {
                group.addTask {
                    await self.follow(.pods, namespace) {
                        $1(&$0.pods[namespace])
                    } keeping: {
                        PodFacts($0)
                    }
                }
                group.addTask {
                    await self.follow(.services, namespace) {
                        $1(&$0.services[namespace])
                    } keeping: {
                        ServiceFacts($0)
                    }
                }
                group.addTask {
                    await self.follow(.deployments, namespace) {
                        $1(&$0.deployments[namespace])
                    } keeping: {
                        Workload($0, .deployment)
                    }
                }
                group.addTask {
                    await self.follow(.statefulSets, namespace) {
                        $1(&$0.statefulSets[namespace])
                    } keeping: {
                        Workload($0, .statefulset)
                    }
                }
                group.addTask {
                    await self.follow(.virtualServices, namespace) {
                        $1(&$0.virtualServices[namespace])
                    } keeping: {
                        $0
                    }
                }
                group.addTask {
                    await self.follow(.destinationRules, namespace) {
                        $1(&$0.destinationRules[namespace])
                    } keeping: {
                        $0
                    }
                }
            }
            group.addTask {
                await self.follow(.pods, Self.system, labels: "istio", as: Self.system) {
                    $1(&$0.system)
                } keeping: {
                    PodFacts($0)
                }
            }
            group.addTask {
                await self.follow(.nodes, nil, as: "nodes") {
                    $1(&$0.zones)
                } keeping: {
                    $0.labels["topology.kubernetes.io/zone"]
                }
            }
            group.addTask { [changes] in
                for await _ in changes {
                    await changed()
                    // What belongs together comes together.
                    try? await Task.sleep(for: .milliseconds(50))
                }
            }
        }
    }

    /// Where a kind of objects is kept.
    private typealias Place<Item> = @Sendable (inout State, (inout [KubeName: Item]?) -> Void) -> Void

    private func follow<Item: Sendable>(
        _ resource: KubeResource, _ namespace: String?, labels: String? = nil, as name: String? = nil,
        in place: @escaping Place<Item>, keeping project: @escaping @Sendable (KubeObject) -> Item?
    ) async {
        let name = name ?? resource.plural
        let follower = KubeFollower(
            resource, in: namespace, labels: labels, of: cluster, pulse: pulse, clock: ContinuousClock(),
            project: project)
        await follower.run { change in
            self.state.withLock { state in
                switch change {
                case .all(let items):
                    place(&state) { $0 = items }
                    state.blind[name] = nil
                case .put(let key, let item): place(&state) { $0?[key] = item }
                case .removed(let key): place(&state) { $0?[key] = nil }
                case .silent(_, let why): state.blind[name] = why
                case .back: state.blind[name] = nil
                }
            }
            self.bell.yield()
        }
    }
}
