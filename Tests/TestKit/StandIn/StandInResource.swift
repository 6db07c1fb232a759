import MeshModel

/// A kind of objects that the stand-in keeps, and how an API server speaks of it.
struct StandInResource: Hashable {
    var group: String
    var versions: [String]
    var plural: String
    var kind: String
    var isNamespaced = true

    /// Known by a definition in the cluster, so that its objects come back with their members in alphabetical order.
    var isCustom: Bool { group.contains(".") && (!group.hasSuffix(".k8s.io") || group == "gateway.networking.k8s.io") }

    /// As an API server's sentences have it, like `virtualservices.networking.istio.io`.
    var fullName: String { group.isEmpty ? plural : "\(plural).\(group)" }
    var fullKind: String { group.isEmpty ? kind : "\(kind).\(group)" }

    func apiVersion(_ version: String) -> String { group.isEmpty ? version : "\(group)/\(version)" }

    static let all: [StandInResource] =
        core.map { StandInResource(group: "", versions: ["v1"], plural: $0, kind: $1, isNamespaced: $2) }
        + grouped.map { StandInResource(group: $0, versions: $1, plural: $2, kind: $3) }

    static func named(_ group: String, _ plural: String) -> StandInResource? {
        all.first { $0.group == group && $0.plural == plural }
    }

    static func ofObject(_ object: JSON) -> StandInResource? {
        let parts = (object["apiVersion"]?.string ?? "").split(separator: "/")
        let group = parts.count == 2 ? String(parts[0]) : ""
        return all.first { $0.group == group && $0.kind == object["kind"]?.string }
    }

    private static let core: [(String, String, Bool)] = [
        ("namespaces", "Namespace", false), ("nodes", "Node", false), ("pods", "Pod", true),
        ("services", "Service", true), ("serviceaccounts", "ServiceAccount", true), ("secrets", "Secret", true),
        ("configmaps", "ConfigMap", true), ("endpoints", "Endpoints", true),
    ]

    private static let istio = ["v1", "v1beta1", "v1alpha3"]

    private static let grouped: [(String, [String], String, String)] = [
        ("apps", ["v1"], "deployments", "Deployment"), ("apps", ["v1"], "replicasets", "ReplicaSet"),
        ("apps", ["v1"], "statefulsets", "StatefulSet"), ("apps", ["v1"], "daemonsets", "DaemonSet"),
        ("batch", ["v1"], "jobs", "Job"),
        ("discovery.k8s.io", ["v1"], "endpointslices", "EndpointSlice"),
        ("coordination.k8s.io", ["v1"], "leases", "Lease"),
        ("events.k8s.io", ["v1"], "events", "Event"),
        ("networking.k8s.io", ["v1"], "networkpolicies", "NetworkPolicy"),
        ("policy", ["v1"], "poddisruptionbudgets", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io", ["v1"], "roles", "Role"),
        ("rbac.authorization.k8s.io", ["v1"], "rolebindings", "RoleBinding"),
        ("networking.istio.io", istio, "virtualservices", "VirtualService"),
        ("networking.istio.io", istio, "destinationrules", "DestinationRule"),
        ("networking.istio.io", istio, "gateways", "Gateway"),
        ("networking.istio.io", istio, "serviceentries", "ServiceEntry"),
        ("networking.istio.io", istio, "sidecars", "Sidecar"),
        ("security.istio.io", ["v1", "v1beta1"], "peerauthentications", "PeerAuthentication"),
        ("gateway.networking.k8s.io", ["v1", "v1beta1"], "httproutes", "HTTPRoute"),
        ("gateway.networking.k8s.io", ["v1", "v1beta1"], "gateways", "Gateway"),
        ("chaos-mesh.org", ["v1alpha1"], "networkchaos", "NetworkChaos"),
        ("chaos-mesh.org", ["v1alpha1"], "httpchaos", "HTTPChaos"),
        ("chaos-mesh.org", ["v1alpha1"], "podchaos", "PodChaos"),
    ]
}

/// What a request asks for, as its path tells it.
struct StandInTarget {
    var resource: StandInResource
    var version: String
    var namespace: String?
    var name: String?
    var subresource: String?
    /// The rest of a proxy's path.
    var rest: [String] = []

    /// Nil for a path that is none of an object's or a list's.
    init?(path: String) {
        var parts = path.split(separator: "/").map(StubRequest.decoded)
        guard let root = parts.first, ["api", "apis"].contains(root) else { return nil }
        parts.removeFirst()
        var group = ""
        if root == "apis" {
            guard !parts.isEmpty else { return nil }
            group = parts.removeFirst()
        }
        guard !parts.isEmpty else { return nil }
        version = parts.removeFirst()
        if parts.count > 2, parts[0] == "namespaces", StandInResource.named(group, parts[2]) != nil {
            namespace = parts[1]
            parts.removeFirst(2)
        }
        guard let plural = parts.first, let resource = StandInResource.named(group, plural),
            resource.versions.contains(version)
        else { return nil }
        self.resource = resource
        if parts.count > 1 { name = parts[1] }
        if parts.count > 2 { subresource = parts[2] }
        rest = Array(parts.dropFirst(3))
    }
}
