internal import MeshModel

extension EnvoyShape {
    /// The page of statistics that says all that is shown of this proxy, as path and query. Names are spelled out while
    /// they are few; a long expression costs more than what it leaves out.
    func statsPath(buckets: String) -> String {
        let own = names.clusters.filter(\.value.isMeasure).keys.sorted()
        let others = names.clusters.filter { !$0.value.isMeasure }.keys.sorted()
        let requests = "upstream_rq_(completed|[2-5]xx|time|cancelled|active)"
        let rest =
            "upstream_rq_(timeout|retry|active_overflow|pending_overflow|maintenance_mode)"
            + "|upstream_cx_connect_fail|membership_(healthy|total)|outlier_detection\\.ejections_active"
            + "|grpc\\.(.+\\.)?(failure|total)"
        let bytes = "|upstream_cx_(total|rx_bytes_total|tx_bytes_total)"
        var parts = ["server\\.(uptime|state)", "http\\.admin\\.downstream_rq_completed", Self.changes]
        if !own.isEmpty { parts.append("cluster\\.\(Self.choice(own))\\.(\(requests)|\(rest)\(bytes))") }
        if !others.isEmpty { parts.append("cluster\\.\(Self.choice(others))\\.(\(rest))") }
        let prefixes = names.guessesInbound ? [] : names.listeners.keys.sorted()
        if !prefixes.isEmpty || names.guessesInbound {
            let listeners = names.guessesInbound ? "(ingress|inbound|public_listener).*" : Self.choice(prefixes)
            parts.append(
                "http\\.\(listeners)\\.(downstream_rq_(completed|[2-5]xx|active|time|rx_reset)"
                    + "|fault\\.(aborts|delays|response_rl)_injected)")
        }
        let faults = names.faults.keys.filter { names.listeners[$0] == nil }.sorted()
        if !faults.isEmpty {
            parts.append("http\\.\(Self.choice(faults))\\.fault\\.(aborts|delays|response_rl)_injected")
        }
        let expression = ControlPlaneRoute.escaped("^(\(parts.joined(separator: "|")))$")
        return "/stats?format=json&usedonly&histogram_buckets=\(buckets)&filter=" + expression
    }

    /// What moves whenever the proxy gets another configuration.
    private static let changes =
        "cluster_manager\\.cluster_(added|modified|removed)|listener_manager\\.listener_(added|modified|removed)"
        + "|http\\..+\\.rds\\..+\\.config_reload"

    private static func choice(_ names: [String]) -> String {
        let choice = names.map(escaped).joined(separator: "|")
        return choice.utf8.count < 3000 ? "(\(choice))" : ".+"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += "\\.+*?()|[]{}^$".contains($1) ? "\\\($1)" : "\($1)" }
    }
}
