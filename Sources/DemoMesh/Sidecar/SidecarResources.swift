import MeshModel

/// What one sidecar is told by the mesh's control plane, as Envoy reads it (v3 API, tried with 1.40).
///
/// Listeners: `in` for requests to the service, `to_<callee>` for each service it calls, `hc` for health checks. Every
/// fault key can be set at run time through the admin page; the steps of the rate limit are configuration in Envoy, so
/// each step has a filter of its own.
struct SidecarResources {
    let place: MeshLayout.Place
    let mesh: MeshPlan
    let layout: MeshLayout
    var policy = MeshPolicy()
    /// Where the certificates are; nil for a mesh without any.
    var certificates: String?
    /// Customers a second at the door that are let in.
    var doorLimit = 200
    /// The folder of access logs; nil for a sidecar that keeps none.
    var logs: String?
    /// Whether routes, hosts and certificates are asked for, or written out.
    var isServed = true

    private var plan: ServicePlan { mesh.service(place.service) ?? ServicePlan(place.service, workers: 1, work: .none) }
    private var calls: [CallPlan] { plan.calls.filter { place.egress[$0.to] != nil } }

    var listeners: [JSON] { [inbound, healthListener] + calls.compactMap(egress) }

    var clusters: [JSON] {
        [local("local_app", timeout: "0.5s"), local("local_hc", timeout: "0.5s")] + calls.map(cluster)
    }

    /// The routes of an egress listener, by its name.
    func routes(of name: String) -> JSON? {
        calls.first { "to_" + $0.to == name }.map { routeConfiguration(name, routes(to: $0)) }
    }

    /// The instances of a callee.
    func endpoints(of callee: String) -> JSON? {
        calls.first { $0.to == callee }.map { Self.assignment($0.to, groups: groups(of: $0)) }
    }

    private var inbound: JSON {
        var filters = Self.faults(keys: "in")
        if place.service == mesh.entrance { filters.insert(doorKeeper, at: 0) }
        var listener = listener(
            "in", port: place.inbound, direction: "INBOUND",
            routes: .written([["match": ["prefix": "/"], "route": ["cluster": "local_app", "timeout": "10s"]]]),
            filters: filters)
        // Customers have no certificates.
        if place.service != mesh.entrance, let context = downstreamContext {
            listener.chain.append(.init("transport_socket", context))
        }
        return listener.json
    }

    /// Who comes above the limit is told so at once, with a 429.
    private var doorKeeper: JSON {
        let all: JSON = ["default_value": ["numerator": 100], "runtime_key": "in.limited"]
        return Self.filter(
            "local_ratelimit", "local_ratelimit.v3.LocalRateLimit",
            [
                "stat_prefix": "door",
                "token_bucket": [
                    "max_tokens": JSON(doorLimit), "tokens_per_fill": JSON(doorLimit), "fill_interval": "1s",
                ],
                "filter_enabled": all, "filter_enforced": all,
            ])
    }

    private var healthListener: JSON {
        let filter = Self.filter(
            "health_check", "health_check.v3.HealthCheck",
            [
                "pass_through_mode": true,
                "headers": [["name": ":path", "string_match": ["exact": "/healthz"]]],
            ])
        return listener(
            "hc", port: place.health, direction: "INBOUND",
            routes: .written([["match": ["prefix": "/"], "route": ["cluster": "local_hc", "timeout": "1s"]]]),
            filters: [filter]
        ).json
    }

    private func egress(_ call: CallPlan) -> JSON? {
        guard let port = place.egress[call.to] else { return nil }
        return listener(
            "to_" + call.to, port: port, direction: "OUTBOUND",
            routes: isServed ? .asked : .written(routes(to: call)),
            filters: Self.faults(keys: "edge." + call.to)
        ).json
    }

    private enum Routes {
        case written([JSON])
        case asked
    }

    /// A listener whose only chain can still get a transport socket.
    private struct Listener {
        var head: [JSON.Member]
        var chain: [JSON.Member]

        var json: JSON { .object(head + [.init("filter_chains", [.object(chain)])]) }
    }

    private func listener(
        _ name: String, port: Int, direction: String, routes: Routes, filters: [JSON]
    ) -> Listener {
        let router = Self.filter("router", "router.v3.Router", [:])
        var manager: [JSON.Member] = [
            .init("@type", .string(Self.extensions + "network.http_connection_manager.v3.HttpConnectionManager")),
            .init("stat_prefix", .string(name)),
        ]
        switch routes {
        case .written(let routes): manager.append(.init("route_config", routeConfiguration(name, routes)))
        case .asked:
            manager.append(
                .init("rds", ["route_config_name": .string(name), "config_source": EnvoyBootstrap.served]))
        }
        if direction == "OUTBOUND", let log = accessLog { manager.append(.init("access_log", [log])) }
        manager.append(.init("http_filters", .array(filters + [router])))
        return Listener(
            head: [
                .init("name", .string(name)), .init("stat_prefix", .string(name)),
                .init("traffic_direction", .string(direction)), .init("address", EnvoyBootstrap.address(port)),
                // With the default two Envoys could share a port without either noticing.
                .init("enable_reuse_port", false), .init("bypass_overload_manager", .bool(name != "in")),
            ],
            chain: [
                .init(
                    "filters",
                    [
                        [
                            "name": "envoy.filters.network.http_connection_manager",
                            "typed_config": .object(manager),
                        ]
                    ])
            ])
    }

    private func routeConfiguration(_ name: String, _ routes: [JSON]) -> JSON {
        [
            "name": .string(name),
            "virtual_hosts": [["name": .string(name), "domains": ["*"], "routes": .array(routes)]],
        ]
    }
}

extension WorkTime {
    fileprivate static let none = WorkTime(median: .zero)
}
