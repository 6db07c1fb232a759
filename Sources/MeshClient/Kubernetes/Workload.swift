internal import MeshModel

/// What is kept of a Deployment or a StatefulSet: whose pods it makes, and how many of them there should be and are.
struct Workload: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case deployment, statefulset

        var resource: KubeResource { self == .deployment ? .deployments : .statefulSets }
    }

    var kind: Kind
    var namespace: String
    var name: String
    var uid: String
    var selector: KubeSelector
    /// Of the pods that it makes.
    var labels: [String: String]
    var replicas: Int
    var ready: Int
    /// The tool that puts it back as it stands in a repository; nil for none.
    var owner: GitOpsOwner?

    /// Nil for one whose pods can't be told.
    init?(_ object: KubeObject, _ kind: Kind) {
        guard !object.isGoing, let selector = KubeSelector(object.spec?["selector"]) else { return nil }
        self.kind = kind
        (namespace, name, uid) = (object.namespace, object.name, object.uid)
        self.selector = selector
        labels = KubeObject(object.spec?["template"] ?? .null).labels
        replicas = object.replicas
        owner = GitOpsOwner(object)
        ready = Int(clamping: object.status?["readyReplicas"]?.integer ?? 0)
    }

    /// The name of its source: like `bookinfo/deployment/reviews-v1`.
    var id: String { Self.id(kind, namespace, name) }

    static func id(_ kind: Kind, _ namespace: String, _ name: String) -> String {
        "\(namespace)/\(kind.rawValue)/\(name)"
    }

    /// What a source's name says; nil for the name of another kind of source.
    static func parts(of source: String) -> (namespace: String, kind: Kind, name: String)? {
        let parts = source.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let kind = Kind(rawValue: parts[1]) else { return nil }
        return (parts[0], kind, parts[2])
    }

    var version: String? {
        labels["service.istio.io/canonical-revision"] ?? labels["app.kubernetes.io/version"] ?? labels["version"]
    }

    /// How its requests are counted.
    var canonicalService: String {
        labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? name
    }
}

extension KubeObject {
    /// How many pods a workload should have; one where it does not say.
    var replicas: Int { Int(clamping: spec?["replicas"]?.integer ?? 1) }
}
