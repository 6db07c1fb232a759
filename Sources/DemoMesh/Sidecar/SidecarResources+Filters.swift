import MeshModel

extension SidecarResources {
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
        let limits = EnvoyBootstrap.rateSteps.map { step -> JSON in
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

    static func seconds(_ duration: Duration) -> JSON {
        .string("\(duration.inSeconds)s")
    }
}
