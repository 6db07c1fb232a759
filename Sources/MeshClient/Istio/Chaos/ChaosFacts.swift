internal import MeshModel

/// What is kept of an object of Chaos Mesh (`chaos-mesh.org/v1alpha1`): what it does, and to whose pods.
struct ChaosFacts: Equatable, Sendable {
    /// Where pods are chosen; what is nil or empty chooses nothing.
    struct Target: Equatable, Sendable {
        var namespaces: [String]
        var labels: [String: String]

        init?(_ selector: JSON?, in namespace: String) {
            let labels = (selector?["labelSelectors"]?.members ?? []).reduce(into: [String: String]()) {
                $0[$1.name] = $1.value.string
            }
            guard !labels.isEmpty else { return nil }
            let spaces = (selector?["namespaces"]?.array ?? []).compactMap(\.string)
            (namespaces, self.labels) = (spaces.isEmpty ? [namespace] : spaces, labels)
        }

        func selects(_ pod: IstioDirectory.Pod) -> Bool {
            namespaces.contains(pod.namespace) && labels.allSatisfy { pod.labels[$0.key] == $0.value }
        }
    }

    var resource: KubeResource
    var namespace: String
    var name: String
    var uid: String
    /// Like `delay`; empty where the kind itself says what it does.
    var action: String
    var fault: FaultKind
    var selector: Target?
    /// Whose packets are meant, where it is about those between two.
    var peer: Target?
    /// It does nothing now: it is paused, on its way out, or was over before.
    var isActive: Bool

    /// Nil for an object of another kind.
    init?(_ object: KubeObject, _ resource: KubeResource) {
        guard !object.name.isEmpty, let spec = object.spec else { return nil }
        self.resource = resource
        (namespace, name, uid) = (object.namespace, object.name, object.uid)
        action = spec["action"]?.string ?? ""
        selector = Target(spec["selector"], in: object.namespace)
        // Packets to a target are those of the edge to it; others are the pods' own matter.
        peer =
            spec["direction"]?.string == "to" || spec["direction"] == nil
            ? Target(spec["target"]?["selector"], in: object.namespace) : nil
        fault = Self.fault(resource, action, spec)
        let conditions = object.status?["conditions"]?.array ?? []
        let isRecovered = conditions.contains {
            $0["type"]?.string == "AllRecovered" && $0["status"]?.string == "True"
        }
        let isPaused = object.annotations["experiment.chaos-mesh.org/pause"] == "true"
        let isStopped = object.status?["experiment"]?["desiredPhase"]?.string == "Stop"
        isActive = !object.isGoing && !isPaused && !isRecovered && !isStopped
    }

    /// A kind that gameday has too is called by its own name there.
    private static func fault(_ resource: KubeResource, _ action: String, _ spec: JSON) -> FaultKind {
        switch (resource.plural, action) {
        case ("networkchaos", "delay"):
            let delay = spec["delay"]
            let latency = OthersFault.milliseconds(delay?["latency"]?.string ?? "")
            return .delay(
                milliseconds: latency, jitter: OthersFault.milliseconds(delay?["jitter"]?.string ?? ""))
        case ("networkchaos", "partition"): return FaultKind("partition")
        case ("podchaos", "pod-kill"): return FaultKind("delete-pod", ["delete-pod": 1])
        default: return FaultKind(action.isEmpty ? resource.kind : "\(resource.kind) \(action)")
        }
    }

    /// The name of its source: like `bookinfo/networkchaos/delay-ratings`.
    var id: String { "\(namespace)/\(resource.plural)/\(name)" }

    /// The kinds of objects that Chaos Mesh 2 has for pods.
    static let resources = [
        ("podchaos", "PodChaos"), ("networkchaos", "NetworkChaos"), ("httpchaos", "HTTPChaos"),
        ("stresschaos", "StressChaos"), ("iochaos", "IOChaos"), ("dnschaos", "DNSChaos"), ("timechaos", "TimeChaos"),
        ("jvmchaos", "JVMChaos"), ("kernelchaos", "KernelChaos"), ("blockchaos", "BlockChaos"),
    ].map { KubeResource(group: "chaos-mesh.org", version: "v1alpha1", plural: $0, kind: $1) }

    /// What a source's name says; nil for the name of another kind of source.
    static func parts(of source: String) -> (namespace: String, resource: KubeResource, name: String)? {
        let parts = source.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let resource = resources.first(where: { $0.plural == parts[1] }) else { return nil }
        return (parts[0], resource, parts[2])
    }
}
