import MeshModel
import TerminalCanvas

/// The screen of the objectives: each in a row, the chosen one as a full chart with all its figures, and the guards.
struct ObjectivesScreen: Panel {
    let objective: Objective

    private static let factColumns = 44
    private static let wide = 108

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let objectives = state.shown.session?.objectives ?? []
        let guards = state.shown.session?.guards ?? []
        let table = min(objectives.count + 3, max(4, area.rows / 3))
        let rails = area.rows < 16 ? 0 : min(max(1, guards.count) + 2, max(3, area.rows / 4))
        let parts = Layout.rows([.fixed(table), .rest, .fixed(rails)], in: area)
        ObjectiveTable(chosen: objective).draw(state, in: parts[0], on: &canvas)
        let facts = ObjectiveFacts(objective)
        if area.columns >= Self.wide {
            let halves = Layout.columns([.rest, .fixed(Self.factColumns)], in: parts[1])
            ObjectiveChart(objective: objective).draw(state, in: halves[0], on: &canvas)
            let inner = Box("NUMBERS").draw(in: halves[1], on: &canvas)
            for (line, spans) in facts.lines(state, canvas.glyphs).enumerated() {
                canvas.write([Span(" ")] + spans, line: line, in: inner)
            }
        } else {
            let lines = facts.shortLines(state, canvas.glyphs)
            ObjectiveChart(objective: objective, foot: lines).draw(state, in: parts[1], on: &canvas)
        }
        if rails > 0 { GuardLines().draw(state, in: parts[2], on: &canvas) }
    }
}

/// Every objective in a row: does it hold and since when, how fast does it burn, what is left, what did the faults do.
struct ObjectiveTable: Panel {
    let chosen: Objective

    private static func columns(isDifference: Bool) -> [Table.Column] {
        [
            Table.Column("", .fixed(17), importance: 9),
            Table.Column("objective", .share(2, atLeast: 12), importance: 9),
            Table.Column("service", .share(1, atLeast: 6), importance: 3),
            Table.Column(isDifference ? "DIFF" : "now", .fixed(9), .right, importance: 8),
            Table.Column("target", .fixed(12), .right, importance: 7),
            Table.Column("n", .fixed(6), .right, importance: 2),
            Table.Column("10s", .fixed(5), .right, importance: 5),
            Table.Column("1m", .fixed(5), .right, importance: 6),
            Table.Column("5m", .fixed(5), .right, importance: 4),
            Table.Column("budget", .fixed(7), .right, importance: 8),
            Table.Column("1d left", .fixed(7), .right, importance: 4),
            Table.Column("spent", .fixed(7), .right, importance: 3),
        ]
    }

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let objectives = state.shown.session?.objectives ?? []
        let broken = objectives.count { state.shown.verdicts[$0] == false }
        let note = broken == 0 ? "10s 1m 5m: burn rates" : "\(broken) of \(objectives.count) broken"
        let inside = Box("OBJECTIVES", note: note, isFocused: true).draw(in: area, on: &canvas)
        let inner = Rect(inside.column, inside.row, inside.columns - 1, inside.rows)
        let glyphs = canvas.glyphs
        let selected = objectives.firstIndex(of: chosen)
        var scroll = Scroll()
        scroll.reveal(selected ?? 0, of: objectives.count, height: Table.visibleRows(height: inner.rows))
        Table(
            Self.columns(isDifference: state.showsDifferences), rows: objectives.map { row($0, state, glyphs) },
            selected: selected, scroll: scroll
        ).draw(in: inner, on: &canvas)
    }

    private func row(_ objective: Objective, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        let reading = state.shown.reading(of: objective, at: state.shownAt)
        let budget = state.shown.budget(of: objective, at: state.shownAt)
        let burns = budget.burns.map { burn in
            [Span(ObjectiveWords.times(burn.rate), Style((burn.rate ?? 0) > 1 ? .warn : .text))]
        }
        return [
            ObjectiveWords.verdict(objective, reading, state, glyphs),
            [Span(Text.sanitised(objective.name), Style(.text, .bold))],
            [Span(Look.name(objective.service, to: 30, glyphs), Style(.muted))],
            [
                state.showsDifferences
                    ? ObjectiveWords.difference(objective, reading.value, state, glyphs)
                    : Span(ObjectiveWords.value(objective, reading.value), Style(.text, .bold))
            ],
            [Span(ObjectiveWords.bound(objective), Style(.muted))],
            [Span(objective.query == nil ? "\(reading.requests)" : "query", Style(.muted))],
        ] + burns + [
            [Span(ObjectiveWords.left(budget.left), Style((budget.left ?? 1) <= 0 ? .warn : .text, .bold))],
            [Span(ObjectiveWords.left(budget.dayLeft), Style((budget.dayLeft ?? 1) <= 0 ? .warn : .text))],
            [Span(budget.spentByFaults.map { Format.share($0) } ?? Format.unknown, Style(.text))],
        ]
    }
}
