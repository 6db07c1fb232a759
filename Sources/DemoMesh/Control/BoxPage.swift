import MeshModel

/// How what is asked of the box is told: `GET` gives all values and which of them hold, `POST` takes lines of
/// `key=value`, where an empty value takes the key back.
enum BoxPage {
    /// Something that can be asked at an edge, to the instances of a service, or (`*`) anywhere.
    struct Offer: Equatable, Sendable {
        var at: String
        var does: String
        /// How many there are to choose from.
        var of: Int
    }

    static let path = "/box"

    static func json(
        _ values: [String: Int], offers: [Offer], isSettled: Bool, isHeld: (String) -> Bool
    ) -> JSON {
        let sorted = values.sorted { $0.key < $1.key }
        return [
            "values": .object(sorted.map { JSON.Member($0.key, JSON($0.value)) }),
            "held": .array(sorted.filter { isHeld($0.key) }.map { .string($0.key) }), "settled": .bool(isSettled),
            "offers": .array(
                offers.map { ["at": .string($0.at), "does": .string($0.does), "of": JSON($0.of)] }),
        ]
    }

    static func settings(_ body: String) -> [(key: String, value: String)] {
        body.split(separator: "\n").map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }
}

extension ServiceAnswer {
    static func json(_ json: JSON) -> ServiceAnswer {
        ServiceAnswer(status: 200, headers: ["content-type": "application/json"], body: json.text)
    }
}

extension SidecarResources {
    /// All of one kind that are asked for, as the control plane sends them; nil for what this sidecar has none of.
    func all(_ kind: DiscoveryBook.Kind, _ names: [String]) -> [JSON]? {
        let found: [JSON?] =
            switch kind {
            case .listeners: listeners.map { Self.typed("listener.v3.Listener", $0) }
            case .clusters: clusters.map { Self.typed("cluster.v3.Cluster", $0) }
            case .routes: names.map { routes(of: $0).map { Self.typed("route.v3.RouteConfiguration", $0) } }
            case .endpoints:
                names.map { endpoints(of: $0).map { Self.typed("endpoint.v3.ClusterLoadAssignment", $0) } }
            case .secrets: names.map { secret($0) }
            }
        let known = found.compactMap(\.self)
        return known.count == found.count ? known : nil
    }

    private static func typed(_ type: String, _ resource: JSON) -> JSON {
        guard case .object(let members) = resource else { return resource }
        return .object([.init("@type", .string("type.googleapis.com/envoy.config." + type))] + members)
    }
}
