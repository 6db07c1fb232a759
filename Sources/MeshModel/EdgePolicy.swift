/// What objects of a cluster say of an edge: how callers must show who they are, who stands before the callee, and where
/// routes of the Gateway API lead. As the API server has them; whether a proxy took them is another matter.
public struct EdgePolicy: Equatable, Sendable {
    /// How some or all pods of the callee take connections, by the PeerAuthentication that decides it.
    public struct Mutual: Equatable, Sendable {
        /// Istio's word: `STRICT`, `PERMISSIVE`, `DISABLE`.
        public var mode: String
        /// The object that says so, like `bookinfo/default`; nil where Istio's own default stands.
        public var source: String?
        /// The pods' own port where it is about one alone; nil for all others.
        public var port: Int?
        /// How many pods it is true of, where it is not all of them.
        public var pods: Int?

        public init(mode: String, source: String? = nil, port: Int? = nil, pods: Int? = nil) {
            (self.mode, self.source, self.port, self.pods) = (mode, source, port, pods)
        }
    }

    /// One rule of a route, and where it sends what it matches.
    public struct Route: Equatable, Sendable {
        /// Kind and name of its object, like `HTTPRoute bookinfo/reviews`.
        public var name: String
        /// Which requests, in a few words; nil for all.
        public var matches: String?
        /// Services and their weights.
        public var shares: [EdgeProtection.Share]

        public init(name: String, matches: String? = nil, shares: [EdgeProtection.Share]) {
            (self.name, self.matches, self.shares) = (name, matches, shares)
        }
    }

    public var mutual: [Mutual] = []
    /// The Gateway that serves the callee in ambient mode, like `bookinfo/waypoint`; nil for none.
    public var waypoint: String?
    /// Why the waypoint serves nobody; nil where it does.
    public var waypointTrouble: String?
    public var routes: [Route] = []
    /// What could not be read, and why, a sentence each.
    public var unknown: [String] = []

    public init() {}
}

extension EdgeKnowledge {
    /// What the first of them says that says anything.
    public var policy: EdgePolicy? { reports.sorted { $0.key < $1.key }.lazy.compactMap(\.value.policy).first }
}

extension EdgePolicy {
    /// What is about the callee itself, whoever calls it: sentences without full stops.
    public var calleeSentences: [String] {
        var lines = mutual.map(\.words)
        if let waypoint { lines.append("Waypoint: \(waypoint)" + (waypointTrouble.map { ", \($0)" } ?? "")) }
        return lines + unknown
    }

    /// All of it, in sentences without full stops. Of many rules the first few are told.
    public var sentences: [String] {
        let most = 6
        var lines = calleeSentences + routes.prefix(most).map(\.words)
        if routes.count > most { lines.append("Routes: \(routes.count - most) more rules") }
        return lines
    }
}

extension EdgePolicy.Mutual {
    fileprivate var words: String {
        let place = port.map { "mTLS on port \($0)" } ?? "mTLS"
        let pods = pods.map { $0 == 1 ? " on 1 pod" : " on \($0) pods" } ?? ""
        let by = source.map { " by PeerAuthentication \($0)" } ?? " by Istio's default"
        let effect =
            switch mode {
            case "STRICT": ": plain text is refused"
            case "PERMISSIVE": ": plain text is accepted too"
            case "DISABLE": ": connections are not encrypted"
            default: ""
            }
        return "\(place): \(mode)\(pods)\(by)\(effect)"
    }
}

extension EdgePolicy.Route {
    fileprivate var words: String {
        let total = Double(max(1, shares.reduce(0) { $0 + $1.weight }))
        let parts = shares.map { "\(PlainWords.percent(Double($0.weight) / total)) to \($0.name)" }
        let target = parts.isEmpty ? "sends requests nowhere" : "sends \(parts.joined(separator: ", "))"
        return "Route: \(name) \(target)" + (matches.map { " for \($0)" } ?? "")
    }
}

// {"mutual":[{"mode","source","port","pods"}],"waypoint","trouble","routes":[{"name","for","to":[{"name","weight"}]}],
//  "unknown":[…]}, without what is not told.
extension EdgePolicy {
    var json: JSON {
        let mutual = mutual.map { its -> JSON in
            .known([
                ("mode", .string(its.mode)), ("source", JSON(its.source)),
                ("port", JSON(its.port)), ("pods", JSON(its.pods)),
            ])
        }
        let routes = routes.map { route -> JSON in
            .known([
                ("name", .string(route.name)), ("for", JSON(route.matches)),
                ("to", .array(route.shares.map { ["name": .string($0.name), "weight": JSON($0.weight)] })),
            ])
        }
        return .known([
            ("mutual", mutual.isEmpty ? .null : .array(mutual)), ("waypoint", JSON(waypoint)),
            ("trouble", JSON(waypointTrouble)),
            ("routes", routes.isEmpty ? .null : .array(routes)),
            ("unknown", unknown.isEmpty ? .null : .array(unknown.map { .string($0) })),
        ])
    }

    init(_ fields: WireFields) throws(WireError) {
        for item in try fields.objects("mutual") {
            mutual.append(
                Mutual(
                    mode: try item.string("mode"), source: item.value("source")?.string,
                    port: item.value("port") == nil ? nil : try item.integer("port"),
                    pods: item.value("pods") == nil ? nil : try item.integer("pods")))
        }
        waypoint = fields.value("waypoint")?.string
        waypointTrouble = fields.value("trouble")?.string
        for item in try fields.objects("routes") {
            var route = Route(name: try item.string("name"), matches: item.value("for")?.string, shares: [])
            for share in try item.objects("to") {
                route.shares.append(.init(name: try share.string("name"), weight: try share.integer("weight")))
            }
            routes.append(route)
        }
        if fields.value("unknown") != nil { unknown = try fields.strings("unknown") }
    }
}
