internal import FoundationEssentials
internal import Glibc
internal import MeshModel
internal import Synchronization

/// One cluster with Istio in it, as the user of one context: its API server, and the ways into its pods.
final class IstioCluster: Sendable {
    let cluster: KubeCluster
    let settings: IstioSettings
    private let transport: any HTTPTransport
    private let door: Mutex<PodDoor>
    private let istiods = Mutex<[PodPort]>([])
    private let renewed = Mutex<ContinuousClock.Instant?>(nil)

    /// How old a proof of who asks may be at a port-forward.
    private static let proofLife = Duration.seconds(20)
    /// Where istiod's debug pages are, for whoever comes from its own loopback.
    static let debugPort: UInt16 = 15014

    init(_ settings: IstioSettings, _ access: KubeAccess, transport: any HTTPTransport) {
        self.settings = settings
        self.transport = transport
        cluster = KubeCluster(access, transport: transport, environment: Self.environment)
        var door = PodDoor(server: access.server, tls: access.tls, proxy: access.proxy)
        if access.isInCluster { door.way = .direct }
        self.door = Mutex(door)
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// What kubectl would use with this context and this kubeconfig.
    static func access(context: String?, kubeconfig: String?) throws(KubeconfigError) -> KubeAccess {
        var environment = environment
        if let kubeconfig { environment["KUBECONFIG"] = kubeconfig }
        return try KubeAccess.find(context: context, environment: environment)
    }

    var namespaces: [String?] { settings.watched(usual: cluster.namespace) }

    /// Names of services stand alone where one namespace is watched.
    var naming: IstioNaming { IstioNaming(watching: namespaces) }

    /// How it is found again by an undo without settings; no secret is in it.
    var members: [JSON.Member] {
        [
            JSON.Member("context", .string(cluster.context)),
            JSON.Member("kubeconfig", JSON(settings.kubeconfig ?? Self.environment["KUBECONFIG"])),
        ]
    }

    /// Keeps the proof for the ways into pods fresh, until the task is cancelled.
    func keepDoorOpen() async {
        while !Task.isCancelled {
            await renewProof()
            try? await Task.sleep(for: Self.proofLife)
        }
    }

    /// Who writes, for those who find it: like `olivia@laptop`.
    static var owner: String {
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
        return "\(user)@\(ProcessInfo.processInfo.hostName)"
    }

    /// Whether the API server asks the pods from now on; inside the cluster nobody has to.
    func reachPods(byProxy isProxied: Bool) {
        door.withLock { if $0.way != .direct { $0.way = isProxied ? .proxy : .forward } }
    }

    /// Where istiod is from now on.
    func set(istiods pods: [PodFacts]) {
        let ports = pods.filter(\.isReady).map {
            PodPort(namespace: $0.namespace, pod: $0.name, port: Self.debugPort, address: $0.address)
        }
        istiods.withLock { $0 = ports }
    }

    var hasIstiod: Bool { istiods.withLock { !$0.isEmpty } }

    /// A page of a pod, as it is asked now.
    func request(
        _ method: String = "GET", _ path: String, of pod: PodPort, deadline: Duration = .seconds(3)
    ) -> HTTPRequest {
        let door = door.withLock { $0 }
        var request = door.request(method, path, of: pod, deadline: deadline)
        if method == "POST", request.body == nil { request.body = [] }
        return request
    }

    /// What istiod says of the sidecars of a namespace, or of all; nil when it does not answer. Where nobody knows of an
    /// istiod it says nothing of anybody.
    func sync(_ namespace: String?) async -> IstiodSync? {
        await renewProofIfOld()
        if !hasIstiod { await findIstiods() }
        let ports = istiods.withLock { $0 }
        guard !ports.isEmpty else { return IstiodSync(uniting: []) }
        let query = namespace.map { "?namespace=" + KubeRequest.escaped($0) } ?? ""
        // Each of several knows its own sidecars.
        let pages = await each(ports) { port in
            try? await self.transport.send(self.request("GET", "/debug/syncz" + query, of: port))
        }
        let read = pages.compactMap { page in
            page.flatMap { $0.status == 200 ? try? IstiodSync($0.body) : nil }
        }
        guard !read.isEmpty else { return nil }
        return IstiodSync(uniting: read)
    }

    private func findIstiods() async {
        var request = KubeRequest.list(.pods, in: IstioWatch.system)
        request.query.append(("labelSelector", "app=istiod"))
        guard let list = try? await cluster.ask(request).json else { return }
        set(istiods: (list["items"]?.array ?? []).compactMap { PodFacts(KubeObject($0)) })
    }

    private func renewProof() async {
        guard let fresh = try? await cluster.door() else { return }
        door.withLock { ($0.headers, $0.tls) = (fresh.headers, fresh.tls) }
        renewed.withLock { $0 = .now }
    }

    /// Whoever undoes after a crash asks now and then only.
    private func renewProofIfOld() async {
        let last = renewed.withLock { $0 }
        if last.map({ $0.duration(to: .now) > Self.proofLife * 2 }) ?? true { await renewProof() }
    }

    private func ask(
        _ pod: IstioDirectory.Pod, _ method: String, _ path: String, isLast: Bool
    ) async throws(TransportError) -> HTTPResponse {
        await renewProofIfOld()
        let port = PodPort(namespace: pod.namespace, pod: pod.name, port: 15000, address: nil)
        var request = request(method, path, of: port, deadline: .seconds(2))
        request.isLast = isLast
        return try await transport.send(request)
    }

    /// All that breaking and mending takes.
    var reach: IstioReach {
        var reach = IstioReach(cluster: cluster)
        reach.admin = { pod, method, path throws(TransportError) in
            try await self.ask(pod, method, path, isLast: false)
        }
        reach.glance = { pod, method, path throws(TransportError) in
            try await self.ask(pod, method, path, isLast: true)
        }
        reach.sync = { await self.sync($0) }
        return reach
    }
}

/// The clusters that undos name: whoever undoes after a crash has no settings.
final class IstioClusterBook: Sendable {
    private let transport: any HTTPTransport
    private let known = Mutex<[String: IstioCluster]>([:])

    init(_ transport: any HTTPTransport) {
        self.transport = transport
    }

    /// Nil where the kubeconfig no longer has it.
    func reach(of part: FaultUndo.Part) -> IstioReach? {
        let context = part.fields.value("context")?.string.flatMap { $0.isEmpty ? nil : $0 }
        let kubeconfig = part.fields.value("kubeconfig")?.string
        let key = "\(context ?? "")\n\(kubeconfig ?? "")"
        if let cluster = known.withLock({ $0[key] }) { return Self.reach(cluster, part) }
        guard let access = try? IstioCluster.access(context: context, kubeconfig: kubeconfig) else { return nil }
        var settings = IstioSettings()
        (settings.context, settings.kubeconfig) = (context, kubeconfig)
        let cluster = IstioCluster(settings, access, transport: transport)
        known.withLock { $0[key] = cluster }
        return Self.reach(cluster, part)
    }

    /// Another cluster under the same name holds nothing of it.
    private static func reach(_ cluster: IstioCluster, _ part: FaultUndo.Part) -> IstioReach? {
        part.place.hasPrefix(cluster.cluster.server + "/") ? cluster.reach : nil
    }
}
