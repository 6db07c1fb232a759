import MeshModel

/// A line for each service and edge at each poll (RFC 4180), for spreadsheets and scripts.
struct CSVExport: Export {
    private var start = Timestamp(milliseconds: 0)

    private static let columns = [
        "time", "seconds", "kind", "from", "to", "interval", "requests", "rate", "success_ratio", "answers_2xx",
        "answers_3xx", "answers_4xx", "answers_5xx", "resets", "p50_ms", "p95_ms", "p99_ms", "retries", "timeouts",
        "overflows", "connect_failures", "aborts_injected", "delays_injected", "rate_limits_injected", "healthy_hosts",
        "hosts", "source",
    ]

    mutating func begin(_ day: ExportedDay) -> [UInt8] {
        start = day.start
        return Array((Self.columns.joined(separator: ",") + "\r\n").utf8)
    }

    func event(_ event: Event, state: MeshState) -> [UInt8] {
        guard case .traffic(let report) = event.observation else { return [] }
        var text = ""
        if let inbound = report.inbound {
            line("service", nil, report.service, inbound, report.source, at: event.at, to: &text)
        }
        for outbound in report.outbound {
            guard let sample = outbound.sample else { continue }
            line("edge", report.service, outbound.to, sample, report.source, at: event.at, to: &text)
        }
        return Array(text.utf8)
    }

    func end(_ state: MeshState) -> [UInt8] { [] }

    private func line(
        _ kind: String, _ from: ServiceName?, _ to: ServiceName, _ sample: TrafficSample, _ source: String,
        at: Timestamp, to text: inout String
    ) {
        func number(_ value: Double?) -> String { value.map { "\(($0 * 100_000).rounded() / 100_000)" } ?? "" }
        func gauge(_ value: UInt64?) -> String { value.map { "\($0)" } ?? "" }
        let quantiles = [0.5, 0.95, 0.99].map { number(sample.latency?.quantile($0)) }
        let cells =
            [
                at.iso8601, number(at.seconds(since: start)), kind, Self.quoted(from?.text ?? ""),
                Self.quoted(to.text), number(sample.seconds), "\(sample.completed)", number(sample.requestRate),
                number(sample.successRatio), "\(sample.answers2xx)", "\(sample.answers3xx)", "\(sample.answers4xx)",
                "\(sample.answers5xx)", "\(sample.resets)",
            ] + quantiles + [
                "\(sample.retries)", "\(sample.timeouts)", "\(sample.overflows)", "\(sample.connectFailures)",
                "\(sample.abortsInjected)", "\(sample.delaysInjected)", "\(sample.rateLimitsInjected)",
                gauge(sample.healthyHosts), gauge(sample.totalHosts), Self.quoted(source),
            ]
        text += cells.joined(separator: ",") + "\r\n"
    }

    /// A name as a cell, control characters shown as U+FFFD. One that a spreadsheet would take for a formula gets an
    /// apostrophe before it.
    static func quoted(_ name: String) -> String {
        var name = String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
        if let first = name.unicodeScalars.first, "=+-@".unicodeScalars.contains(first) { name = "'" + name }
        guard name.utf8.contains(where: { "\",".utf8.contains($0) }) else { return name }
        return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
