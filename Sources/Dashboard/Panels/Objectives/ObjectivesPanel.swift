import MeshModel
import TerminalCanvas

/// The gauges of the selected service or edge against what it is held to, and all objectives of the day. The screen of
/// the objectives shows each in full instead.
struct ObjectivesPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        if state.screen == .objectives, let objective = state.chosenObjective {
            return ObjectivesScreen(objective: objective).draw(state, in: area, on: &canvas)
        }
        let title: String
        let scope: ScopeState?
        switch state.selection {
        case .service(let name):
            title = "SLI  \(Look.name(name, to: 30, canvas.glyphs))"
            scope = state.shown.services[name]
        case .edge(let edge):
            title = "SLI  \(Look.edge(edge, to: 40, canvas.glyphs))"
            scope = state.shown.edges[edge]
        case nil:
            title = "SLI"
            scope = nil
        }
        let inner = Box(title, note: "5 s", isFocused: state.pane == .objectives).draw(in: area, on: &canvas)
        let objectives = state.shown.session?.objectives ?? []
        let most = max(0, min(objectives.count, inner.rows - 7))
        let parts = Layout.rows([.rest, .fixed(min(most, objectives.count))], in: inner)
        guard let scope else {
            canvas.write([Span(" Select a service or an edge", Style(.muted))], line: 0, in: parts[0])
            list(objectives, state, in: parts[1], on: &canvas)
            return
        }
        gauges(scope, state, in: parts[0], on: &canvas)
        list(objectives, state, in: parts[1], on: &canvas)
    }

    private func gauges(_ scope: ScopeState, _ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let mesh = state.shown
        let window = SeriesWindow(
            scope.series, interval: mesh.session?.pollInterval ?? 1, until: state.shownAt, columns: area.columns - 2)
        let context = GaugeContext(state: state, scope: scope, window: window, baseline: state.baseline)
        let gauges = [Gauge.success(context), .latency(context), .rate(context)]
        let hasNote = area.rows >= 10
        let body = Rect(area.column, area.row, area.columns, area.rows - (hasNote ? 1 : 0))
        for (gauge, part) in zip(gauges, Layout.rows(gauges.map { _ in .rest }, in: body)) {
            gauge.draw(context, in: part, on: &canvas)
        }
        if hasNote { canvas.write(footnote(scope, state), line: area.rows - 1, in: area) }
    }

    /// How much the numbers rest on.
    private func footnote(_ scope: ScopeState, _ state: DashboardState) -> [Span] {
        let sample = scope.sample(until: state.shownAt)
        var words = " n \(sample?.completed ?? 0)  age \(Format.age(scope.age(at: state.shownAt)))"
        if let width = sample?.latency?.resolution(at: 0.99), width > 0 {
            words += "  p99 +-\(Format.latency(width))"
        }
        if let retries = sample?.retries, retries > 0 { words += "  retries \(retries)" }
        return [Span(words, Style(.muted))]
    }

    private func list(_ objectives: [Objective], _ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        // The broken ones first: there may be more than there is room for.
        let readings = objectives.map { ($0, state.shown.reading(of: $0, at: state.shownAt)) }
        let sorted = readings.filter { $0.1.isMet == false } + readings.filter { $0.1.isMet != false }
        for (line, entry) in sorted.enumerated() {
            let (objective, reading) = entry
            let spans =
                ObjectiveWords.verdict(objective, reading, state, canvas.glyphs)
                + [
                    Span(" \(Text.sanitised(objective.name))", Style(.text)),
                    Span("  \(ObjectiveWords.bound(objective))", Style(.muted)),
                ]
            canvas.write(spans, line: line, in: area)
            let budget = state.shown.budget(of: objective, at: state.shownAt)
            let right = ObjectiveWords.short(budget)
            if spans.width + right.width + 2 <= area.columns {
                canvas.writeRight(right + [Span(" ")], line: line, in: area)
            }
        }
    }
}
