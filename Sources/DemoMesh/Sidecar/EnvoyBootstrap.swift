import MeshModel

/// The configuration of one sidecar, as Envoy reads it (v3 API, tried with 1.40).
///
/// Listeners: `in` for requests to the service, `to_<callee>` for each service it calls, `hc` for health checks. Every
/// fault key can be set at run time through the admin page; the steps of the rate limit are configuration in Envoy, so
/// each step has a filter of its own.
public struct EnvoyBootstrap {
    /// The rate limits that can be injected, in KiB/s.
    static let rateSteps = [8, 16, 32, 64, 128, 256, 512, 1_024]

    var plan: ServicePlan
    var place: MeshLayout.Place
    /// The places of the services that this one calls.
    var callees: [MeshLayout.Place]

    init?(service: String, of mesh: MeshPlan, at layout: MeshLayout) {
        guard let plan = mesh.service(service), let place = layout.place(of: service) else { return nil }
        self.plan = plan
        self.place = place
        callees = plan.calls.compactMap { layout.place(of: $0.to) }
    }

    var document: JSON {
        [
            "node": ["id": .string(plan.name + "-1"), "cluster": .string(plan.name)],
            "admin": ["address": Self.address(place.admin)],
            // The latency histograms move only when they are flushed.
            "stats_flush_interval": "1s",
            "layered_runtime": [
                "layers": [
                    ["name": "base", "static_layer": [:]],
                    ["name": "admin", "admin_layer": [:]],
                ]
            ],
            "static_resources": [
                "listeners": .array([inbound, healthListener] + plan.calls.compactMap(egress)),
                "clusters": .array(
                    [local("local_app", timeout: "0.5s"), local("local_hc", timeout: "0.5s")]
                        + plan.calls.compactMap(cluster)),
            ],
        ]
    }

    private var inbound: JSON {
        listener(
            "in", port: place.inbound, direction: "INBOUND",
            route: ["cluster": "local_app", "timeout": "10s"], filters: Self.faults(keys: "in"))
    }

    private var healthListener: JSON {
        let filter = Self.filter(
            "health_check", "health_check.v3.HealthCheck",
            [
                "pass_through_mode": true,
                "headers": [["name": ":path", "string_match": ["exact": "/healthz"]]],
            ])
        return listener(
            "hc", port: place.health, direction: "INBOUND", route: ["cluster": "local_hc", "timeout": "1s"],
            filters: [filter])
    }

    private func egress(_ call: CallPlan) -> JSON? {
        guard let port = place.egress[call.to] else { return nil }
        var route: [JSON.Member] = [
            .init("cluster", .string(call.to)), .init("timeout", Self.seconds(call.timeout)),
        ]
        if call.retries > 0 {
            route.append(
                .init(
                    "retry_policy",
                    [
                        "retry_on": "5xx", "num_retries": JSON(call.retries),
                        "per_try_timeout": Self.seconds(call.tryTimeout ?? call.timeout),
                    ]))
        }
        return listener(
            "to_" + call.to, port: port, direction: "OUTBOUND", route: .object(route),
            filters: Self.faults(keys: "edge." + call.to))
    }

    private func listener(_ name: String, port: Int, direction: String, route: JSON, filters: [JSON]) -> JSON {
        let routes: JSON = [["match": ["prefix": "/"], "route": route]]
        let router = Self.filter("router", "router.v3.Router", [:])
        let manager: JSON = [
            "@type": .string(
                Self.extensions + "network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": .string(name),
            "route_config": [
                "name": .string(name),
                "virtual_hosts": [["name": .string(name), "domains": ["*"], "routes": routes]],
            ],
            "http_filters": .array(filters + [router]),
        ]
        let chain: JSON = [
            "filters": [["name": "envoy.filters.network.http_connection_manager", "typed_config": manager]]
        ]
        return [
            "name": .string(name), "stat_prefix": .string(name), "traffic_direction": .string(direction),
            "address": Self.address(port),
            // With the default two Envoys could share a port without either noticing.
            "enable_reuse_port": false,
            "bypass_overload_manager": .bool(name != "in"),
            "filter_chains": [chain],
        ]
    }
}
