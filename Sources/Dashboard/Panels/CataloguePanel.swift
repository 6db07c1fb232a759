import MeshModel
import TerminalCanvas

/// The experiments that can be run: what each touches, and how it last came out.
struct CataloguePanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let plans = state.shown.catalogue
        let isFocused = state.pane == .catalogue
        let hint = state.whyNot(.run) == nil ? "\(state.keys(of: .open)) runs" : ""
        let inner = Box("EXPERIMENTS", note: plans.isEmpty ? "" : hint, isFocused: isFocused).draw(
            in: area, on: &canvas)
        guard !plans.isEmpty else {
            let words = [
                "None. Put Chaos Toolkit experiments in the folder `experiments` beside gameday.yaml,",
                "or start with `gameday up --experiments DIR`",
            ]
            for (line, text) in words.enumerated() {
                canvas.write([Span(" \(text)", Style(.muted))], line: line, in: inner)
            }
            return
        }
        let selected = plans.firstIndex { $0.file == state.selectedExperiment }
        let body = Rect(inner.column + 1, inner.row, inner.columns - 1, inner.rows)
        let place = TablePlace(body: body, selected: selected, count: plans.count)
        let glyphs = canvas.glyphs
        Table(
            Self.columns, rows: plans.map { row($0, state, glyphs) }, selected: selected, scroll: place.scroll
        ).draw(in: body, on: &canvas)
    }

    private static let columns = [
        Table.Column("experiment", .share(3, atLeast: 18), importance: 9),
        Table.Column("touches", .share(2, atLeast: 16), importance: 4),
        Table.Column("last run", .fixed(12), importance: 8),
    ]

    private func row(_ plan: ExperimentPlan, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        let isBad = !plan.problems.isEmpty
        let touches =
            plan.touches.count > 1 ? "\(plan.touches[0]) +\(plan.touches.count - 1)" : plan.touches.first ?? "-"
        return [
            [Span(plan.title.isEmpty ? plan.file : plan.title, Style(isBad ? .muted : .text, .bold))],
            [Span(isBad ? plan.problems[0] : touches, Style(isBad ? .warn : .muted))],
            last(plan, state, glyphs),
        ]
    }

    private func last(_ plan: ExperimentPlan, _ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        if !plan.problems.isEmpty { return [Span("bad file", Style(.warn))] }
        let run = state.shown.lastRun(of: plan.file)
        if let run, !run.isOver { return [Span("\(RunWords.arrow(glyphs)) running", Style(.accent, .bold))] }
        guard let outcome = run?.verdict?.outcome ?? plan.lastRun?.outcome else { return [Span("-", Style(.muted))] }
        return ExperimentWords.verdict(outcome, glyphs)
    }
}
