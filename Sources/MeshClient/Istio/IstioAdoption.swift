internal import MeshModel

/// What a workload lacks so that its sidecars tell of retries, overflows, ejections and their own fault filters: Istio
/// hides those of Envoy's statistics. Written as YAML, to be pasted or applied.
struct IstioAdoption: Equatable {
    /// The kind as kubectl spells it, like `deployment`.
    var kind: String
    var name: String
    var namespace: String
    /// The annotations that its pods have already.
    var annotations: [String: String] = [:]

    static let annotation = "sidecar.istio.io/statsInclusionRegexps"
    /// Whole names of statistics, as the matcher compares them. A comma would end one.
    private static let patterns = [
        #".*\.fault\..*"#,
        #"cluster\.outbound.*\.(upstream_rq_.*|upstream_cx_.*|outlier_detection\..*|circuit_breakers\..*|membership_.*)"#,
    ]

    /// The whole value: what stands there already stays.
    private var value: String {
        let known = (annotations[Self.annotation] ?? "").split(separator: ",").map(String.init)
        return (known + Self.patterns.filter { !known.contains($0) }).joined(separator: ",")
    }

    /// True when its pods are told already.
    var isDone: Bool { annotations[Self.annotation] == value }

    /// The lines, with comments that say where they belong and what it costs.
    var lines: [String] {
        let head = "# \(kind)/\(name) in \(namespace)"
        if isDone { return [head, "# Nothing has to be added."] }
        return [
            head,
            "# Envoy's own statistics, which Istio hides. Its pods are replaced, for sidecars read this when they start.",
            "spec:", "  template:", "    metadata:", "      annotations:",
            // JSON's texts are YAML's.
            "        \(Self.annotation): \(JSON.string(value).text)",
        ]
    }
}
