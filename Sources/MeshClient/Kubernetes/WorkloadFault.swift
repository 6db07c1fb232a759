internal import MeshModel

/// What is written of a fault of a workload: what the API server is asked for to do it, and to take it back. Pure.
enum WorkloadFault {
    /// The label of what holds a fault of ours, so that any gameday finds it; its value is the kind's word.
    static let label = "gameday.dev/fault"
    /// The annotation of a NetworkPolicy that tells which workload it cuts off.
    static let workloadMark = "gameday.dev/workload"

    static func eviction(of pod: String, uid: String, in namespace: String) -> KubeRequest {
        let body: JSON = [
            "apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": ["name": .string(pod), "namespace": .string(namespace)],
            "deleteOptions": ["preconditions": ["uid": .string(uid)]],
        ]
        return KubeRequest(
            method: "POST", path: KubeResource.pods.path(namespace: namespace, name: pod) + "/eviction", body: body)
    }

    /// The annotation of pods that a restart changes: kubectl's own, whose users look for it there.
    static let restartMark = "kubectl.kubernetes.io/restartedAt"

    static func restart(_ object: KubeObject, at stamp: String) -> JSON {
        [
            "metadata": ["resourceVersion": .string(object.resourceVersion)],
            "spec": ["template": ["metadata": ["annotations": [JSON.Member(restartMark, .string(stamp))].object]]],
        ]
    }

    static func restartedAt(_ object: KubeObject) -> String? {
        KubeObject(object.spec?["template"] ?? .null).annotations[restartMark]
    }

    /// As `kubectl rollout status` has it: every pod is a new one, and is ready.
    static func isRolledOut(_ object: KubeObject) -> Bool {
        func count(_ name: String) -> Int { Int(clamping: object.status?[name]?.integer ?? 0) }
        let seen = object.status?["observedGeneration"]?.integer ?? 0
        guard seen >= object.metadata?["generation"]?.integer ?? 0 else { return false }
        return count("updatedReplicas") >= object.replicas && count("replicas") <= count("updatedReplicas")
            && count("readyReplicas") >= object.replicas
    }

    static func policyName(_ workload: String) -> String {
        let name = "gameday-partition-\(workload)"
        // A name may have 253 characters.
        return name.count <= 200 ? name : String(name.prefix(180)) + "-" + JSON.string(workload).mark.prefix(16)
    }

    /// Nothing reaches these pods, and they reach nothing.
    static func policy(
        _ name: String, cutting selector: JSON, of source: String, in namespace: String, owner: String
    ) -> JSON {
        [
            "apiVersion": .string(KubeResource.networkPolicies.apiVersion),
            "kind": .string(KubeResource.networkPolicies.kind),
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": [
                    JSON.Member("app.kubernetes.io/managed-by", "gameday"), JSON.Member(label, "partition"),
                ].object,
                "annotations": [
                    JSON.Member(workloadMark, .string(source)),
                    JSON.Member(ScaleMarks.Name.owner.rawValue, .string(owner)),
                ].object,
            ],
            "spec": ["podSelector": selector, "policyTypes": ["Ingress", "Egress"]],
        ]
    }
}

/// What gameday writes into a workload that it scales: all that an undo needs, so that any gameday on any machine can do
/// it, and the dead-man Job too.
struct ScaleMarks: Equatable, Sendable {
    /// How many there are to be while the fault stands.
    var replicas: Int
    /// How many there were.
    var original: Int
    var owner: String
    /// Who owned what before.
    var managedFields: [JSON]

    enum Name: String, CaseIterable {
        case replicas = "gameday.dev/scaled-to"
        case original = "gameday.dev/original-replicas"
        case owner = "gameday.dev/owner"
        case managedFields = "gameday.dev/original-managed-fields"
    }

    init(replicas: Int, original: Int, owner: String, managedFields: [JSON]) {
        (self.replicas, self.original, self.owner, self.managedFields) = (replicas, original, owner, managedFields)
    }

    /// Nil where there are none, or none that can be read: then nobody knows how many there were.
    init?(_ object: KubeObject) {
        let texts = object.annotations
        guard let replicas = texts[Name.replicas.rawValue].flatMap({ Int($0) }),
            let original = texts[Name.original.rawValue].flatMap({ Int($0) }), replicas >= 0, original >= 0
        else { return nil }
        (self.replicas, self.original, owner) = (replicas, original, texts[Name.owner.rawValue] ?? "")
        managedFields =
            texts[Name.managedFields.rawValue].flatMap { (try? JSON(parsing: $0))?.array } ?? []
    }

    /// Writes the marks, and scales.
    func patch(of object: KubeObject) -> JSON {
        let values: [(Name, String)] = [
            (.replicas, "\(replicas)"), (.original, "\(original)"), (.owner, owner),
            (.managedFields, JSON.array(managedFields).text),
        ]
        var steps = [PatchStep.replace("metadata", "resourceVersion", value: .string(object.resourceVersion))]
        for place in ["annotations", "labels"] where object.metadata?[place] == nil {
            steps.append(PatchStep.add("metadata", place, value: [:]))
        }
        steps += values.map { PatchStep.add("metadata", "annotations", $0.0.rawValue, value: .string($0.1)) }
        steps.append(PatchStep.add("metadata", "labels", WorkloadFault.label, value: "scale"))
        steps.append(PatchStep.add("spec", "replicas", value: .integer(Int64(replicas))))
        return .array(steps)
    }

    /// Takes the marks away, and scales back where nobody else has scaled meanwhile.
    static func patchBack(of object: KubeObject, to original: Int, from replicas: Int) -> JSON {
        var steps = [PatchStep.replace("metadata", "resourceVersion", value: .string(object.resourceVersion))]
        let there = Name.allCases.filter { object.annotations[$0.rawValue] != nil }
        steps += there.map { PatchStep.remove("metadata", "annotations", $0.rawValue) }
        if object.labels[WorkloadFault.label] != nil {
            steps.append(PatchStep.remove("metadata", "labels", WorkloadFault.label))
        }
        if object.replicas == replicas {
            steps.append(PatchStep.replace("spec", "replicas", value: .integer(Int64(original))))
        }
        return .array(steps)
    }

    /// For whoever may only scale.
    static func scale(_ replicas: Int, of object: KubeObject) -> JSON {
        [
            "metadata": ["resourceVersion": .string(object.resourceVersion)],
            "spec": ["replicas": .integer(Int64(replicas))],
        ]
    }
}

extension [JSON.Member] {
    fileprivate var object: JSON { .object(self) }
}
