internal import MeshModel

/// A role that grants rights to a user: what `kubectl apply` takes, for whoever may give them.
struct KubeRole: Sendable {
    /// What the cluster calls a user, as it tells in a SelfSubjectReview.
    struct User: Equatable, Sendable {
        var name: String

        /// Asks the cluster whom it takes us for; nil where it does not tell, as old ones don't.
        static func ask(_ cluster: any KubeAsking) async -> User? {
            let body: JSON = ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"]
            let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
            let answer = try? await cluster.ask(KubeRequest(method: "POST", path: path, body: body))
            return (answer?.json["status"]?["userInfo"]?["username"]?.string).map { User(name: $0) }
        }
    }

    var name = "gameday"
    /// All that are wanted, not only those that are missing: applied again it must take nothing away.
    var rights: [KubeRight]
    /// Nil for a role of the whole cluster.
    var namespace: String?
    var user: User?

    /// Role and binding as YAML documents.
    var yaml: String {
        let kind = namespace == nil ? "ClusterRole" : "Role"
        var lines = ["apiVersion: rbac.authorization.k8s.io/v1", "kind: \(kind)"] + metadata + ["rules:"]
        for (group, resources, names, verbs) in rules {
            lines.append("- apiGroups: [\(Self.quoted(group))]")
            lines.append("  resources: [\(resources.map(Self.quoted).joined(separator: ", "))]")
            if !names.isEmpty { lines.append("  resourceNames: [\(names.map(Self.quoted).joined(separator: ", "))]") }
            lines.append("  verbs: [\(verbs.map(Self.quoted).joined(separator: ", "))]")
        }
        lines += ["---", "apiVersion: rbac.authorization.k8s.io/v1", "kind: \(kind)Binding"] + metadata
        lines += [
            "roleRef:", "  apiGroup: rbac.authorization.k8s.io", "  kind: \(kind)", "  name: \(Self.quoted(name))",
        ]
        return (lines + ["subjects:"] + subject).joined(separator: "\n") + "\n"
    }

    private var metadata: [String] {
        ["metadata:", "  name: \(Self.quoted(name))"] + (namespace.map { ["  namespace: \(Self.quoted($0))"] } ?? [])
    }

    private var subject: [String] {
        let account = (user?.name ?? "").split(separator: ":", omittingEmptySubsequences: false)
        if account.count == 4, account[0] == "system", account[1] == "serviceaccount" {
            return [
                "- kind: ServiceAccount", "  namespace: \(Self.quoted(String(account[2])))",
                "  name: \(Self.quoted(String(account[3])))",
            ]
        }
        return [
            "- kind: User", "  apiGroup: rbac.authorization.k8s.io",
            "  name: \(Self.quoted(user?.name ?? "WHO-RUNS-GAMEDAY"))",
        ]
    }

    /// Rights with the same verbs stand in one rule; each group, and each object by name, has rules of its own.
    private var rules: [(group: String, resources: [String], names: [String], verbs: [String])] {
        struct Thing: Hashable {
            var group: String
            var resource: String
            var name: String?
        }
        struct Sort: Hashable {
            var group: String
            var name: String?
            var verbs: [String]
        }
        var verbs: [Thing: Set<String>] = [:]
        for right in rights {
            verbs[Thing(group: right.group, resource: right.resource, name: right.name), default: []].insert(right.verb)
        }
        var found: [Sort: [String]] = [:]
        for (thing, verbs) in verbs {
            let order = ["get", "list", "watch", "create", "update", "patch", "delete"]
            let sorted = verbs.sorted {
                (order.firstIndex(of: $0) ?? order.count, $0) < (order.firstIndex(of: $1) ?? order.count, $1)
            }
            found[Sort(group: thing.group, name: thing.name, verbs: sorted), default: []].append(thing.resource)
        }
        return found.map { ($0.key.group, $0.value.sorted(), $0.key.name.map { [$0] } ?? [], $0.key.verbs) }
            .sorted {
                ($0.0, $0.1.joined(separator: ","), $0.2.joined()) < ($1.0, $1.1.joined(separator: ","), $1.2.joined())
            }
    }

    /// A text that YAML takes for that very text: a JSON string is one.
    private static func quoted(_ text: String) -> String { JSON.string(text).text }
}
