import MeshModel

extension SidecarResources {
    /// The header of who wants the newest version.
    static let canaryHeader = "x-canary"

    /// Who asks for the canary gets it; of the others so many as the policy says.
    func routes(to call: CallPlan) -> [JSON] {
        let everything: JSON = ["prefix": "/"]
        guard let versions = versions(of: call) else {
            return [["match": everything, "route": .object([target(call)] + route(call))]]
        }
        let asking: JSON = [
            "prefix": "/", "headers": [["name": .string(Self.canaryHeader), "string_match": ["exact": "yes"]]],
        ]
        let share = policy.value(.shift, at: edge(call)) ?? 0
        let weights: JSON = [
            "clusters": [
                part(call, versions.usual, weight: 10_000 - share), part(call, versions.newest, weight: share),
            ]
        ]
        let canary: [JSON.Member] = [target(call), .init("metadata_match", Self.metadata(version: versions.newest))]
        return [
            ["match": asking, "route": .object(canary + route(call))],
            ["match": everything, "route": .object([.init("weighted_clusters", weights)] + route(call))],
        ]
    }

    private func edge(_ call: CallPlan) -> String { "\(place.service)>\(call.to)" }

    /// Nil for a callee that has no versions.
    private func versions(of call: CallPlan) -> (usual: String, newest: String)? {
        let versions = layout.places(of: call.to).compactMap(\.plan.version)
        guard let first = versions.first, let last = versions.last, first != last else { return nil }
        return (first, last)
    }

    private func target(_ call: CallPlan) -> JSON.Member { .init("cluster", .string(call.to)) }

    private func part(_ call: CallPlan, _ version: String, weight: Int) -> JSON {
        [
            "name": .string(call.to), "weight": JSON(weight), "metadata_match": Self.metadata(version: version),
        ]
    }

    static func metadata(version: String) -> JSON {
        ["filter_metadata": ["envoy.lb": ["version": .string(version)]]]
    }

    private func route(_ call: CallPlan) -> [JSON.Member] {
        // Nothing else of a route has a value that no Envoy takes.
        if policy.value(.badRoute, at: edge(call)) != nil {
            return [.init("timeout", Self.seconds(call.timeout)), .init("retry_policy", Self.garbled)]
        }
        let deadline = policy.value(.deadline, at: edge(call)).map { Duration.milliseconds($0) }
        return [.init("timeout", Self.seconds(deadline ?? call.timeout))]
            + (retryPolicy(call).map { [.init("retry_policy", $0)] } ?? [])
    }

    private static let garbled: JSON = ["retry_on": "5xx", "retry_back_off": ["base_interval": "0s"]]

    private func retryPolicy(_ call: CallPlan) -> JSON? {
        let asked = policy.value(.retries, at: edge(call))
        let retries = asked ?? call.retries
        if retries > 0 {
            return [
                "retry_on": "5xx", "num_retries": JSON(retries),
                "per_try_timeout": Self.seconds(call.tryTimeout ?? call.timeout),
            ]
        }
        guard call.leavesOut, asked == nil else { return nil }
        return [
            "retry_on": "connect-failure,refused-stream,retriable-status-codes", "retriable_status_codes": [503],
            "num_retries": 1,
            "retry_host_predicate": [
                Self.retryExtension(
                    "retry_host_predicates.previous_hosts", "host.previous_hosts.v3.PreviousHostsPredicate")
            ],
            "host_selection_retry_max_attempts": 3,
            "retry_priority": Self.retryExtension(
                "retry_priorities.previous_priorities", "priority.previous_priorities.v3.PreviousPrioritiesConfig",
                [.init("update_frequency", 1)]),
        ]
    }

    private static func retryExtension(_ name: String, _ type: String, _ more: [JSON.Member] = []) -> JSON {
        [
            "name": .string("envoy." + name),
            "typed_config": .object(
                [.init("@type", .string("type.googleapis.com/envoy.extensions.retry." + type))] + more),
        ]
    }
}
