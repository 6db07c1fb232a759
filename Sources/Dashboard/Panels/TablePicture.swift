import MeshModel
import TerminalCanvas

/// The services as rows, the worst first: for meshes that no picture can hold.
struct TablePicture {
    let state: DashboardState

    func draw(in area: Rect, on canvas: inout Canvas) {
        let names = state.table
        guard !names.isEmpty else {
            canvas.write([Span(" nothing matches /\(state.filter.text)", Style(.muted))], line: 0, in: area)
            return
        }
        let selected = selectedName.flatMap { names.firstIndex(of: $0) }
        let height = Table.visibleRows(height: area.rows)
        var scroll = Scroll()
        scroll.reveal(selected ?? 0, of: names.count, height: height)
        // Only the rows that are seen are made: there may be thousands.
        let window = scroll.window(of: names.count, height: height)
        let glyphs = canvas.glyphs
        let body = Rect(area.column + 1, area.row, area.columns - 3, area.rows)
        Table(
            Self.columns, rows: names[window].map { row($0, glyphs) },
            selected: selected.map { $0 - window.lowerBound }
        ).draw(in: body, on: &canvas)
        scroll.drawBar(of: names.count, in: Rect(area.column, area.row + 1, area.columns, height), on: &canvas)
    }

    private var selectedName: ServiceName? {
        switch state.selection {
        case .service(let name): name
        case .edge(let edge): edge.from
        case nil: nil
        }
    }

    private static let columns = [
        Table.Column("state", .fixed(8), importance: 9),
        Table.Column("service", .share(1, atLeast: 10), importance: 9),
        Table.Column("rate", .fixed(6), .right, importance: 8),
        Table.Column("errors", .fixed(6), .right, importance: 8),
        Table.Column("p50", .fixed(7), .right, importance: 3),
        Table.Column("p99", .fixed(7), .right, importance: 7),
        Table.Column("calls", .fixed(5), .right, importance: 2),
        Table.Column("age", .fixed(6), .right, importance: 4),
        Table.Column("fault", .share(1, atLeast: 16), importance: 6),
    ]

    private func row(_ name: ServiceName, _ glyphs: Glyphs) -> [[Span]] {
        let reading = state.shownReadings[name]
        let role = Look.role(reading.health)
        let calls = state.digraph.number(of: name).map { state.digraph.callees[$0].count } ?? 0
        let faults = state.shown.activeFaults.filter { $0.edge.from == name || $0.edge.to == name }
        let words = faults.map { "\($0.id) \($0.kind.label) \(Look.edge($0.edge, to: 24, glyphs))" }
        return [
            [Span("\(Look.mark(reading.health, glyphs)) \(Look.word(reading.health))", Style(role))],
            [Span(Look.name(name, to: 60, glyphs), Style(.text, .bold))],
            [Span(Format.rate(reading.rate))],
            [Span(Format.share(reading.errors), Style(reading.health == .ok ? .text : role))],
            [Span(Format.latency(reading.p50))], [Span(Format.latency(reading.p99))],
            [Span("\(calls)", Style(.muted))], [Span(Format.age(reading.age), Style(.muted))],
            [Span(words.joined(separator: ", "), Style(.fault, .bold))],
        ]
    }
}
