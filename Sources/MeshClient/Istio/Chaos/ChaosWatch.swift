internal import MeshModel
internal import Synchronization

/// Follows the objects of Chaos Mesh, where a cluster has it. One that has not is asked once a minute whether it has now.
final class ChaosWatch: Sendable {
    private let cluster: KubeCluster
    private let namespaces: [String?]
    private let pulse: KubePulse<ContinuousClock>
    private let state = Mutex<[String: [KubeName: ChaosFacts]]>([:])

    private static let pause = IstioPolicyWatch.refusedPause

    init(_ cluster: KubeCluster, namespaces: [String?], pulse: KubePulse<ContinuousClock>) {
        (self.cluster, self.namespaces, self.pulse) = (cluster, namespaces, pulse)
    }

    /// All that there are, whether they act now or not.
    var all: [ChaosFacts] {
        state.withLock { $0.values.flatMap(\.values) }.sorted { $0.id < $1.id }
    }

    /// Follows until the task is cancelled; `changed` is called after each change.
    func run(whenChanged changed: @escaping @Sendable () -> Void) async {
        await withDiscardingTaskGroup { group in
            for namespace in namespaces {
                group.addTask {
                    await self.waitForKinds(in: namespace)
                    guard !Task.isCancelled else { return }
                    await self.followAll(in: namespace, changed)
                }
            }
        }
    }

    /// Returns once the cluster has Chaos Mesh and shows it.
    private func waitForKinds(in namespace: String?) async {
        while !Task.isCancelled {
            if (try? await cluster.ask(.list(ChaosFacts.resources[0], in: namespace, limit: 1))) != nil { return }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func followAll(in namespace: String?, _ changed: @escaping @Sendable () -> Void) async {
        await withDiscardingTaskGroup { group in
            for resource in ChaosFacts.resources {
                group.addTask {
                    var follower = KubeFollower(
                        resource, in: namespace, of: self.cluster, pulse: self.pulse, clock: ContinuousClock()
                    ) { ChaosFacts($0, resource) }
                    follower.refusedPause = Self.pause
                    await follower.run { change in
                        self.take(change, as: "\(namespace ?? "")/\(resource.plural)")
                        changed()
                    }
                }
            }
        }
    }

    private func take(_ change: KubeFollower<ChaosFacts, ContinuousClock>.Change, as place: String) {
        state.withLock { state in
            switch change {
            case .all(let items): state[place] = items
            case .put(let key, let item): state[place]?[key] = item
            case .removed(let key): state[place]?[key] = nil
            case .silent, .back: break
            }
        }
    }
}
