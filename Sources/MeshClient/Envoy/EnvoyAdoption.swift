internal import MeshModel

/// What has to stand in an Envoy's configuration so that every fault can be had on every edge of it: an admin layer, and
/// a fault filter for each callee with runtime keys of its own. Written as YAML, to be pasted.
struct EnvoyAdoption {
    let outline: EnvoyOutline
    let shape: EnvoyShape

    /// The layer that the admin page writes; names may be any.
    private static let layer = """
        layered_runtime:
          layers:
          - name: gameday
            admin_layer: {}
        """

    /// The lines, with comments that say where they belong; a document a place.
    func lines(for address: String) -> [String] {
        var lines = ["# \(shape.service.value), \(address)"]
        var isWhole = true
        if shape.hasAdminLayer != true {
            isWhole = false
            lines += [
                "# At the top level of its configuration. Where there are layers already, add only the last two lines to them:"
            ]
            lines += Self.layer.split(separator: "\n").map(String.init)
        }
        if !shape.isPrepared {
            for gate in outline.gates where gate.isHTTP {
                let filters = filters(of: gate)
                guard !filters.isEmpty else { continue }
                isWhole = false
                lines += [
                    "---",
                    "# Into http_filters of the connection manager with stat_prefix \(gate.prefix), listener \(gate.listener),",
                    "# before envoy.filters.http.router:",
                ]
                lines += filters
            }
        }
        return isWhole ? lines + ["# Nothing has to be added."] : lines
    }

    private func filters(of gate: EnvoyGate) -> [String] {
        let isAlone = gate.clusters.count == 1 && !gate.answersItself
        return gate.clusters.sorted().flatMap { cluster -> [String] in
            guard let callee = callee(of: cluster), !isServed(callee) else { return [] }
            return Self.filter(cluster, for: callee, isAlone: isAlone)
        }
    }

    private func callee(of cluster: String) -> ServiceName? {
        if let edge = shape.outgoing.first(where: { $0.clusters.contains { $0.cluster == cluster } }) { return edge.to }
        return shape.locals.contains { $0.cluster == cluster } ? shape.service.value : nil
    }

    /// True when a filter is there that hits this callee, and nobody else, with every kind of fault.
    private func isServed(_ callee: ServiceName) -> Bool {
        ["abort", "delay", "rate-limit"].allSatisfy { word in
            shape.faultPoints.contains { point in
                guard let key = point.settings.block(word)?.shareKey, point.serves == [callee] else { return false }
                return shape.faultPoints.allSatisfy {
                    $0.settings.block(word)?.shareKey != key || $0.serves == [callee]
                }
            }
        }
    }

    private static func filter(_ cluster: String, for callee: ServiceName, isAlone: Bool) -> [String] {
        let key = "gameday.\(callee.text)"
        let only = isAlone ? [] : ["    upstream_cluster: \(quoted(cluster))"]
        return [
            "- name: \(quoted("gameday.fault.\(cluster)"))", "  typed_config:",
            "    \"@type\": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault",
        ] + only + [
            "    abort: {http_status: 503, percentage: {numerator: 0}}",
            "    delay: {fixed_delay: 0.1s, percentage: {numerator: 0}}",
            "    response_rate_limit: {fixed_limit: {limit_kbps: 64}, percentage: {numerator: 0}}",
            "    abort_percent_runtime: \(quoted(key + ".abort_percent"))",
            "    abort_http_status_runtime: \(quoted(key + ".abort_status"))",
            "    delay_percent_runtime: \(quoted(key + ".delay_percent"))",
            "    delay_duration_runtime: \(quoted(key + ".delay_ms"))",
            "    response_rate_limit_percent_runtime: \(quoted(key + ".rate_limit_percent"))",
        ]
    }

    /// In quotes, for a name from outside may mean anything to a reader of YAML. JSON's texts are YAML's.
    private static func quoted(_ text: String) -> String { JSON.string(text).text }
}
