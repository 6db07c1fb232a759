internal import MeshModel

/// Reads out of an Envoy's `/config_dump` what protects the way to one callee, as Envoy 1.22 to 1.40 write it (API v3:
/// `RouteAction`, `RetryPolicy`, `CircuitBreakers`, `OutlierDetection`). Envoy's own defaults stand where it says nothing.
struct EnvoyProtection {
    /// The pages that are needed, smaller together than the whole.
    static let pages = [
        "static_clusters", "dynamic_active_clusters", "static_listeners", "dynamic_listeners", "dynamic_route_configs",
    ]

    /// Envoy's own timeout of a route, 15 seconds.
    private static let usualTimeout = 15_000

    /// The largest number of 32 bits, by which Istio says that there is no limit.
    private static let unlimited = 4_294_967_295

    private(set) var protection = EdgeProtection()
    private let leads: (String) -> Bool

    /// `leads` says of a cluster's name whether it leads to the callee.
    init(_ pages: [JSON], leads: @escaping (String) -> Bool) {
        self.leads = leads
        let entries = pages.flatMap { $0["configs"]?.array ?? [] }
        let clusters = entries.compactMap { $0["cluster"] }.filter { $0["name"]?.string.map(leads) ?? false }
        for cluster in clusters { read(cluster: cluster) }
        let listeners = entries.compactMap { $0["listener"] ?? $0["active_state"]?["listener"] }
        let routes = entries.compactMap { $0["route_config"] } + listeners.flatMap(Self.routes)
        for config in routes where protection.timeout == nil { read(routes: config) }
    }

    private static func routes(of listener: JSON) -> [JSON] {
        let chains = (listener["filter_chains"]?.array ?? []) + [listener["default_filter_chain"]].compactMap(\.self)
        return chains.flatMap { $0["filters"]?.array ?? [] }.compactMap { $0["typed_config"]?["route_config"] }
    }

    private mutating func read(cluster: JSON) {
        if protection.breaker == nil, let thresholds = cluster["circuit_breakers"]?["thresholds"]?.array?.first {
            func limit(_ name: String) -> Int? { thresholds[name]?.whole.flatMap { $0 < Self.unlimited ? $0 : nil } }
            protection.breaker = EdgeProtection.Breaker(
                connections: limit("max_connections"), pending: limit("max_pending_requests"),
                requests: limit("max_requests"), retries: limit("max_retries"))
        }
        if protection.outliers == nil, let outliers = cluster["outlier_detection"] {
            protection.outliers = EdgeProtection.Outliers(
                failures: outliers["consecutive_5xx"]?.whole ?? 5,
                ejection: outliers["base_ejection_time"]?.milliseconds ?? 30_000,
                mostPercent: outliers["max_ejection_percent"]?.whole ?? 10)
        }
        let security = Self.security(of: cluster)
        // Of several clusters the least secure one is the news.
        if protection.security.map({ Self.rank(security) < Self.rank($0) }) ?? true { protection.security = security }
    }

    private static func rank(_ security: EdgeProtection.Security) -> Int {
        EdgeProtection.Security.allCases.firstIndex(of: security) ?? 0
    }

    private static func security(of cluster: JSON) -> EdgeProtection.Security {
        let matches = (cluster["transport_socket_matches"]?.array ?? []).compactMap { $0["transport_socket"] }
        for socket in [cluster["transport_socket"]].compactMap(\.self) + matches {
            guard let context = socket["typed_config"], (context["@type"]?.string ?? "").hasSuffix("UpstreamTlsContext")
            else { continue }
            let common = context["common_tls_context"]
            let own = common?["tls_certificates"] ?? common?["tls_certificate_sds_secret_configs"]
            return own?.array?.isEmpty == false ? .mutual : .tls
        }
        return .plain
    }

    private mutating func read(routes config: JSON) {
        for host in config["virtual_hosts"]?.array ?? [] {
            for route in host["routes"]?.array ?? [] {
                guard let action = route["route"], leads(action) else { continue }
                protection.timeout = action["timeout"]?.milliseconds ?? Self.usualTimeout
                protection.retries = Self.retries(action["retry_policy"] ?? host["retry_policy"])
                protection.split = Self.split(action)
                return
            }
        }
    }

    private func leads(_ action: JSON) -> Bool {
        if let name = action["cluster"]?.string { return leads(name) }
        let parts = action["weighted_clusters"]?["clusters"]?.array ?? []
        return parts.contains { $0["name"]?.string.map(leads) ?? false }
    }

    private static func retries(_ policy: JSON?) -> EdgeProtection.Retries? {
        guard let policy, let on = policy["retry_on"]?.string, !on.isEmpty else { return nil }
        return EdgeProtection.Retries(
            count: policy["num_retries"]?.whole ?? 1, on: on, tryTimeout: policy["per_try_timeout"]?.milliseconds)
    }

    private static func split(_ action: JSON) -> [EdgeProtection.Share] {
        let parts = (action["weighted_clusters"]?["clusters"]?.array ?? []).compactMap {
            part -> EdgeProtection.Share? in
            guard let name = part["name"]?.string else { return nil }
            let cluster = EnvoyClusterName(name)
            return EdgeProtection.Share(name: cluster.version ?? cluster.service, weight: part["weight"]?.whole ?? 0)
        }
        return parts.count > 1 ? parts : []
    }
}

extension JSON {
    /// A whole number that fits; configuration dumps write them plain.
    fileprivate var whole: Int? {
        (integer ?? self["value"]?.integer).flatMap { Int(exactly: $0) }.map { max(0, min($0, 1 << 40)) }
    }

    /// A duration as JSON writes protobuf's: `2s`, `0.300s`.
    fileprivate var milliseconds: Int? {
        guard let text = string, text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds.isFinite,
            seconds >= 0, seconds < 1e9
        else { return nil }
        return Int((seconds * 1000).rounded())
    }
}

extension Sequence<HTTPResponse?> {
    /// Those that are pages of JSON.
    var jsonPages: [JSON] {
        compactMap { answer in
            answer.flatMap { $0.status == 200 ? try? JSON(parsing: $0.body) : nil }
        }
    }
}
