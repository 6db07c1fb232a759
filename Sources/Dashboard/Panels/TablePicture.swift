import MeshModel
import TerminalCanvas

/// The services as rows, the worst first: for meshes that no picture can hold.
struct TablePicture {
    let state: DashboardState

    func draw(in area: Rect, on canvas: inout Canvas) {
        let names = state.table
        guard !names.isEmpty else {
            canvas.write([Span(" No match for &\(state.filter.text)", Style(.muted))], line: 0, in: area)
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
        let states = names[window].map { Text.width(Look.word(state.shownReadings[$0])) + 2 }.max() ?? 0
        let acting = names[window].map { mechanisms($0, glyphs) }
        let rows = zip(names[window], acting).map { row($0, mechanisms: $1, glyphs) }
        Table(
            columns(state: max(8, states), words: acting.allSatisfy(\.isEmpty) ? 16 : 28), rows: rows,
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

    /// Polls in a strip.
    private static let strip = 24

    /// A difference has a sign and an arrow more.
    private func columns(state stateColumns: Int, words: Int) -> [Table.Column] {
        let isDifference = state.showsDifferences
        let field = isDifference ? 8 : 7
        return [
            Table.Column("state", .fixed(stateColumns), importance: 9),
            Table.Column("service", .share(1, atLeast: 10), importance: 9),
            Table.Column("rate", .fixed(isDifference ? 8 : 6), .right, importance: 8),
            Table.Column(isDifference ? "ok" : "errors", .fixed(7), .right, importance: 8),
            Table.Column("p50", .fixed(field), .right, importance: 2),
            Table.Column("p99", .fixed(field), .right, importance: 7),
            Table.Column(" rate over time", .fixed(Self.strip + 1), importance: 3),
            Table.Column("errors over time", .fixed(Self.strip), importance: 2),
            Table.Column("calls", .fixed(5), .right, importance: 1),
            Table.Column("age", .fixed(6), .right, importance: 4),
            Table.Column("fault, mechanism", .share(1, atLeast: words), importance: 6),
        ]
    }

    private func row(_ name: ServiceName, mechanisms: String, _ glyphs: Glyphs) -> [[Span]] {
        let reading = state.shownReadings[name]
        let role = Look.role(reading.health)
        let calls = state.digraph.number(of: name).map { state.digraph.callees[$0].count } ?? 0
        let faults = state.shown.activeFaults.filter { $0.edge.from == name || $0.edge.to == name }
        let strip = HistoryStrip(state.shown.services[name], columns: Self.strip, until: state.shownAt, glyphs)
        let words = faults.map { "\($0.id) \($0.kind.label) \(Look.edge($0.edge, to: 24, glyphs))" }
        return [
            [Span("\(Look.mark(reading.health, glyphs)) \(Look.word(reading))", Style(role))],
            [Span(Look.name(name, to: 60, glyphs), Style(.text, .bold))],
        ] + figures(name, reading, glyphs) + [
            [Span(" ")] + strip.rates, strip.errors, [Span("\(calls)", Style(.muted))],
            [Span(Format.age(reading.age), Style(.muted))],
            [
                Span(words.joined(separator: ", "), Style(.fault, .bold)),
                Span(words.isEmpty || mechanisms.isEmpty ? "" : "  "), Span(mechanisms, Style(.warn, .bold)),
            ],
        ]
    }

    /// What acts by itself on the calls that a service makes.
    private func mechanisms(_ name: ServiceName, _ glyphs: Glyphs) -> String {
        let callees = state.digraph.number(of: name).map { state.digraph.callees[$0] } ?? []
        return callees.compactMap { callee -> String? in
            let edge = Edge(from: name, to: state.digraph.names[callee])
            let line = MechanismWords.line(on: edge, in: state, to: 40)
            let head = Character(glyphs.arrow(.right).scalar)
            return line.isEmpty ? nil : "\(head) \(Look.name(edge.to, to: 24, glyphs)): \(line)"
        }.joined(separator: ", ")
    }

    private func figures(_ name: ServiceName, _ reading: Reading, _ glyphs: Glyphs) -> [[Span]] {
        guard state.showsDifferences else {
            let figures = FigureWords(reading: reading, glyphs: glyphs)
            return [figures.rate, figures.errors, figures.p50, figures.p99]
        }
        let difference = state.difference(of: .service(name))
        let measures: [Difference.Measure] = [.rate, .success, .p50, .p99]
        return measures.map { [DifferenceWords.cell(difference?[$0], $0, glyphs)] }
    }
}
