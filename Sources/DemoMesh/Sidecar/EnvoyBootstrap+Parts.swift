import MeshModel

extension EnvoyBootstrap {
    static let extensions = "type.googleapis.com/envoy.extensions.filters."

    /// A chain of fault filters which do nothing until their keys are set in the runtime: one for aborts and delays and
    /// one for each step of the rate limit. All count under the same names, `http.<listener>.fault.*`.
    static func faults(keys prefix: String) -> [JSON] {
        let never: JSON = ["numerator": 0]
        let delayAndAbort: JSON = [
            // Keys of a block that is not configured do nothing, and a delay of 0 is rejected.
            "delay": ["fixed_delay": "0.2s", "percentage": never],
            "abort": ["http_status": 503, "percentage": never],
            "delay_percent_runtime": .string(prefix + ".delay_pct"),
            "delay_duration_runtime": .string(prefix + ".delay_ms"),
            "abort_percent_runtime": .string(prefix + ".abort_pct"),
            "abort_http_status_runtime": .string(prefix + ".abort_status"),
            "max_active_faults_runtime": .string(prefix + ".max_active"),
        ]
        let limits = rateSteps.map { step -> JSON in
            [
                "response_rate_limit": ["fixed_limit": ["limit_kbps": JSON(step)], "percentage": never],
                "response_rate_limit_percent_runtime": .string("\(prefix).rl_\(step)_pct"),
                "max_active_faults_runtime": .string(prefix + ".max_active"),
            ]
        }
        return ([delayAndAbort] + limits).map { filter("fault", "fault.v3.HTTPFault", $0) }
    }

    static func filter(_ name: String, _ type: String, _ settings: JSON) -> JSON {
        var members: [JSON.Member] = [.init("@type", .string(extensions + "http." + type))]
        if case .object(let more) = settings { members += more }
        return ["name": .string("envoy.filters.http." + name), "typed_config": .object(members)]
    }

    static func address(_ port: Int) -> JSON {
        ["socket_address": ["address": "127.0.0.1", "port_value": JSON(port)]]
    }

    static func seconds(_ duration: Duration) -> JSON {
        .string("\(duration.inSeconds)s")
    }

    /// A cluster for the service itself; health checks have one of their own, so that their counts stay apart.
    func local(_ name: String, timeout: String) -> JSON {
        [
            "name": .string(name), "type": "STATIC", "connect_timeout": .string(timeout),
            "load_assignment": Self.assignment(name, endpoint: ["address": Self.address(place.app)]),
            "circuit_breakers": Self.breakers(mostAtOnce: 1_024),
        ]
    }

    func cluster(_ call: CallPlan) -> JSON? {
        guard let callee = callees.first(where: { $0.service == call.to }) else { return nil }
        return [
            "name": .string(call.to), "type": "STATIC", "connect_timeout": "0.5s",
            "load_assignment": Self.assignment(
                call.to,
                endpoint: [
                    "address": Self.address(callee.inbound),
                    "health_check_config": ["port_value": JSON(callee.health)],
                ]),
            // Below the default threshold of 50 % Envoy sends traffic to an unhealthy host as well.
            "common_lb_config": ["healthy_panic_threshold": ["value": 0]],
            "health_checks": [
                [
                    "timeout": "0.5s", "interval": "1s", "no_traffic_interval": "1s", "unhealthy_interval": "0.25s",
                    "unhealthy_threshold": 2, "healthy_threshold": 1, "http_health_check": ["path": "/healthz"],
                ]
            ],
            "circuit_breakers": Self.breakers(mostAtOnce: call.mostAtOnce),
        ]
    }

    private static func assignment(_ name: String, endpoint: JSON) -> JSON {
        ["cluster_name": .string(name), "endpoints": [["lb_endpoints": [["endpoint": endpoint]]]]]
    }

    private static func breakers(mostAtOnce: Int) -> JSON {
        [
            "thresholds": [
                [
                    "priority": "DEFAULT", "max_connections": JSON(mostAtOnce), "max_requests": JSON(mostAtOnce),
                    "max_pending_requests": JSON(mostAtOnce), "max_retries": 16, "track_remaining": true,
                ]
            ]
        ]
    }
}
