import MeshModel

/// Why a caller is not let in.
struct StandInRefusal: Error {
    var answer: StandInCluster.Answer
}

/// Who asks, and what that one may.
extension StandInCluster.State {
    /// Nil for everybody where nobody has to tell who they are.
    func user(of request: Request) -> Result<String?, StandInRefusal> {
        var user: String?
        if !tokens.isEmpty {
            user = "system:anonymous"
            if let proof = request.headers["authorization"] {
                guard let known = tokens[String(proof.dropFirst("Bearer ".count))] else {
                    return .failure(StandInRefusal(answer: Self.refusal(401, "Unauthorized", "Unauthorized")))
                }
                user = known
            }
        }
        guard let other = request.headers["impersonate-user"] else { return .success(user) }
        guard user == nil || (user != "system:anonymous" && rights[user ?? ""] == nil) else {
            guard let target = StandInTarget(path: request.path) else {
                return .failure(StandInRefusal(answer: Self.refusal(403, "Forbidden", "no impersonation")))
            }
            let verb = Self.verb(request.method, hasName: target.name != nil, isWatch: false)
            let answer = Self.forbidden(user, "impersonate-on:user-info:" + verb, target)
            return .failure(StandInRefusal(answer: answer))
        }
        return .success(other)
    }

    static func verb(_ method: String, hasName: Bool, isWatch: Bool) -> String {
        switch method {
        case "GET" where isWatch: "watch"
        case "GET": hasName ? "get" : "list"
        case "POST": "create"
        case "PUT": "update"
        case "PATCH": "patch"
        default: hasName ? "delete" : "deletecollection"
        }
    }

    func may(_ user: String?, _ verb: String, _ target: StandInTarget) -> Bool {
        let resource = target.resource.plural + (target.subresource.map { "/" + $0 } ?? "")
        return may(user, verb, target.resource.group, resource, target.namespace, target.name)
    }

    private func may(
        _ user: String?, _ verb: String, _ group: String, _ resource: String, _ namespace: String?, _ name: String?
    ) -> Bool {
        guard let user else { return true }
        guard let rules = rights[user] else { return user != "system:anonymous" }
        return rules.contains { rule in
            let names = rule["resourceNames"]?.array ?? []
            let places = rule["namespaces"]?.array
            return Self.holds(rule["verbs"], verb) && Self.holds(rule["apiGroups"], group)
                && Self.holds(rule["resources"], resource)
                && (names.isEmpty || names.contains { $0.string == name })
                && (places.map { $0.contains { $0.string == namespace } } ?? true)
        }
    }

    private static func holds(_ list: JSON?, _ word: String) -> Bool {
        list?.array?.contains { $0.string == word || $0.string == "*" } ?? false
    }

    static func forbidden(_ user: String?, _ verb: String, _ target: StandInTarget) -> Answer {
        let name = target.name.map { " \"\($0)\"" } ?? ""
        let resource = target.resource.plural + (target.subresource.map { "/" + $0 } ?? "")
        let place = target.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        let words =
            "\(target.resource.fullName)\(name) is forbidden: User \"\(user ?? "")\" cannot \(verb) resource \"\(resource)\" in API group \"\(target.resource.group)\" \(place)"
        return refusal(403, "Forbidden", words, details: details(target, target.name))
    }

    /// The questions that a user asks about itself.
    func review(_ request: Request, _ user: String?) -> Answer? {
        guard request.method == "POST" else { return nil }
        let path = request.path
        let spec = request.json?["spec"] ?? [:]
        if path.hasSuffix("/selfsubjectrulesreviews") { return rulesReview(user, spec["namespace"]?.string) }
        if path.hasSuffix("/selfsubjectaccessreviews") {
            let wanted = spec["resourceAttributes"] ?? [:]
            let resource = (wanted["resource"]?.string ?? "") + (wanted["subresource"]?.string.map { "/" + $0 } ?? "")
            let isAllowed = may(
                user, wanted["verb"]?.string ?? "", wanted["group"]?.string ?? "", resource,
                wanted["namespace"]?.string, wanted["name"]?.string)
            return Self.json(
                201,
                [
                    "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": [:],
                    "spec": spec, "status": ["allowed": .bool(isAllowed)],
                ])
        }
        guard path.hasSuffix("/selfsubjectreviews") else { return nil }
        let info: JSON = ["username": .string(user ?? "admin"), "groups": ["system:authenticated"]]
        return Self.json(
            201,
            [
                "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1", "metadata": [:],
                "status": ["userInfo": info],
            ])
    }

    private static let pages: [JSON] = [
        ["/healthz", "/livez", "/readyz", "/version", "/version/"], ["/.well-known", "/.well-known/*"],
        [
            "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
            "/version", "/version/",
        ],
    ].map { ["verbs": ["get"], "nonResourceURLs": $0] }

    private func rulesReview(_ user: String?, _ namespace: String?) -> Answer {
        let all: [JSON] = [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]]
        let rules = (user.flatMap { rights[$0] } ?? all).filter { rule in
            rule["namespaces"]?.array.map { $0.contains { $0.string == namespace } } ?? true
        }
        return Self.json(
            201,
            [
                "kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1", "metadata": [:],
                "spec": [:],
                "status": [
                    "resourceRules": .array(rules.map { $0.with("namespaces", nil) }),
                    "nonResourceRules": .array(Self.pages),
                    "incomplete": .bool(isIncomplete),
                ],
            ])
    }
}
