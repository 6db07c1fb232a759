internal import MeshModel

/// One thing that somebody wants to do in a cluster: a verb and what it is done to.
struct KubeRight: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As RBAC has it: get, list, watch, create, update, patch, delete.
    var verb: String
    var group: String
    /// The plural, with the subresource behind a slash where it is about one: `pods/portforward`.
    var resource: String
    /// The one object that it is about; nil for all.
    var name: String?

    init(_ verb: String, _ resource: KubeResource, subresource: String? = nil, name: String? = nil) {
        self.init(verb, resource.group, resource.plural + (subresource.map { "/" + $0 } ?? ""), name: name)
    }

    init(_ verb: String, _ group: String, _ resource: String, name: String? = nil) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.name = name
    }

    /// What a person reads: `create pods/portforward`.
    var description: String {
        "\(verb) \(group.isEmpty ? resource : "\(resource).\(group)")" + (name.map { " \($0)" } ?? "")
    }

    static func < (left: KubeRight, right: KubeRight) -> Bool {
        (left.group, left.resource, left.name ?? "", left.verb)
            < (right.group, right.resource, right.name ?? "", right.verb)
    }
}

/// What a user may do in the namespaces that it was asked for.
struct KubeRights: Equatable, Sendable {
    /// One rule of a review: any of its verbs on any of its resources.
    struct Rule: Equatable, Sendable {
        var verbs: [String]
        var groups: [String]
        var resources: [String]
        /// Empty for all.
        var names: [String] = []

        func allows(_ right: KubeRight) -> Bool {
            Self.holds(verbs, right.verb) && Self.holds(groups, right.group) && takes(right.resource)
                && (names.isEmpty || right.name.map(names.contains) ?? false)
        }

        private static func holds(_ list: [String], _ word: String) -> Bool {
            list.contains(word) || list.contains("*")
        }

        /// `*` stands for all, `*/scale` for the scale of all; a name does not stand for what is beneath it.
        private func takes(_ resource: String) -> Bool {
            if Self.holds(resources, resource) { return true }
            guard let slash = resource.firstIndex(of: "/") else { return false }
            return resources.contains("*" + resource[slash...])
        }
    }

    /// What the user may where, by namespace; nil is the whole cluster.
    private var rules: [String?: [Rule]] = [:]
    /// What was asked one by one, since rules were not all there is.
    private var answers: [String?: [KubeRight: Bool]] = [:]

    /// Asks what of the wanted a user may in these namespaces; nil among them asks for the whole cluster.
    static func ask(
        _ wanted: [KubeRight], in namespaces: [String?], of cluster: any KubeAsking
    ) async throws(KubeError) -> KubeRights {
        var rights = KubeRights()
        for namespace in namespaces {
            var isComplete = false
            if let namespace {
                (rights.rules[namespace], isComplete) = try await rules(in: namespace, of: cluster)
            }
            // A review of rules is about one namespace; what it does not know is asked for by itself.
            guard !isComplete else { continue }
            for right in wanted where !rights.may(right, in: namespace) {
                rights.answers[namespace, default: [:]][right] = try await may(right, in: namespace, of: cluster)
            }
        }
        return rights
    }

    func may(_ right: KubeRight, in namespace: String?) -> Bool {
        let places = namespace == nil ? [nil] : [namespace, nil]
        return places.contains { place in
            rules[place]?.contains { $0.allows(right) } == true || answers[place]?[right] == true
        }
    }

    func missing(of wanted: [KubeRight], in namespace: String?) -> [KubeRight] {
        wanted.filter { !may($0, in: namespace) }
    }

    private static func rules(
        in namespace: String, of cluster: any KubeAsking
    ) async throws(KubeError) -> ([Rule], Bool) {
        let body: JSON = [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
            "spec": ["namespace": .string(namespace)],
        ]
        let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
        let status = try await cluster.ask(KubeRequest(method: "POST", path: path, body: body)).json["status"]
        let rules = (status?["resourceRules"]?.array ?? []).map { rule in
            Rule(
                verbs: texts(rule["verbs"]), groups: texts(rule["apiGroups"]), resources: texts(rule["resources"]),
                names: texts(rule["resourceNames"]))
        }
        return (rules, status?["incomplete"]?.bool == false)
    }

    private static func may(
        _ right: KubeRight, in namespace: String?, of cluster: any KubeAsking
    ) async throws(KubeError) -> Bool {
        let parts = right.resource.split(separator: "/", maxSplits: 1)
        var wanted: [JSON.Member] = [
            JSON.Member("verb", .string(right.verb)), JSON.Member("group", .string(right.group)),
            JSON.Member("resource", .string(String(parts.first ?? ""))),
        ]
        if parts.count > 1 { wanted.append(JSON.Member("subresource", .string(String(parts[1])))) }
        if let namespace { wanted.append(JSON.Member("namespace", .string(namespace))) }
        if let name = right.name { wanted.append(JSON.Member("name", .string(name))) }
        let body: JSON = [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": ["resourceAttributes": .object(wanted)],
        ]
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        let answer = try await cluster.ask(KubeRequest(method: "POST", path: path, body: body))
        return answer.json["status"]?["allowed"]?.bool ?? false
    }

    private static func texts(_ list: JSON?) -> [String] { (list?.array ?? []).compactMap(\.string) }
}
