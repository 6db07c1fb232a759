internal import MeshModel
internal import Yams

/// A Job that ends faults when nobody renews the namespace's Lease any more: the laptop may be gone for good.
struct DeadMan: Sendable {
    /// Kubernetes' own image; it has bash and jq beside kubectl.
    static let usualImage = "registry.k8s.io/kubectl:v1.36.0"
    /// Seconds beyond the Lease until it acts.
    static let patience = 3
    static let name = "gameday-dead-man"

    var namespace: String
    var image: String
    /// It ends faults of workloads too: its maker has the rights that this takes.
    var endsWorkloads = true
    /// Seconds without renewal until it acts.
    var wait = NamespaceLeases.length + Self.patience

    /// In the order in which they are made.
    var objects: [JSON] {
        [
            object("v1", "ServiceAccount", []),
            object(
                "rbac.authorization.k8s.io/v1", "Role",
                [
                    JSON.Member(
                        "rules",
                        .array(
                            [
                                rule("networking.istio.io", "virtualservices", ["get", "list", "patch", "delete"]),
                                rule("coordination.k8s.io", "leases", ["get"]),
                            ] + (endsWorkloads ? workloadRules : [])))
                ]),
            object(
                "rbac.authorization.k8s.io/v1", "RoleBinding",
                [
                    JSON.Member(
                        "roleRef",
                        ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(Self.name)]),
                    JSON.Member(
                        "subjects",
                        [["kind": "ServiceAccount", "name": .string(Self.name), "namespace": .string(namespace)]]),
                ]),
            object("batch/v1", "Job", [JSON.Member("spec", job)]),
        ]
    }

    private var workloadRules: [JSON] {
        ["deployments", "statefulsets"].map { rule("apps", $0, ["get", "list", "patch"]) }
            + [rule("networking.k8s.io", "networkpolicies", ["list", "delete"])]
    }

    private var job: JSON {
        [
            "backoffLimit": 10, "ttlSecondsAfterFinished": 60,
            "template": [
                "metadata": [
                    "labels": ["app.kubernetes.io/managed-by": "gameday", "sidecar.istio.io/inject": "false"]
                ],
                "spec": [
                    "serviceAccountName": .string(Self.name), "restartPolicy": "OnFailure",
                    "terminationGracePeriodSeconds": 1,
                    "securityContext": [
                        "runAsNonRoot": true, "runAsUser": 65_534, "seccompProfile": ["type": "RuntimeDefault"],
                    ],
                    "containers": [
                        [
                            "name": "dead-man", "image": .string(image),
                            "command": ["bash", "-c", .string(script)],
                            "resources": [
                                "requests": ["cpu": "10m", "memory": "32Mi"], "limits": ["memory": "128Mi"],
                            ],
                            "securityContext": [
                                "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
                                "readOnlyRootFilesystem": true,
                            ],
                        ]
                    ],
                ],
            ],
        ]
    }

    private func object(_ apiVersion: String, _ kind: String, _ rest: [JSON.Member]) -> JSON {
        let metadata: JSON = [
            "name": .string(Self.name), "namespace": .string(namespace),
            "labels": ["app.kubernetes.io/managed-by": "gameday"],
        ]
        return .object(
            [
                JSON.Member("apiVersion", .string(apiVersion)), JSON.Member("kind", .string(kind)),
                JSON.Member("metadata", metadata),
            ] + rest)
    }

    private func rule(_ group: String, _ resource: String, _ verbs: [String]) -> JSON {
        [
            "apiGroups": [.string(group)], "resources": [.string(resource)],
            "verbs": .array(verbs.map { .string($0) }),
        ]
    }

    static func resource(of object: JSON) -> KubeResource? {
        let all: [KubeResource] = [.serviceAccounts, .roles, .roleBindings, .jobs]
        return all.first { $0.kind == object["kind"]?.string }
    }

    /// All of it, to be read or applied by hand.
    func printed() throws -> String {
        try objects.map { try Yams.serialize(node: Self.node($0), indent: 2, width: -1, sortKeys: false) }
            .joined(separator: "---\n")
    }

    private static func node(_ json: JSON) throws -> Node {
        switch json {
        case .object(let members):
            return Node(try members.map { (Node($0.name), try node($0.value)) })
        case .array(let items): return Node(try items.map(node))
        case .string(let text):
            // What would be read as something else has to stand in quotes.
            let isPlain = Node(text).tag == Tag(.str)
            return Node(text, Tag(.str), text.contains("\n") ? .literal : isPlain ? .any : .doubleQuoted)
        case .bool(let value): return Node(value ? "true" : "false", Tag(.bool))
        case .integer(let value): return Node("\(value)", Tag(.int))
        case .double(let value): return Node("\(value)", Tag(.float))
        case .null: return Node("null", Tag(.null))
        }
    }
}
