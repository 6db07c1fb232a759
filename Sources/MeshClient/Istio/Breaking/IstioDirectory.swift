internal import MeshModel
internal import Synchronization

/// What is known of a mesh of Istio for breaking it: filled by whoever watches the cluster, read by whoever plans.
final class IstioDirectory: Sendable {
    /// The cluster that all of it is in.
    struct Cluster: Sendable {
        /// The API server's URL, without secrets.
        var server: String
        /// What the ledger keeps so that the cluster can be reached again without settings: context, kubeconfig.
        var members: [JSON.Member] = []
        var domain = "cluster.local"
        /// Who writes, like `olivia@laptop`.
        var owner = "gameday"
    }

    /// One pod of a service.
    struct Pod: Equatable, Sendable {
        var namespace: String
        var name: String
        var uid = ""
        var labels: [String: String] = [:]
        var hasSidecar = true
        /// The name of its source.
        var source: String
    }

    /// A service as gameday names it.
    struct Service: Equatable, Sendable {
        var name: ServiceName
        var namespace: String
        /// The name of its Service object; nil for callers that nobody can call.
        var host: String?
        var ports: [Int] = []
        /// The labels that stand for all of its pods, as a Service's selector does.
        var selector: [String: String] = [:]
        var pods: [Pod] = []
        /// It takes what comes from outside: its routes are a Gateway's.
        var isGateway = false
    }

    /// Why objects of a kind were never told.
    enum Unseen: Equatable, Sendable {
        /// The first answer is awaited.
        case awaited
        /// In the API server's words.
        case hidden(String)
    }

    struct State {
        var services: [ServiceName: Service] = [:]
        var virtualServices: [String: KubeObject] = [:]
        var destinationRules: [String: KubeObject] = [:]
        /// Which of them were never told, by the resource's plural.
        var unseen: [String: Unseen] = [:]
        /// Why nothing may or can be written, by namespace; that of all namespaces has the empty name.
        var obstacles: [String: VirtualServiceRefusal] = [:]
        /// When istiod's webhook was found not to answer.
        var webhookFailedAt: ContinuousClock.Instant?
        var confirmsPushes = false
        var opensSidecars = false
        var hasDeadMan: [String: Bool] = [:]
        var hasLease: [String: Bool] = [:]
        /// By the names of their sources, and the services that they stand behind.
        var workloads: [String: (workload: Workload, service: ServiceName)] = [:]
        var blindness: String?
        var chaos: [ChaosFacts] = []
        /// What the user may not do, by namespace, as far as it was asked.
        var missing: [String: Set<KubeRight>] = [:]
        var deadManTroubles: [String: String] = [:]

        var isWebhookDown: Bool { webhookFailedAt.map { $0.duration(to: .now) < .seconds(20) } ?? false }
    }

    let cluster: Cluster
    private let state = Mutex(State())

    func look<Answer>(_ body: (State) -> Answer) -> Answer { state.withLock { body($0) } }
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    init(_ cluster: Cluster) {
        self.cluster = cluster
    }

    /// All that there is from now on: services, and VirtualServices and DestinationRules, and which of these were never
    /// told.
    func replace(services: [Service], rules: [KubeObject], unseen: [String: Unseen] = [:]) {
        let services = Dictionary(services.map { ($0.name, $0) }) { one, _ in one }
        let keyed = { (kind: String) in
            Dictionary(
                rules.filter { $0.json["kind"]?.string == kind }.map { ("\($0.namespace)/\($0.name)", $0) }
            ) { one, _ in one }
        }
        let (virtualServices, destinationRules) = (
            keyed(KubeResource.virtualServices.kind), keyed(KubeResource.destinationRules.kind)
        )
        state.withLock { state in
            state.services = services
            state.virtualServices = virtualServices
            state.destinationRules = destinationRules
            state.unseen = unseen
        }
    }

    /// The VirtualServices that are there, and those that would be made where a service has none: what can hold faults.
    var holders: [String] {
        let (services, objects, unseen) = state.withLock {
            ($0.services, Array($0.virtualServices.values), $0.unseen)
        }
        // Before they are known nobody can tell which would have to be made.
        if unseen[KubeResource.virtualServices.plural] != nil { return [] }
        let made = services.values.compactMap { service -> String? in
            guard let host = service.host, !service.isGateway else { return nil }
            let name = IstioHost.name(of: host, in: service.namespace, domain: cluster.domain)
            let choice = try? VirtualServiceChoice(for: name, calledFrom: nil, among: objects, domain: cluster.domain)
            guard let choice, choice.object == nil else { return nil }
            return "\(service.namespace)/\(IstioInjector.madeName(for: host))"
        }
        return (objects.map { "\($0.namespace)/\($0.name)" } + made).sorted()
    }

    func put(_ service: Service) { state.withLock { $0.services[service.name] = service } }
    func remove(_ service: ServiceName) { state.withLock { $0.services[service] = nil } }

    /// A VirtualService or a DestinationRule, as its watch tells it.
    func put(_ object: KubeObject) {
        state.withLock { state in
            let key = "\(object.namespace)/\(object.name)"
            switch object.json["kind"]?.string {
            case KubeResource.virtualServices.kind: state.virtualServices[key] = object
            case KubeResource.destinationRules.kind: state.destinationRules[key] = object
            default: break
            }
        }
    }

    func remove(_ object: KubeObject) {
        state.withLock { state in
            let key = "\(object.namespace)/\(object.name)"
            if object.json["kind"]?.string == KubeResource.destinationRules.kind {
                state.destinationRules[key] = nil
            } else {
                state.virtualServices[key] = nil
            }
        }
    }

    /// Why no VirtualService can be written in a namespace, or in any: a missing right, istiod down. Nil when it can.
    func setObstacle(_ obstacle: VirtualServiceRefusal?, in namespace: String = "") {
        state.withLock { $0.obstacles[namespace] = obstacle }
    }

    func obstacle(in namespace: String) -> VirtualServiceRefusal? {
        state.withLock { state in
            state.isWebhookDown ? .istiodDown : state.obstacles[""] ?? state.obstacles[namespace]
        }
    }

    /// Why no fault can be planned by what is known of these objects; nil when all of them are known. Whoever does not know
    /// a host's VirtualService would make a second one.
    func refusal(by resource: KubeResource) -> VirtualServiceRefusal? {
        switch state.withLock({ $0.unseen[resource.plural] }) {
        case nil: nil
        case .awaited?:
            VirtualServiceRefusal("the \(resource.kind)s are not known yet", remedy: "Try again in a moment.")
        case .hidden(let why)?: VirtualServiceRefusal("the \(resource.kind)s cannot be read: \(why)")
        }
    }

    /// Whether the first answer about these objects is still to come.
    func isAwaiting(_ resource: KubeResource) -> Bool {
        state.withLock { $0.unseen[resource.plural] == .awaited }
    }

    /// Whether the last write found that istiod's webhook does not answer. It is believed for some seconds, in which a
    /// probe tells it again or otherwise.
    var isWebhookDown: Bool { state.withLock { $0.isWebhookDown } }

    /// Tells what a write found of istiod's webhook.
    func noteWebhook(isDown: Bool) { state.withLock { $0.webhookFailedAt = isDown ? .now : nil } }

    /// Whether istiod says what the sidecars have taken.
    var confirmsPushes: Bool {
        get { state.withLock { $0.confirmsPushes } }
        set { state.withLock { $0.confirmsPushes = newValue } }
    }

    /// Whether the admin pages of sidecars can be reached.
    var opensSidecars: Bool {
        get { state.withLock { $0.opensSidecars } }
        set { state.withLock { $0.opensSidecars = newValue } }
    }

    /// Whether a Job in the namespace takes faults back when nobody renews them; nil when that was not tried yet.
    func hasDeadMan(in namespace: String) -> Bool? { state.withLock { $0.hasDeadMan[namespace] } }
    func setDeadMan(_ isThere: Bool?, in namespace: String) { state.withLock { $0.hasDeadMan[namespace] = isThere } }

    /// Whether a Lease keeps other teams out of the namespace; nil when that was not tried yet.
    func hasLease(in namespace: String) -> Bool? { state.withLock { $0.hasLease[namespace] } }
    func setLease(_ isThere: Bool?, in namespace: String) { state.withLock { $0.hasLease[namespace] = isThere } }

    func service(_ name: ServiceName) -> Service? { state.withLock { $0.services[name] } }

    func pod(source: String) -> Pod? {
        state.withLock { state in state.services.values.lazy.flatMap(\.pods).first { $0.source == source } }
    }

    /// Whether a part is in this cluster; nil where no cluster is named.
    func isNamed(_ part: FaultUndo.Part) -> Bool? {
        cluster.server.isEmpty ? nil : part.place.hasPrefix(cluster.server + "/")
    }

    var virtualServices: [KubeObject] { state.withLock { Array($0.virtualServices.values) } }

    func virtualService(_ source: String) -> KubeObject? { state.withLock { $0.virtualServices[source] } }

    /// The service whose host this is.
    func service(host: String) -> Service? {
        state.withLock { state in
            state.services.values.first { service in
                service.host.map {
                    IstioHost.name(of: $0, in: service.namespace, domain: cluster.domain) == host
                } ?? false
            }
        }
    }

    /// The service that a pod is of.
    func service(of pod: Pod) -> ServiceName? {
        state.withLock { state in
            state.services.values.filter { $0.pods.contains { $0.source == pod.source } }.map(\.name).min()
        }
    }

    /// The service whose pods all have these labels.
    func service(calling caller: VirtualServiceFault.Caller) -> Service? {
        state.withLock { state in
            let able = state.services.values.filter { service in
                service.namespace == caller.namespace && !service.pods.isEmpty
                    && service.pods.allSatisfy { pod in caller.labels.allSatisfy { pod.labels[$0.key] == $0.value } }
            }
            return able.min { $0.name < $1.name }
        }
    }

    /// The subsets of a host that stand for nothing but this version.
    func subsets(of host: String, version: String) -> [String] {
        state.withLock { state in
            state.destinationRules.values.flatMap { rule -> [String] in
                let its = IstioHost.resolved(
                    rule.spec?["host"]?.string ?? "", in: rule.namespace, domain: cluster.domain)
                guard its == host else { return [] }
                return (rule.spec?["subsets"]?.array ?? [])
                    .filter { $0["labels"]?["version"]?.string == version }.compactMap { $0["name"]?.string }
            }
        }
    }

    /// All names of subsets of a host.
    func subsets(of host: String) -> [String] {
        state.withLock { state in
            let all = state.destinationRules.values.flatMap { rule -> [String] in
                let its = IstioHost.resolved(
                    rule.spec?["host"]?.string ?? "", in: rule.namespace, domain: cluster.domain)
                return its == host ? (rule.spec?["subsets"]?.array ?? []).compactMap { $0["name"]?.string } : []
            }
            return Array(Set(all)).sorted()
        }
    }

    /// Labels that all pods of a service have, and no pod of another in its namespace; nil where there are none such.
    func callerLabels(of service: Service) -> [String: String]? {
        let others = state.withLock { state in
            state.services.values.filter { $0.name != service.name && $0.namespace == service.namespace }.flatMap(
                \.pods)
        }
        func isExact(_ labels: [String: String]) -> Bool {
            !labels.isEmpty
                && !others.contains { pod in
                    !service.pods.contains { $0.name == pod.name }
                        && labels.allSatisfy { pod.labels[$0.key] == $0.value }
                }
        }
        var shared = service.pods.first?.labels ?? service.selector
        for pod in service.pods.dropFirst() { shared = shared.filter { pod.labels[$0.key] == $0.value } }
        let usual = ["app", "app.kubernetes.io/name", "k8s-app"].compactMap { name in shared[name].map { [name: $0] } }
        let selector = service.selector.filter { shared[$0.key] == $0.value }
        return ([selector] + usual + [shared]).first(where: isExact)
    }
}

extension Scope {
    /// Whom requests reach here.
    var callee: ServiceName {
        switch self {
        case .service(let service): service
        case .edge(let edge): edge.to
        }
    }
}
