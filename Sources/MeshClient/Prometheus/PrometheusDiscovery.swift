internal import MeshModel

/// What was found out of a Prometheus before the first round: which mesh it knows of, and how often it looks.
struct PrometheusDiscovery: Sendable {
    var metrics: any MeshMetrics
    var word: String
    /// The jobs that scrape the mesh; empty where series have no such label.
    var jobs: Set<String>
    /// Seconds between two scrapes.
    var interval: Double
    /// The interval is not known, and a usual one stands for it.
    var isAssumed = false
    /// Latencies come as native histograms.
    var isNative = false
    var hasLatencies = true

    /// Istio's addon and the Prometheus operator both scrape as often.
    static let usualInterval = 15.0

    private static let latencies = [
        IstioMetrics.word: [IstioMetrics.latency], LinkerdMetrics.word: [LinkerdMetrics.latency],
        EnvoyMetrics.word: ["envoy_cluster_upstream_rq_time", "envoy_http_downstream_rq_time"],
    ]
    /// The kinds, with the series that tells of each; where there are several the first is the nearest to services.
    static let marks: [(word: String, series: String)] = [
        (IstioMetrics.word, IstioMetrics.mark), (LinkerdMetrics.word, LinkerdMetrics.mark),
        (EnvoyMetrics.word, EnvoyMetrics.mark),
    ]

    /// Asks which of all series there are.
    static func question(kind: String?, matchers: String) -> MeshQuestion {
        let words = marks.filter { kind == nil || $0.word == kind }
        let names = words.flatMap { mark in
            [mark.series] + (latencies[mark.word] ?? []).flatMap { [$0, $0 + "_bucket"] }
        }
        let all = ["__name__=~\"\(names.joined(separator: "|"))\"", matchers].filter { !$0.isEmpty }
        return MeshQuestion(
            .services, "count by (__name__,job) ({\(all.joined(separator: ","))})", labels: ["__name__", "job"])
    }

    /// What the answer comes to; nil when there is no mesh in it. An Envoy's own label is found out later.
    init?(_ rows: [MeshAnswers.Row], kind: String?) {
        let names = Set(rows.map { $0.labels[0] })
        let found = Self.marks.first { (kind == nil || $0.word == kind) && names.contains($0.series) }
        guard let found else { return nil }
        word = found.word
        jobs = Set(rows.filter { $0.labels[0] == found.series }.map { $0.labels[1] }.filter { !$0.isEmpty })
        interval = Self.usualInterval
        switch word {
        case IstioMetrics.word: metrics = IstioMetrics()
        case LinkerdMetrics.word: metrics = LinkerdMetrics()
        default: metrics = EnvoyMetrics(label: "instance")
        }
        let latencies = Self.latencies[word] ?? []
        let hasBuckets = latencies.contains { names.contains($0 + "_bucket") }
        isNative = !hasBuckets && latencies.contains { names.contains($0) }
        hasLatencies = hasBuckets || isNative
    }

    /// Asks what the labels of Envoys say.
    static func labelQuestion(matchers: String) -> MeshQuestion {
        let labels = EnvoyMetrics.serviceLabels.sorted()
        let braces = matchers.isEmpty ? "" : "{\(matchers)}"
        return MeshQuestion(
            .services, "count by (\(labels.joined(separator: ","))) (\(EnvoyMetrics.mark)\(braces))", labels: labels)
    }

    /// Takes the surest label that every proxy has. One that is the same for all tells nothing, unless there is but one.
    mutating func takeLabel(_ rows: [MeshAnswers.Row]) {
        let labels = EnvoyMetrics.serviceLabels.sorted()
        let telling = EnvoyMetrics.serviceLabels.first { label in
            guard let place = labels.firstIndex(of: label) else { return false }
            let values = rows.map { $0.labels[place] }
            return !values.isEmpty && !values.contains("") && (Set(values).count > 1 || values.count == 1)
        }
        metrics = EnvoyMetrics(label: telling ?? "instance")
    }
}
