import MeshModel
import TerminalCanvas

/// The graph as an indented list: each row is a call and the service it leads to, with the call's numbers.
struct TreePicture {
    let state: DashboardState
    let tree: ServiceTree
    /// What a fault in question would touch.
    private let blast: BlastMap?

    /// Three fields; a difference has a sign and an arrow more.
    private var field: Int { state.showsDifferences ? 8 : 7 }
    private var numberColumns: Int { 3 * field }

    /// Polls in a strip, and the width of a list that has room for one, and for one of errors beside it.
    private static let strip = 24
    private static let (roomForRates, roomForBoth) = (80, 110)

    /// Columns of the strips beside the numbers, a blank before each.
    private func stripColumns(in width: Int) -> Int {
        width >= Self.roomForBoth ? 2 * (Self.strip + 2) : width >= Self.roomForRates ? Self.strip + 2 : 0
    }

    init(state: DashboardState, tree: ServiceTree) {
        self.state = state
        self.tree = tree
        blast = state.blastMap
    }

    func draw(in area: Rect, on canvas: inout Canvas) {
        var rows = Array(tree.rows.enumerated())
        if !state.filter.isEmpty { rows = rows.filter { state.matches($0.element.service) } }
        let selected = tree.row(of: state.selection)
        var scroll = Scroll()
        // Numbers keep a blank to the scroll bar.
        let isCut = rows.count > area.rows - 1
        let body = Rect(area.column, area.row + 1, area.columns, area.rows - 1)
        let lines = Rect(body.column, body.row, body.columns - (isCut ? 1 : 0), body.rows)
        if let place = rows.firstIndex(where: { $0.offset == selected }) {
            scroll.reveal(place, of: rows.count, height: body.rows)
        }
        let head =
            [state.showsDifferences ? "ok" : "err", "p99"].reduce(Text.fitted("rate", to: field, .right)) {
                $0 + Text.fitted($1, to: field, .right)
            }
        let strips = ["rate over time", "errors over time"].prefix(stripColumns(in: lines.columns) / (Self.strip + 2))
        let titles = strips.map { "  " + Text.fitted($0, to: Self.strip) }.joined()
        canvas.writeRight([Span(head + titles + (isCut ? "  " : " "), Style(.muted))], line: 0, in: area)
        canvas.write([Span(" service", Style(.muted))], line: 0, in: area)
        for (line, entry) in rows[scroll.window(of: rows.count, height: body.rows)].enumerated() {
            draw(entry.element, isSelected: entry.offset == selected, in: lines.line(line), on: &canvas)
        }
        scroll.drawBar(of: rows.count, in: body, on: &canvas)
    }

    private func draw(_ row: ServiceTree.Row, isSelected: Bool, in line: Rect, on canvas: inout Canvas) {
        let glyphs = canvas.glyphs
        if isSelected { canvas.lay(.selected, behind: line) }
        let readings = state.shownReadings
        let reading = row.edge.map { readings[$0] } ?? readings[row.service]
        let beside = stripColumns(in: line.columns)
        let left = Rect(line.column, line.row, max(0, line.columns - numberColumns - beside - 1), 1)
        let isEdge = isSelected && row.edge != nil && state.selection == row.edge.map(Scope.edge)
        var spans = [Span(" " + rails(row, glyphs), Style(.border))]
        spans += branch(
            row, isSelected: isEdge, room: left.columns - spans.width - 6 - min(12, Text.width(row.service.text)),
            glyphs)
        let own = readings[row.service]
        spans.append(Span(Look.mark(own.health, glyphs), Style(Look.role(own.health), .bold)))
        let room = max(4, left.columns - spans.width - 2)
        let style = Style(row.isRepeat ? .muted : .text, isSelected && !isEdge ? .bold : [])
        spans.append(Span(" \(Look.name(row.service, to: room, glyphs))", style))
        if own.health != .ok, !row.isRepeat {
            spans.append(Span(" \(Look.word(own))", Style(Look.role(own.health))))
        }
        if let edge = row.edge, case let room = left.columns - spans.width - 2, room > 4 {
            let words = MechanismWords.line(on: edge, in: state, to: room)
            if !words.isEmpty { spans.append(Span("  \(words)", Style(.warn, .bold))) }
        }
        canvas.put(spans.clipped(to: left.columns, glyphs), at: left.origin, in: left)
        let numbers = felt(row) ?? differences(row, glyphs) ?? numbers(reading, glyphs)
        canvas.writeRight(numbers + strips(row, columns: beside, glyphs) + [Span(" ")], line: 0, in: line)
    }

    /// How the call, or the service at the top, did over the last polls.
    private func strips(_ row: ServiceTree.Row, columns: Int, _ glyphs: Glyphs) -> [Span] {
        guard columns > 0 else { return [] }
        let scope = row.edge.map { state.shown.edges[$0] } ?? state.shown.services[row.service]
        let strip = HistoryStrip(scope, columns: Self.strip, until: state.shownAt, glyphs)
        return [strip.rates, strip.errors].prefix(columns / (Self.strip + 2)).flatMap { [Span("  ")] + $0 }
    }

    private func rails(_ row: ServiceTree.Row, _ glyphs: Glyphs) -> String {
        let bar = String(Character(glyphs.line(.light, isHorizontal: false).scalar))
        return row.rails.map { $0 ? "\(bar)  " : "   " }.joined()
    }

    /// The call that leads to a row: the fault stands in its line.
    private func branch(_ row: ServiceTree.Row, isSelected: Bool, room: Int, _ glyphs: Glyphs) -> [Span] {
        guard let edge = row.edge else { return [] }
        let joint = glyphs == .ascii ? (row.isLast ? "`" : "|") : row.isLast ? "└" : "├"
        let head = String(Character(glyphs.arrow(.right).scalar))
        let role: StyleRole = isSelected ? .focusBorder : .border
        let start = Span(joint, Style(.border))
        if let fault = state.fault(on: edge) {
            let words = EdgeWords.marked(fault, at: state.shownAt, to: min(24, room))
            return [start, Span("\(words)\(words.contains(" ") ? " " : "")\(head) ", Style(.fault, .bold))]
        }
        if state.isAsking(on: edge) { return [start, Span("requested\(head) ", Style(.fault))] }
        let health = state.shownReadings[edge].health
        let stroke: Stroke = health == .bad ? .double : health == .ok || health == .warn ? .light : .dotted
        let part = blast?.part(of: edge)
        let line = String(Character(glyphs.line(part?.look.stroke ?? stroke, isHorizontal: true).scalar))
        return [start, Span("\(line)\(head) ", part?.look.style ?? Style(role, isSelected ? .bold : []))]
    }

    /// In place of a call's numbers: what would be felt along it.
    private func felt(_ row: ServiceTree.Row) -> [Span]? {
        guard let edge = row.edge, let words = blast?.words(on: edge, to: numberColumns), !words.isEmpty else {
            return nil
        }
        return [Span(Text.fitted(words, to: numberColumns, .right), Style(.lease, .bold))]
    }

    /// In place of a call's numbers: how they differ from before the faults.
    private func differences(_ row: ServiceTree.Row, _ glyphs: Glyphs) -> [Span]? {
        let scope = row.edge.map(Scope.edge) ?? .service(row.service)
        let reading = row.edge.map { state.shownReadings[$0] } ?? state.shownReadings[row.service]
        guard state.showsDifferences, reading.health != .stale, reading.requests > 0 else { return nil }
        guard let difference = state.difference(of: scope) else {
            return [Span(Text.fitted(DifferenceWords.noBaseline[0], to: numberColumns, .right), Style(.muted))]
        }
        let measures: [Difference.Measure] = [.rate, .success, .p99]
        return measures.flatMap {
            DifferenceWords.cell(difference[$0], $0, field: field, glyphs)
        }
    }

    private func numbers(_ reading: Reading, _ glyphs: Glyphs) -> [Span] {
        if reading.health == .stale {
            return [Span(Text.fitted("stale \(Format.age(reading.age))", to: numberColumns, .right), Style(.stale))]
        }
        if reading.requests == 0, reading.absence != nil || reading.age == nil {
            let words = reading.absence == nil ? "no data" : Look.word(reading)
            return [Span(Text.fitted(words, to: numberColumns, .right), Style(.stale))]
        }
        if let stream = reading.stream {
            return [Span(Text.fitted(EdgeWords.stream(stream, to: numberColumns), to: numberColumns, .right))]
        }
        let figures = FigureWords(reading: reading, glyphs: glyphs)
        return [figures.rate, figures.errors, figures.p99].flatMap { FigureWords.field($0, field) }
    }
}
