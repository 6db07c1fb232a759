internal import MeshModel

extension PrometheusSource {
    /// Tells how the source does, where that has changed.
    mutating func tell(_ state: SourceState, _ words: String) -> [Observation] {
        var report = SourceReport(
            name: name, kind: .prometheus, endpoint: settings.endpoint.url, service: nil, state: state,
            explanation: words, interval: interval)
        report.version = version
        guard report != told else { return [] }
        told = report
        return [.source(report)]
    }

    /// What is shown beside a source that does well: whose figures these are, and how old they are by design.
    func words(_ discovery: PrometheusDiscovery, _ health: PrometheusHealth, _ losses: [String]) -> String {
        var words = "data up to \(Self.plain(interval)) old: \(discovery.word), rates over \(Self.plain(window))"
        if discovery.isAssumed { words += ", scrape interval assumed" }
        if let metrics = discovery.metrics as? EnvoyMetrics { words += "; services by label \(metrics.label)" }
        let more =
            [health.words].compactMap(\.self) + Set(losses).sorted().prefix(3).map { PrometheusError.clipped($0) }
        return ([words] + more).joined(separator: "; ")
    }

    var nothingFound: String {
        let marks = PrometheusDiscovery.marks.filter { settings.kind == nil || settings.kind == $0.word }
        return "it responds but has no series \(marks.map(\.series).joined(separator: ", "))"
            + (settings.matchers.isEmpty ? "" : " that matches \(settings.matchers)")
    }

    static func plain(_ seconds: Double) -> String {
        seconds < 1 ? "\(PlainWords.number(seconds * 1000)) ms" : "\(PlainWords.number(seconds)) s"
    }
}
