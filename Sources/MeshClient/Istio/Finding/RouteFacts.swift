internal import MeshModel

/// What is kept of an HTTPRoute: for whose requests it is, and where its rules send them.
struct RouteFacts: Equatable, Sendable {
    /// A Service, whose callers' requests it leads, or a Gateway.
    struct Parent: Equatable, Sendable {
        var isGateway: Bool
        var name: KubeName
    }

    struct Backend: Equatable, Sendable {
        var service: KubeName
        var weight: Int
    }

    struct Rule: Equatable, Sendable {
        /// In words; nil for all requests.
        var matches: String?
        var backends: [Backend]
    }

    var namespace: String
    var name: String
    var parents: [Parent]
    var rules: [Rule]

    init(_ object: KubeObject) {
        (namespace, name) = (object.namespace, object.name)
        let space = object.namespace
        parents = (object.spec?["parentRefs"]?.array ?? []).compactMap { parent in
            guard let name = parent["name"]?.string else { return nil }
            let place = KubeName(parent["namespace"]?.string ?? space, name)
            return switch parent["kind"]?.string ?? KubeResource.gateways.kind {
            case KubeResource.gateways.kind: Parent(isGateway: true, name: place)
            case KubeResource.services.kind: Parent(isGateway: false, name: place)
            default: nil
            }
        }
        rules = (object.spec?["rules"]?.array ?? []).compactMap { rule in
            // One that redirects sends to no service.
            let filters = (rule["filters"]?.array ?? []).compactMap { $0["type"]?.string }
            guard !filters.contains("RequestRedirect") else { return nil }
            let backends = (rule["backendRefs"]?.array ?? []).compactMap { backend -> Backend? in
                guard backend["kind"]?.string ?? KubeResource.services.kind == KubeResource.services.kind,
                    let name = backend["name"]?.string
                else { return nil }
                return Backend(
                    service: KubeName(backend["namespace"]?.string ?? space, name),
                    weight: Int(clamping: backend["weight"]?.integer ?? 1))
            }
            return Rule(matches: Self.words(rule["matches"]?.array ?? []), backends: backends)
        }
    }

    /// Which requests a rule is about; of several matches any one is enough.
    private static func words(_ matches: [JSON]) -> String? {
        let all = matches.map(words)
        guard !all.isEmpty, !all.contains("requests") else { return nil }
        let most = 3
        let more = all.count > most ? " and \(all.count - most) more" : ""
        return all.prefix(most).joined(separator: " or ") + more
    }

    private static func words(_ match: JSON) -> String {
        var words = [match["method"]?.string, "requests"].compactMap(\.self)
        if let path = match["path"], let value = path["value"]?.string {
            switch path["type"]?.string ?? "PathPrefix" {
            case "Exact": words.append("to \(value)")
            case "RegularExpression": words.append("with a path that matches \(value)")
            default: if value != "/" { words.append("to \(value)*") }
            }
        }
        for (member, noun) in [("headers", "header"), ("queryParams", "parameter")] {
            for item in match[member]?.array ?? [] {
                words.append("with \(noun) \(item["name"]?.string ?? "") \(item["value"]?.string ?? "")")
            }
        }
        return words.joined(separator: " ")
    }
}

/// What is kept of a Gateway of the Gateway API: whether it is a waypoint, and serves.
struct GatewayFacts: Equatable, Sendable {
    var name: KubeName
    /// It stands between callers and callees of an ambient mesh, and not at its border.
    var isWaypoint: Bool
    /// Why it serves no Service; nil where it does, as far as its object says.
    var trouble: String?

    init(_ object: KubeObject) {
        name = KubeName(object)
        isWaypoint = object.spec?["gatewayClassName"]?.string == "istio-waypoint"
        let conditions = object.status?["conditions"]?.array ?? []
        let programmed = conditions.first { $0["type"]?.string == "Programmed" }
        switch object.labels["istio.io/waypoint-for"] {
        case "workload"?, "none"?: trouble = "which does not serve Services"
        default: trouble = programmed?["status"]?.string == "True" ? nil : "which is not ready"
        }
    }
}

/// How a Service or a namespace asks for a waypoint.
struct WaypointWish: Equatable, Sendable {
    /// Nil for none, said by name.
    var waypoint: KubeName?

    /// Nil where the labels say nothing of it.
    init?(_ labels: [String: String], in namespace: String) {
        guard let name = labels["istio.io/use-waypoint"] else { return nil }
        guard name != "none" else { return }
        waypoint = KubeName(labels["istio.io/use-waypoint-namespace"] ?? namespace, name)
    }
}
