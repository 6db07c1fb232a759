import MeshModel

extension SidecarResources {
    /// A cluster for the service itself; health checks have one of their own, so that their counts stay apart.
    func local(_ name: String, timeout: String) -> JSON {
        [
            "name": .string(name), "type": "STATIC", "connect_timeout": .string(timeout),
            "load_assignment": Self.assignment(
                name, groups: [["lb_endpoints": [["endpoint": ["address": EnvoyBootstrap.address(place.app)]]]]]),
            "circuit_breakers": [
                "thresholds": [
                    [
                        "priority": "DEFAULT", "max_connections": 1_024, "max_requests": 1_024,
                        "max_pending_requests": 1_024, "max_retries": 16, "track_remaining": true,
                    ]
                ]
            ],
        ]
    }

    func cluster(_ call: CallPlan) -> JSON {
        let callees = layout.places(of: call.to)
        var members: [JSON.Member] = [.init("name", .string(call.to))]
        if isServed, callees.count > 1 {
            members += [.init("type", "EDS"), .init("eds_cluster_config", ["eds_config": EnvoyBootstrap.served])]
        } else {
            members += [
                .init("type", "STATIC"),
                .init("load_assignment", Self.assignment(call.to, groups: groups(of: call))),
            ]
        }
        members += [
            .init("connect_timeout", "0.5s"),
            // Below the default threshold of 50 % Envoy sends traffic to an unhealthy host as well.
            .init("common_lb_config", ["healthy_panic_threshold": ["value": 0]]),
            .init("health_checks", [healthCheck(isOfMany: callees.count > 1)]),
            .init("circuit_breakers", breakers(call)),
        ]
        if callees.contains(where: { $0.plan.version != nil }) {
            let subsets: JSON = ["fallback_policy": "ANY_ENDPOINT", "subset_selectors": [["keys": ["version"]]]]
            members.append(.init("lb_subset_config", subsets))
        }
        if call.leavesOut { members.append(.init("outlier_detection", Self.outliers)) }
        return .object(members + identity(call))
    }

    /// Hosts of another zone get requests only when none is left in the first.
    func groups(of call: CallPlan) -> [JSON] {
        let callees = layout.places(of: call.to)
        var zones: [String?] = []
        for callee in callees where !zones.contains(callee.plan.zone) { zones.append(callee.plan.zone) }
        return zones.enumerated().map { priority, zone in
            var group: [JSON.Member] = []
            if let zone { group += [.init("priority", JSON(priority)), .init("locality", ["zone": .string(zone)])] }
            group.append(.init("lb_endpoints", .array(callees.filter { $0.plan.zone == zone }.map(host))))
            return .object(group)
        }
    }

    private func host(_ callee: MeshLayout.Place) -> JSON {
        var members: [JSON.Member] = [
            .init(
                "endpoint",
                [
                    "address": EnvoyBootstrap.address(callee.inbound),
                    "health_check_config": ["port_value": JSON(callee.health)],
                    "hostname": .string(callee.name),
                ])
        ]
        if policy.value(.drain, at: callee.name) != nil { members.append(.init("health_status", "DRAINING")) }
        if let version = callee.plan.version { members.append(.init("metadata", Self.metadata(version: version))) }
        return .object(members)
    }

    static func assignment(_ name: String, groups: [JSON]) -> JSON {
        ["cluster_name": .string(name), "endpoints": .array(groups)]
    }

    /// Where there are several, a failing one is noticed by its answers before any check is.
    private func healthCheck(isOfMany: Bool) -> JSON {
        let interval: JSON = isOfMany ? "2s" : "1s"
        var members: [JSON.Member] = [
            .init("timeout", "0.5s"), .init("interval", interval), .init("no_traffic_interval", interval),
            .init("unhealthy_interval", "0.25s"), .init("unhealthy_threshold", 2), .init("healthy_threshold", 1),
            .init("http_health_check", ["path": "/healthz"]),
        ]
        if certificates != nil { members.append(.init("transport_socket_match_criteria", ["plain": true])) }
        return .object(members)
    }

    /// Retries have a budget, a fifth of what is under way, unless somebody asked for more of them.
    private func breakers(_ call: CallPlan) -> JSON {
        let isAsked = policy.value(.retries, at: "\(place.service)>\(call.to)") != nil
        let retries: JSON.Member =
            isAsked || call.retries == 0 && !call.leavesOut
            ? .init("max_retries", isAsked ? 1_024 : 16)
            : .init("retry_budget", ["budget_percent": ["value": 20], "min_retry_concurrency": 3])
        return [
            "thresholds": [
                .object(
                    [
                        .init("priority", "DEFAULT"), .init("max_connections", JSON(max(64, call.mostAtOnce))),
                        .init("max_requests", JSON(call.mostAtOnce)),
                        .init("max_pending_requests", JSON(call.mostAtOnce)), retries, .init("track_remaining", true),
                    ])
            ]
        ]
    }

    /// At most one of two or three is left out.
    private static let outliers: JSON = [
        "consecutive_5xx": 5, "consecutive_gateway_failure": 3, "enforcing_consecutive_gateway_failure": 100,
        "enforcing_success_rate": 0, "interval": "1s", "base_ejection_time": "10s", "max_ejection_time": "20s",
        "max_ejection_percent": 60,
    ]
}
