import MeshModel
import TerminalCanvas

/// The instances of a service: each proxy or pod that tells of it, with figures of its own.
enum InstanceWords {
    /// More are counted and not listed.
    private static let most = 40

    static func lines(of service: ServiceName, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        let sources = state.shown.sources.values.filter { $0.report.service == service }
            .sorted { $0.report.name < $1.report.name }
        guard !sources.isEmpty else { return [] }
        let fresh = sources.count { $0.report.state == .fresh }
        let title = sources.count == 1 ? "Instance" : "Instances  \(fresh) of \(sources.count) fresh"
        let lines = sources.prefix(most).map { line($0, state.shown.services[service], state, glyphs) }
        let more = sources.count > most ? [[Span(" and \(sources.count - most) more", Style(.muted))]] : []
        return [[], [Span(title, Style(.title, .bold))]] + lines + more
    }

    private static func line(
        _ status: MeshState.SourceStatus, _ scope: ScopeState?, _ state: DashboardState, _ glyphs: Glyphs
    ) -> [Span] {
        let report = status.report
        let role: StyleRole =
            switch report.state {
            case .fresh: .ok
            case .stale, .other: .stale
            case .unreachable: .bad
            }
        let name = Text.fitted(Text.clipped(report.name, to: 15), to: 16)
        let about = [report.version, report.zone].compactMap(\.self).joined(separator: " ")
        let place = Text.fitted(Text.clipped(about, to: 17), to: 18)
        var spans = [Span("\(glyphs.mark(role) ?? " ") ", Style(role)), Span(name), Span(place, Style(.muted))]
        guard report.state == .fresh else {
            let age = status.heardAt.map { Format.age(max(0, state.shownAt.seconds(since: $0))) }
            return spans + [Span(report.state.rawValue + (age.map { ", updated \($0) ago" } ?? ""), Style(role))]
        }
        guard let sample = scope?.sample(of: report.name, until: state.shownAt) else {
            return spans + [Span("no traffic", Style(.muted))]
        }
        let errors = sample.successRatio.map { 1 - $0 }
        spans.append(Span(" \(Format.rate(sample.requestRate))  \(Format.share(errors)) errors"))
        spans.append(Span("  p99 \(Format.latency(sample.latency?.quantile(0.99)))"))
        if let health = report.health { spans.append(Span("  \(Text.clipped(health, to: 12))", Style(.warn))) }
        return spans
    }
}
