internal import MeshModel
internal import Synchronization

/// A mesh of Istio while it is observed: what the watches tell becomes the pods that are polled, the services that can be
/// broken, and the sources that hold faults.
final class IstioMesh: Sendable {
    let fleet: IstioFleet<ContinuousClock>
    let breaking: IstioDirectory
    private let cluster: IstioCluster
    private let watch: IstioWatch
    private let policies: IstioPolicyWatch
    private let chaos: ChaosWatch
    private let sources: Mutex<IstioSources>
    /// Whether istiod answered when it was last asked; nil before that.
    private let answers = Mutex<Bool?>(nil)
    /// Who may not reach into istiod's pod can't say that it does not answer.
    private let mayAsk = Mutex(false)
    private let strangers = Mutex(IstioStrangers(at: .now))
    /// The names of those that serve an ambient mesh.
    private let waypoints = Mutex<Set<String>>([])
    /// Who is there, worked out at each change: of two thousand pods that takes a while.
    private let members = Mutex<(all: [IstioPopulation.Member], generation: Int)>(([], 0))
    /// Whose policies were told since the last change.
    private let told = Mutex<(stamp: [Int], edges: Set<Edge>)>(([], []))
    /// What istiod said last of each pod that is not as it should be.
    private let syncs = Mutex<[String: String]>([:])

    /// A source that stays as it is says so as often.
    static let pace = Duration.seconds(10)
    /// Between two looks at what istiod has sent.
    private static let syncPace = Duration.seconds(3)
    private static let rightsPace = Duration.seconds(60)

    init(_ cluster: IstioCluster, in surroundings: AdapterSurroundings) {
        self.cluster = cluster
        watch = IstioWatch(cluster.cluster, namespaces: cluster.namespaces)
        policies = IstioPolicyWatch(cluster.cluster, namespaces: cluster.namespaces, pulse: watch.pulse)
        chaos = ChaosWatch(cluster.cluster, namespaces: cluster.namespaces, pulse: watch.pulse)
        let deadline = min(surroundings.pollInterval * 0.8, .seconds(5))
        fleet = IstioFleet(
            transport: surroundings.transport, interval: surroundings.pollInterval,
            services: PolledServices(names: surroundings.names)
        ) { pod, page in
            cluster.request("GET", page.path, of: pod.port(page.port), deadline: deadline)
        }
        breaking = IstioDirectory(
            .init(server: cluster.cluster.server, members: cluster.members, owner: IstioCluster.owner))
        sources = Mutex(IstioSources(cluster: cluster.cluster, names: surroundings.names, naming: cluster.naming))
    }

    /// Observes until the task is cancelled.
    func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.cluster.keepDoorOpen() }
            group.addTask {
                await self.watch.run {
                    self.follow()
                    self.report(to: turns)
                }
            }
            group.addTask { await self.policies.run() }
            group.addTask {
                await self.chaos.run {
                    self.breaking.replace(chaos: self.chaos.all)
                    self.report(to: turns)
                }
            }
            group.addTask {
                await self.fleet.run { turn in
                    let now = ContinuousClock.now
                    let known = self.strangers.withLock { strangers in
                        turn.observations.compactMap { strangers.filter($0, at: now) }
                    }
                    if !known.isEmpty { turns(AdapterTurn(known.map(self.shown))) }
                }
            }
            group.addTask { await self.every(Self.pace) { self.report(to: turns) } }
            group.addTask { await self.every(Self.syncPace) { await self.lookAtSync() } }
            group.addTask { await self.every(Self.rightsPace) { await self.lookAtRights() } }
        }
    }

    /// What the cluster's objects say of these edges, as far as it is known.
    func policies(of edges: [Edge]) -> [EdgeReport] {
        let (source, members) = (sources.withLock { $0.serverName }, members.withLock { $0.all })
        guard !members.isEmpty else { return [] }
        return IstioPolicies(policies.picture, members, cluster.naming).policies(of: edges).map { edge, policy in
            var report = EdgeReport(source: source, edge: edge)
            report.policy = policy
            return report
        }
    }

    /// The same of those edges alone that were not told since anything changed.
    func newPolicies(of edges: [Edge]) -> [EdgeReport] {
        let stamp = [policies.generation, members.withLock { $0.generation }]
        let due = told.withLock { told in
            if told.stamp != stamp { told = (stamp, []) }
            return edges.filter { !told.edges.contains($0) }
        }
        guard !due.isEmpty else { return [] }
        let reports = policies(of: due)
        told.withLock { told in
            // What changed meanwhile is told the next time.
            if told.stamp == stamp { told.edges.formUnion(due) }
        }
        return reports
    }

    private func every(_ pause: Duration, _ work: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            await work()
            try? await Task.sleep(for: pause)
        }
    }

    /// Hands on who is there now: to whoever polls, and to whoever breaks.
    private func follow() {
        let picture = watch.picture
        cluster.set(istiods: picture.istiods ?? [])
        guard picture.population.isKnown else { return }
        // Where their namespace is watched itself they are members already.
        let members = picture.population.members(with: picture.gateways)
        self.members.withLock { $0 = (members, $0.generation + 1) }
        waypoints.withLock { $0 = Set(members.flatMap(\.pods).filter(\.isWaypoint).map(\.id)) }
        fleet.set(
            members.flatMap { member in
                member.pods.filter(\.hasSidecar).map { picture.population.pod($0, of: member) }
            })
        let naming = cluster.naming
        breaking.replace(
            services: members.map { member in
                IstioDirectory.Service(
                    name: naming.shown(member.name), namespace: member.namespace, host: member.service?.name,
                    ports: member.service?.ports ?? [], selector: member.service?.selector ?? [:],
                    pods: member.pods.map { pod in
                        IstioDirectory.Pod(
                            namespace: pod.namespace, name: pod.name, uid: pod.uid, labels: pod.labels,
                            hasSidecar: pod.hasSidecar, source: pod.id)
                    }, isGateway: member.isGateway)
            }, rules: Array(picture.rules.values), unseen: picture.unseenRules)
        breaking.replace(
            workloads: (picture.workloads ?? []).map { ($0, naming.shown(picture.population.service(of: $0))) },
            blindness: picture.blind["deployments"]?.summary)
    }

    private func report(to turns: @Sendable (AdapterTurn) -> Void) {
        let picture = watch.picture
        let failure = watch.failure
        let reports = sources.withLock {
            $0.reports(
                of: picture, breaking, failure: failure, istiodAnswers: answers.withLock { $0 }, at: ContinuousClock.now
            )
        }
        if !reports.isEmpty { turns(AdapterTurn(reports.map { .source($0) })) }
    }

    /// As the screen has it: with the names of this session, and with what istiod says of the sidecar.
    private func shown(_ observation: Observation) -> Observation {
        guard case .source(var report) = observation, report.health == nil || report.health == SourceReport.new else {
            return cluster.naming.shown(observation)
        }
        if waypoints.withLock({ $0.contains(report.name) }) { report.health = "waypoint" }
        if let words = syncs.withLock({ $0[report.name] }) { report.health = words }
        return cluster.naming.shown(.source(report))
    }

    private func lookAtSync() async {
        guard cluster.hasIstiod, let sync = await cluster.sync(cluster.naming.home) else {
            breaking.confirmsPushes = false
            let isSilent = cluster.hasIstiod && mayAsk.withLock { $0 }
            answers.withLock { $0 = isSilent ? false : nil }
            let isGone = watch.picture.istiods.map { !$0.contains(where: \.isReady) } ?? false
            if isSilent || isGone || breaking.isWebhookDown { await lookAtWebhook() }
            return
        }
        answers.withLock { $0 = true }
        breaking.confirmsPushes = true
        if breaking.isWebhookDown { await lookAtWebhook() }
        let states = sync.proxies.reduce(into: [String: String]()) { states, proxy in
            let words: String? =
                switch proxy.state {
                case .synced: nil
                case .stale: "configuration stale"
                case .neverSent: "never configured"
                case .refused: "configuration refused"
                }
            if let words { states["\(proxy.name).\(proxy.namespace)"] = words }
        }
        syncs.withLock { $0 = states }
    }

    /// Without istiod no VirtualService can be written: that is known before somebody tries.
    private func lookAtWebhook() async {
        let known = cluster.namespaces.lazy.compactMap(\.self).first
        guard let namespace = known ?? members.withLock({ $0.all.first?.namespace }) else { return }
        let probe = WebhookProbe(cluster: cluster.cluster, namespace: namespace)
        if let isDown = await probe.isDown() { breaking.noteWebhook(isDown: isDown) }
    }

    private func lookAtRights() async {
        if let rights = try? await KubeRights.ask(IstioRights.opening, in: [IstioWatch.system], of: cluster.cluster) {
            let isMissing = !rights.missing(of: IstioRights.opening, in: IstioWatch.system).isEmpty
            mayAsk.withLock { $0 = !isMissing }
        }
        let namespaces = cluster.namespaces
        guard
            let rights = try? await KubeRights.ask(
                IstioRights.breaking + IstioRights.opening + [IstioRights.proxying] + IstioRights.guarding
                    + IstioRights.workloads,
                in: namespaces, of: cluster.cluster)
        else { return }
        for namespace in namespaces {
            let missing = rights.missing(of: IstioRights.breaking, in: namespace)
            breaking.setObstacle(
                missing.isEmpty
                    ? nil
                    : VirtualServiceRefusal(
                        "your user lacks the permission to \(missing[0])",
                        remedy: "Run `gameday check` to print the missing permissions as YAML."),
                in: namespace ?? "")
            breaking.set(missing: rights.missing(of: IstioRights.workloads, in: namespace), in: namespace)
            // Known before the first fault, so that its confirmation can say it.
            if let namespace,
                cluster.settings.deadManImage == nil
                    || !rights.missing(of: IstioRights.guarding, in: namespace).isEmpty
            {
                breaking.setDeadMan(false, in: namespace)
            }
        }
        let opens = namespaces.allSatisfy { rights.missing(of: IstioRights.opening, in: $0).isEmpty }
        breaking.opensSidecars = opens
        // The API server itself may be allowed to ask pods where the user is not.
        let isProxied = !opens && namespaces.allSatisfy { rights.may(IstioRights.proxying, in: $0) }
        cluster.reachPods(byProxy: isProxied)
    }
}

/// What a user must be allowed for a game day.
enum IstioRights {
    static let watching =
        [KubeResource.pods, .services, .virtualServices, .destinationRules].flatMap { resource in
            ["get", "list", "watch"].map { KubeRight($0, resource) }
        } + opening
    /// The ways into pods. A WebSocket begins with GET, and is a creation to others.
    static let opening = ["get", "create"].map { KubeRight($0, .pods, subresource: "portforward") }
    /// Another way, to what listens on more than the pod's loopback.
    static let proxying = KubeRight("get", .pods, subresource: "proxy")
    /// What is shown of a mesh beside its traffic, and is done without where it may not be seen.
    static let policies =
        [KubeResource.peerAuthentications, .httpRoutes, .gateways].flatMap { resource in
            ["list", "watch"].map { KubeRight($0, resource) }
        } + [KubeRight("get", .namespaces)]
    /// The objects of Chaos Mesh, where it is installed.
    static let chaos = ChaosFacts.resources.flatMap { resource in
        ["list", "watch"].map { KubeRight($0, resource) }
    }
    /// What it takes in Istio's own namespace: there are istiod and the policy of the whole mesh.
    static let system =
        [KubeResource.pods, .peerAuthentications].flatMap { resource in
            ["list", "watch"].map { KubeRight($0, resource) }
        } + opening
    static let breaking = ["create", "patch", "delete"].map { KubeRight($0, .virtualServices) }
    /// What a fault of a workload takes, by the word of its kind.
    static func needed(_ word: String, _ resource: KubeResource) -> [KubeRight] {
        switch word {
        case "delete-pod": [KubeRight("delete", .pods)]
        case "evict-pod": [KubeRight("create", .pods, subresource: "eviction")]
        case "partition": ["get", "create", "delete"].map { KubeRight($0, .networkPolicies) }
        default: ["get", "patch"].map { KubeRight($0, resource) }
        }
    }

    /// For whoever may scale and change nothing else.
    static func scaling(_ resource: KubeResource) -> KubeRight { KubeRight("patch", resource, subresource: "scale") }

    /// What faults of workloads take, all in all.
    static let workloads: [KubeRight] = {
        let all =
            [KubeResource.deployments, .statefulSets].flatMap { resource in
                ["list", "watch"].map { KubeRight($0, resource) } + needed("scale", resource) + [scaling(resource)]
            } + ["delete-pod", "evict-pod", "partition"].flatMap { needed($0, .pods) } + mending
        return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }()
    /// What the dead-man Job takes to end faults of workloads: nobody can give it more than they have.
    static let mending =
        [KubeResource.deployments, .statefulSets].flatMap { resource in
            ["get", "list", "patch"].map { KubeRight($0, resource) }
        } + ["list", "delete"].map { KubeRight($0, .networkPolicies) }
    /// What the access logs of an edge take: they are its caller's.
    static let logs = KubeRight("get", .pods, subresource: "log")
    /// What is not needed, and makes it safer.
    static let guarding =
        ["get", "create", "update", "delete"].map { KubeRight($0, .leases) }
        + ["create", "delete"].flatMap { verb in
            [KubeResource.jobs, .serviceAccounts, .roles, .roleBindings].map { KubeRight(verb, $0) }
        } + [KubeRight("create", .events)]
}
