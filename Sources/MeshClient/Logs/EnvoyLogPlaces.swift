internal import MeshModel

/// Where an Envoy writes access logs that can hold lines of one edge, as its configuration says (v3 API:
/// `FileAccessLog`, `StdoutAccessLog`, `SubstitutionFormatString`).
struct EnvoyLogPlaces: Equatable, Sendable {
    /// One file, and how its lines are written.
    struct Place: Equatable, Sendable {
        var path: String
        var format: AccessLogFormat
        /// Every line of it is about the edge.
        var isEdgeAlone: Bool
    }

    /// The pages of `/config_dump` that tell it.
    static let pages = ["static_listeners", "dynamic_listeners", "dynamic_route_configs"]

    private(set) var places: [Place] = []
    /// Why there is nothing to read, in words; nil when there is.
    private(set) var problem: String?

    /// `leads` says of a cluster's name whether it leads to the callee.
    init(_ pages: [JSON], leads: (String) -> Bool) {
        let entries = pages.flatMap { $0["configs"]?.array ?? [] }
        let routes = Dictionary(
            entries.compactMap { $0["route_config"] }.map { ($0["name"]?.string ?? "", $0) }
        ) { one, _ in one }
        let managers = entries.compactMap { $0["listener"] ?? $0["active_state"]?["listener"] }.flatMap(Self.managers)
        var other: [String] = []
        for manager in managers {
            let config = manager["route_config"] ?? manager["rds"]?["route_config_name"]?.string.flatMap { routes[$0] }
            let clusters = config.map(Self.clusters) ?? []
            // Routes that are not known may lead anywhere.
            guard clusters.isEmpty || clusters.contains(where: leads) else { continue }
            for log in manager["access_log"]?.array ?? [] {
                let isAlone = !clusters.isEmpty && clusters.allSatisfy(leads)
                take(log["typed_config"] ?? .null, isAlone: isAlone, &other)
            }
        }
        if places.isEmpty {
            problem = other.first ?? "no access log is configured; Envoy needs a file access log for this edge"
        }
    }

    private mutating func take(_ log: JSON, isAlone: Bool, _ other: inout [String]) {
        let type = log["@type"]?.string ?? ""
        guard type.hasSuffix(".FileAccessLog"), let path = log["path"]?.string else {
            let isStream = type.hasSuffix(".StdoutAccessLog") || type.hasSuffix(".StderrAccessLog")
            other.append(isStream ? Self.streamed : "its access log is not a file that can be read here")
            return
        }
        guard !path.hasPrefix("/dev/"), !path.hasPrefix("/proc/") else { return other.append(Self.streamed) }
        guard let format = Self.format(of: log) else {
            return other.append("the format of its access log cannot be read: it needs %RESPONSE_CODE%")
        }
        if let known = places.firstIndex(where: { $0.path == path && $0.format == format }) {
            places[known].isEdgeAlone = places[known].isEdgeAlone && isAlone
        } else {
            places.append(Place(path: path, format: format, isEdgeAlone: isAlone))
        }
    }

    private static let streamed = "its access log goes to standard output; configure a file to read it here"

    private static func format(of log: JSON) -> AccessLogFormat? {
        let format = log["log_format"]
        if let json = format?["json_format"] ?? log["json_format"] ?? log["typed_json_format"] {
            return AccessLogFormat(json: json)
        }
        let text = format?["text_format_source"]?["inline_string"] ?? format?["text_format"] ?? log["format"]
        if let text { return text.string.flatMap { AccessLogFormat(text: $0) } }
        // Its text may stand in a file of its own.
        return format == nil ? .envoy : nil
    }

    private static func managers(of listener: JSON) -> [JSON] {
        // What comes in is no edge of a caller.
        if listener["traffic_direction"]?.string == "INBOUND" { return [] }
        let chains = (listener["filter_chains"]?.array ?? []) + [listener["default_filter_chain"]].compactMap(\.self)
        return chains.flatMap { $0["filters"]?.array ?? [] }.compactMap { $0["typed_config"] }.filter {
            ($0["@type"]?.string ?? "").hasSuffix(".HttpConnectionManager")
        }
    }

    private static func clusters(of config: JSON) -> [String] {
        (config["virtual_hosts"]?.array ?? []).flatMap { $0["routes"]?.array ?? [] }.compactMap { $0["route"] }.flatMap
        {
            [$0["cluster"]].compactMap { $0?.string }
                + ($0["weighted_clusters"]?["clusters"]?.array ?? []).compactMap { $0["name"]?.string }
        }
    }
}
