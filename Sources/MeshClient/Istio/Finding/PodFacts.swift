internal import MeshModel

/// What is kept of a pod: enough to know whose it is and how to ask its sidecar.
struct PodFacts: Equatable, Sendable {
    var namespace: String
    var name: String
    var uid: String
    var labels: [String: String]
    var address: String?
    var node: String?
    /// The name of what made it, without what was added for each making: like `reviews-v3`.
    var workload: String
    var hasSidecar: Bool
    var isGateway: Bool
    /// It stands between callers and callees of an ambient mesh.
    var isWaypoint: Bool
    /// Its node's ztunnel carries its connections, so that it needs no sidecar.
    var isAmbient: Bool
    var isReady: Bool
    var scrape: IstioPod.Scrape?

    /// Nil for a pod that has ended, or is about to.
    init?(_ object: KubeObject) {
        let phase = object.status?["phase"]?.string
        guard !object.isGoing, phase != "Succeeded", phase != "Failed", !object.name.isEmpty else { return nil }
        namespace = object.namespace
        name = object.name
        uid = object.uid
        labels = object.labels
        address = object.status?["podIP"]?.string
        node = object.spec?["nodeName"]?.string
        workload = Self.workload(of: object)
        // Since Istio 1.27 the sidecar is one of the containers that are started first, and goes on.
        let containers = ["containers", "initContainers"].flatMap { object.spec?[$0]?.array ?? [] }
        let sidecar = containers.first { $0["name"]?.string == "istio-proxy" }
        hasSidecar = sidecar != nil
        let roles = (sidecar?["args"]?.array ?? []).compactMap(\.string)
        isGateway = roles.contains("router")
        isWaypoint = roles.contains("waypoint")
        isAmbient = object.annotations["ambient.istio.io/redirection"] == "enabled"
        let conditions = object.status?["conditions"]?.array ?? []
        isReady = conditions.contains { $0["type"]?.string == "Ready" && $0["status"]?.string == "True" }
        let annotations = object.annotations
        if annotations["prometheus.io/scrape"] == "true",
            let port = annotations["prometheus.io/port"].flatMap({ UInt16($0) })
        {
            let path = annotations["prometheus.io/path"] ?? "/metrics"
            scrape = IstioPod.Scrape(port: port, path: path.hasPrefix("/") ? path : "/" + path)
        }
    }

    /// As Istio calls it in its metrics: a Deployment by its own name, whose pods belong to a ReplicaSet.
    private static func workload(of object: KubeObject) -> String {
        let owners = object.metadata?["ownerReferences"]?.array ?? []
        guard let owner = owners.first(where: { $0["controller"]?.bool == true }) ?? owners.first,
            let name = owner["name"]?.string
        else { return object.name }
        guard owner["kind"]?.string == KubeResource.replicaSets.kind,
            let hash = object.labels["pod-template-hash"], name.hasSuffix("-" + hash)
        else { return name }
        return String(name.dropLast(hash.count + 1))
    }

    /// The name under which its requests are counted.
    var canonicalService: String {
        labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? workload
    }

    var version: String? {
        labels["service.istio.io/canonical-revision"] ?? labels["app.kubernetes.io/version"] ?? labels["version"]
    }

    /// Since Kubernetes 1.35 the zone of its node stands on the pod.
    var zone: String? { labels["topology.kubernetes.io/zone"] }

    /// As istiod and istioctl call it.
    var id: String { "\(name).\(namespace)" }
}

/// What is kept of a Service.
struct ServiceFacts: Equatable, Sendable {
    var namespace: String
    var name: String
    var selector: [String: String]
    var ports: [Int]
    /// Its labels that Istio reads.
    var meshLabels: [String: String]

    init(_ object: KubeObject) {
        namespace = object.namespace
        name = object.name
        ports = (object.spec?["ports"]?.array ?? []).compactMap { $0["port"]?.integer.map { Int(clamping: $0) } }
        meshLabels = object.labels.filter { $0.key.hasPrefix("istio.io/") }
        guard case .object(let members)? = object.spec?["selector"] else {
            selector = [:]
            return
        }
        selector = members.reduce(into: [:]) { $0[$1.name] = $1.value.string }
    }

    /// One without a selector chooses no pods at all.
    func selects(_ labels: [String: String], in namespace: String) -> Bool {
        !selector.isEmpty && namespace == self.namespace && selector.allSatisfy { labels[$0.key] == $0.value }
    }
}
