internal import MeshModel

/// Tells the clusters that carry no request of a service: those of control planes, tracing, logs, and Envoy itself.
enum EnvoyPlumbing {
    private static let names: [(pattern: String, what: String)] = [
        ("xds", "a control plane"), ("ads", "a control plane"), ("sds", "a control plane"),
        ("xds[-_].*", "a control plane"), (".*[-_](xds|ads|sds)", "a control plane"),
        ("(ads|sds|eds|cds)[-_].*", "a control plane"), ("agent", "the agent beside the proxy"),
        ("load_reporting.*", "a control plane"), ("local_agent", "the agent beside the proxy"),
        ("(zipkin|jaeger|otel|opentelemetry|skywalking|datadog|lightstep|collector_cluster)([-_].*)?", "tracing"),
        ("otlp.*", "tracing"), ("ext[-_]authz.*", "authorisation"), ("opa([-_].*)?", "authorisation"),
        ("rate[-_]?limit.*", "rate limits"), ("access[-_]?log.*|als([-_].*)?", "access logs"),
        ("prometheus_stats|(envoy[-_])?stats?", "Envoy's own statistics"),
        ("self_admin|.*envoy[-_:]admin", "Envoy's admin page"),
        ("PassthroughCluster|BlackHoleCluster|InboundPassthroughCluster.*|AllowAnyDynamicDNSCluster", "Istio's own"),
        ("local_cluster", "Envoy's own locality"),
        (
            "encap|main_internal|connect_(originate|terminate)|forward_inner_connect|(inner|outer)_connect_originate",
            "Istio's own"
        ),
        ("original-destination", "any address"), (".*:passthrough:.*|kuma:.*|_.*", "Kuma's own"),
    ]

    /// What this cluster is for, if it is none that requests of services go to.
    static func purpose(of cluster: EnvoyOutline.Cluster, in outline: EnvoyOutline) -> String? {
        if let admin = outline.admin, admin.port > 0,
            cluster.hosts.contains(where: { $0.isLoopback && $0.port == admin.port })
        {
            return "it leads to Envoy's own admin page"
        }
        if cluster.type == "ORIGINAL_DST" { return "it leads to any address" }
        if cluster.type.contains("dynamic_forward_proxy") || cluster.type.contains("dns_cluster.dynamic") {
            return "it leads to the host that a request names"
        }
        if cluster.name.contains("admin"), !cluster.hosts.isEmpty, cluster.hosts.allSatisfy(\.isLoopback) {
            return "its name is that of an admin page"
        }
        return purpose(ofName: cluster.name)
    }

    /// The same where nothing but the name is known.
    static func purpose(ofName name: String) -> String? {
        names.first { matches(name, $0.pattern) }.map { "its name is that of \($0.what)" }
    }

    /// Listeners for health checks and metrics, which carry no requests either.
    static func isSideDoor(_ gate: EnvoyGate) -> Bool {
        let words = ["admin", "health", "ready", "stats", "prometheus", "metrics", "probe", "hc", "agent"]
        return [gate.prefix, gate.listener].contains { name in
            name.lowercased().split { !$0.isLetter }.contains { word in words.contains(String(word)) }
        }
    }

    private static func matches(_ name: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern).ignoresCase() else { return false }
        return name.wholeMatch(of: expression) != nil
    }
}
