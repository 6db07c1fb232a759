internal import MeshModel
internal import Synchronization

/// Follows what says how requests may be made and where they are led, beside Istio's own rules: PeerAuthentications,
/// and HTTPRoutes and Gateways of the Gateway API. A mesh is known without any of them: a cluster that has no such kind
/// of object, or shows it to others only, is no trouble, and is asked again once in a while.
final class IstioPolicyWatch: Sendable {
    /// What is known of one kind of objects in one place.
    struct Sight<Item: Sendable>: Sendable {
        /// Nil before it was told.
        var items: [KubeName: Item]?
        /// Why it can't be seen now.
        var trouble: KubeError?

        /// It was answered, whatever the answer was.
        var isSettled: Bool { items != nil || trouble != nil }
        /// Why it is not known, where that is worth a word: a cluster without this kind of object has none of it.
        var blindness: KubeError? { items == nil && trouble?.refusal?.isMissing != true ? trouble : nil }
        /// The cluster knows no such kind of object.
        var isAbsent: Bool { items == nil && trouble?.refusal?.isMissing == true }
    }

    /// By the namespace that was asked, nil for all of them.
    struct Picture: Sendable {
        var peers: [String?: Sight<PeerPolicy>] = [:]
        var routes: [String?: Sight<RouteFacts>] = [:]
        var gateways: [String?: Sight<GatewayFacts>] = [:]
        /// How namespaces ask for waypoints; nil for one that may not be read.
        var namespaces: [String: [String: String]] = [:]
    }

    private let cluster: KubeCluster
    private let namespaces: [String?]
    private let pulse: KubePulse<ContinuousClock>
    private let state = Mutex(Picture())
    private let changes = Mutex(0)

    /// What is refused or absent is asked for again after so long.
    static let refusedPause = Duration.seconds(60)
    /// Between two looks at the labels of a namespace, which can't be watched by whoever may read that one alone.
    private static let namespacePause = Duration.seconds(10)

    init(_ cluster: KubeCluster, namespaces: [String?], pulse: KubePulse<ContinuousClock>) {
        (self.cluster, self.namespaces, self.pulse) = (cluster, namespaces, pulse)
    }

    var picture: Picture { state.withLock { $0 } }
    /// Rises with each change.
    var generation: Int { changes.withLock { $0 } }

    /// Follows until the task is cancelled.
    func run() async {
        // The policy of the whole mesh is in Istio's own namespace.
        let roots = namespaces.contains(nil) || namespaces.contains(IstioWatch.system) ? [] : [IstioWatch.system]
        await withDiscardingTaskGroup { group in
            for namespace in namespaces + roots {
                group.addTask {
                    await self.follow(.peerAuthentications, namespace) {
                        $1(&$0.peers[namespace, default: Sight()])
                    } keeping: {
                        PeerPolicy($0)
                    }
                }
            }
            for namespace in namespaces {
                group.addTask {
                    await self.follow(.httpRoutes, namespace) {
                        $1(&$0.routes[namespace, default: Sight()])
                    } keeping: {
                        RouteFacts($0)
                    }
                }
                group.addTask {
                    await self.follow(.gateways, namespace) {
                        $1(&$0.gateways[namespace, default: Sight()])
                    } keeping: {
                        GatewayFacts($0)
                    }
                }
                group.addTask { await self.lookAtLabels(of: namespace) }
            }
        }
    }

    /// Where a kind of objects is kept.
    private typealias Place<Item: Sendable> = @Sendable (inout Picture, (inout Sight<Item>) -> Void) -> Void

    private func follow<Item: Sendable>(
        _ resource: KubeResource, _ namespace: String?,
        in place: @escaping Place<Item>, keeping project: @escaping @Sendable (KubeObject) -> Item?
    ) async {
        var follower = KubeFollower(
            resource, in: namespace, of: cluster, pulse: pulse, clock: ContinuousClock(), project: project)
        follower.refusedPause = Self.refusedPause
        await follower.run { change in
            self.state.withLock { state in
                place(&state) { sight in
                    switch change {
                    case .all(let items): sight = Sight(items: items)
                    case .put(let key, let item): sight.items?[key] = item
                    case .removed(let key): sight.items?[key] = nil
                    case .silent(_, let why):
                        sight.trouble = why
                        // What may not be seen any more, or is no kind of object any more, is not known.
                        if let refusal = why.refusal, refusal.isForbidden || refusal.isMissing { sight.items = nil }
                    case .back: sight.trouble = nil
                    }
                }
            }
            self.changes.withLock { $0 += 1 }
        }
    }

    private func lookAtLabels(of namespace: String?) async {
        while !Task.isCancelled {
            var pause = Self.namespacePause
            do throws(KubeError) {
                let found: [KubeObject]
                if let namespace {
                    found = [try await cluster.ask(.get(.namespaces, namespace, in: nil)).object]
                } else {
                    found = try await cluster.all(.list(.namespaces, in: nil))
                }
                let labels = found.reduce(into: [String: [String: String]]()) {
                    $0[$1.name] = $1.labels.filter { $0.key.hasPrefix("istio.io/") }
                }
                let isNew = state.withLock { state in
                    let known = state.namespaces
                    state.namespaces.merge(labels) { _, new in new }
                    return state.namespaces != known
                }
                if isNew { changes.withLock { $0 += 1 } }
            } catch {
                if error.refusal != nil { pause = Self.refusedPause }
            }
            try? await Task.sleep(for: pause)
        }
    }
}
