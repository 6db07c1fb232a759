internal import MeshModel

/// An object of a cluster as the API server tells it.
struct KubeObject: Equatable, Sendable {
    var json: JSON

    init(_ json: JSON) {
        self.json = json
    }

    var metadata: JSON? { json["metadata"] }
    var name: String { metadata?["name"]?.string ?? "" }
    /// Empty for what belongs to no namespace.
    var namespace: String { metadata?["namespace"]?.string ?? "" }
    var uid: String { metadata?["uid"]?.string ?? "" }
    var resourceVersion: String { metadata?["resourceVersion"]?.string ?? "" }
    var labels: [String: String] { texts("labels") }
    var annotations: [String: String] { texts("annotations") }
    var managedFields: JSON? { metadata?["managedFields"] }
    /// Somebody deleted it, and it is on its way out.
    var isGoing: Bool { metadata?["deletionTimestamp"]?.string != nil }
    var spec: JSON? { json["spec"] }
    var status: JSON? { json["status"] }

    private func texts(_ member: String) -> [String: String] {
        guard case .object(let members)? = metadata?[member] else { return [:] }
        return members.reduce(into: [:]) { texts, member in
            if let text = member.value.string { texts[member.name] = text }
        }
    }
}

/// A kind of objects and where the API server keeps them.
struct KubeResource: Hashable, Sendable {
    /// Empty for the oldest ones, which have no group.
    var group = ""
    var version = "v1"
    /// As it stands in paths and in rights, like `virtualservices`.
    var plural: String
    /// As it stands in objects, like `VirtualService`.
    var kind: String
    var isNamespaced = true

    /// `v1` or `group/version`, as objects have it.
    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// Where its objects are, or one of them; without a namespace those of all namespaces.
    func path(namespace: String?, name: String? = nil) -> String {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if isNamespaced, let namespace { path += "/namespaces/\(KubeRequest.escaped(namespace))" }
        path += "/\(plural)"
        if let name { path += "/\(KubeRequest.escaped(name))" }
        return path
    }

    static let namespaces = KubeResource(plural: "namespaces", kind: "Namespace", isNamespaced: false)
    static let nodes = KubeResource(plural: "nodes", kind: "Node", isNamespaced: false)
    static let pods = KubeResource(plural: "pods", kind: "Pod")
    static let services = KubeResource(plural: "services", kind: "Service")
    static let endpointSlices = KubeResource(
        group: "discovery.k8s.io", plural: "endpointslices", kind: "EndpointSlice")
    static let deployments = KubeResource(group: "apps", plural: "deployments", kind: "Deployment")
    static let replicaSets = KubeResource(group: "apps", plural: "replicasets", kind: "ReplicaSet")
    static let statefulSets = KubeResource(group: "apps", plural: "statefulsets", kind: "StatefulSet")
    static let daemonSets = KubeResource(group: "apps", plural: "daemonsets", kind: "DaemonSet")
    static let jobs = KubeResource(group: "batch", plural: "jobs", kind: "Job")
    static let leases = KubeResource(group: "coordination.k8s.io", plural: "leases", kind: "Lease")
    static let events = KubeResource(group: "events.k8s.io", plural: "events", kind: "Event")
    static let networkPolicies = KubeResource(
        group: "networking.k8s.io", plural: "networkpolicies", kind: "NetworkPolicy")
    static let serviceAccounts = KubeResource(plural: "serviceaccounts", kind: "ServiceAccount")
    static let roles = KubeResource(group: "rbac.authorization.k8s.io", plural: "roles", kind: "Role")
    static let roleBindings = KubeResource(
        group: "rbac.authorization.k8s.io", plural: "rolebindings", kind: "RoleBinding")
}
