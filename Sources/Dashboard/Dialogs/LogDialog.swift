import MeshModel
import TerminalCanvas

/// The access log of an edge: a table of requests, and the chosen one in words.
struct LogDialog: Panel {
    let view: LogView

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let what = view.onlyFailing ? "FAILING REQUESTS" : "ACCESS LOG"
        let title = "\(what) \(Look.edge(view.edge, to: max(12, area.columns - 30), canvas.glyphs))"
        let box = Frame.open(title, Size(area.columns, area.rows), in: area, on: &canvas)
        let below = words(columns: box.columns)
        let parts = Layout.rows([.rest, .fixed(below.count + 1), .fixed(1)], in: box)
        table(in: parts[0], on: &canvas)
        for (line, spans) in below.enumerated() { canvas.write(spans, line: line + 1, in: parts[1]) }
        canvas.write([Span(hint(state, columns: box.columns), Style(.muted))], line: 0, in: parts[2])
    }

    private func table(in area: Rect, on canvas: inout Canvas) {
        guard !view.lines.isEmpty, let place = view.place else {
            for (line, text) in nothing.flatMap({ Text.wrapped($0, to: area.columns) }).enumerated() {
                canvas.write([Span(text, Style(.muted))], line: line, in: area)
            }
            return
        }
        var scroll = Scroll()
        scroll.reveal(place, of: view.lines.count, height: Table.visibleRows(height: area.rows))
        let hasSeveral = Set(view.lines.map(\.source)).count > 1
        let columns = Self.columns.filter { hasSeveral || $0.title != "proxy" }
        let glyphs = canvas.glyphs
        let rows = view.lines.map { line in row(line, hasSeveral: hasSeveral, glyphs) }
        Table(columns, rows: rows, selected: place, scroll: scroll).draw(in: area, on: &canvas)
    }

    /// Why there are no lines.
    private var nothing: [String] {
        if let trouble = view.trouble { return [trouble] }
        guard let log = view.log else { return ["Reading the logs of \(view.edge.from)…"] }
        if !log.problems.isEmpty { return log.problems }
        return [view.onlyFailing ? "No failing request in the log." : "No request in the log yet."]
    }

    private static let columns = [
        Table.Column("time", .fixed(12), importance: 9),
        Table.Column("proxy", .fixed(12), importance: 3),
        Table.Column("status", .fixed(6), importance: 10),
        Table.Column("flags", .fixed(7), importance: 10),
        Table.Column("took", .fixed(7), importance: 6),
        Table.Column("request", .share(2, atLeast: 14), importance: 8),
        Table.Column("instance", .share(1, atLeast: 15), importance: 4),
    ]

    private func row(_ logged: EdgeLog.Line, hasSeveral: Bool, _ glyphs: Glyphs) -> [[Span]] {
        let line = logged.line
        let role: StyleRole = line.isFailing ? .bad : line.flags.isEmpty ? .text : .warn
        let status = line.status.map { $0 == 0 ? "none" : "\($0)" } ?? "-"
        let took = line.duration.map { Format.latency(Double($0)) } ?? "-"
        let mark = line.isFailing ? glyphs.mark(.bad) ?? "!" : " "
        let cells: [[Span]] = [
            [Span(line.clock, Style(.muted))], [Span(logged.source, Style(.muted))],
            [Span("\(mark) \(status)", Style(role, line.isFailing ? .bold : []))],
            [Span(line.flags.isEmpty ? "-" : line.flags.joined(separator: ","), Style(role))], [Span(took)],
            [Span([line.method, line.path].compactMap(\.self).joined(separator: " "))],
            [Span(line.host ?? "-", Style(.muted))],
        ]
        return hasSeveral ? cells : [cells[0]] + cells.dropFirst(2)
    }

    /// The chosen line in words, its trace, and what it can be opened with.
    private func words(columns: Int) -> [[Span]] {
        guard let current = view.current else { return [] }
        let line = current.line
        let why = line.explanation ?? (line.isFailing ? "no reason logged" : "answered by the callee")
        let text = (line.flags.isEmpty ? "" : line.flags.joined(separator: ",") + ": ") + why
        var lines = Text.wrapped(text, to: columns).prefix(2).map { [Span($0, Style(line.isFailing ? .warn : .text))] }
        if let trace = line.trace {
            lines.append([Span("trace ", Style(.muted)), Span(trace)])
        } else if let request = line.request {
            lines.append([Span("request ", Style(.muted)), Span(request), Span("  no trace id", Style(.muted))])
        }
        let links = view.links
        if !links.isEmpty {
            lines.append(
                [Span("open ", Style(.muted))]
                    + links.prefix(9).enumerated().flatMap { number, link in
                        [Span("\(number + 1) ", Style(.key)), Span("\(link.name)  ")]
                    })
        }
        for problem in view.log?.problems.prefix(1) ?? [] { lines.append([Span(problem, Style(.warn))]) }
        return lines
    }

    private func hint(_ state: DashboardState, columns: Int) -> String {
        let all = [
            "\(state.keys(of: .failing)) \(view.onlyFailing ? "all requests" : "failing only")",
            "\(state.keys(of: .copy)) copies the trace", "\(state.keys(of: .note)) adds to timeline", "esc closes",
        ]
        let whole = all.joined(separator: "    ")
        return Text.width(whole) <= columns ? whole : all.joined(separator: "  ")
    }
}
