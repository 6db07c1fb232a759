import MeshModel
import TerminalCanvas

/// The picture for the back row: at most 24 rows whatever the terminal's size, big digits, plain sentences, the ways to
/// what is broken, and the halt. From six image heights away more rows could not be read.
struct ProjectorPanel: Panel {
    static let largest = Size(120, 24)

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let page = area.centred(Self.largest)
        let spare = page.rows - Regions.smallest.rows
        // Of four more rows the ways get two, the faults and the word to the person one each.
        let parts = Layout.rows(
            [
                .fixed(1), .fixed(1), .fixed(BigDigits.rows + 3), .fixed(1), .fixed(spare > 1 ? 3 : 2), .fixed(1),
                .rest, .fixed(1), .fixed(spare > 3 ? 3 : 2), .fixed(1),
            ], in: page)
        header(state, in: parts[0], on: &canvas)
        for rule in [parts[1], parts[3], parts[5], parts[7]] { draw(rule: rule, on: &canvas) }
        gauges(state, in: parts[2], on: &canvas)
        faults(state, in: parts[4], on: &canvas)
        ProjectorPaths(paths: state.board.shown?.paths ?? []).draw(state, in: parts[6], on: &canvas)
        story(state, in: parts[8], on: &canvas)
        if state.isBlind {
            for part in parts[2..<9] { canvas.restyle(part) { Style(.stale, $0.emphasis) } }
        }
        footer(state, in: parts[9], on: &canvas)
        let body = Rect(page.column, page.row + 2, page.columns, page.rows - 3)
        for layer in state.layers { Dialog(layer: layer).draw(state, in: body, on: &canvas) }
    }

    private func draw(rule: Rect, on canvas: inout Canvas) {
        let glyph = canvas.glyphs.line(.light, isHorizontal: true)
        for column in rule.column..<rule.endColumn { canvas.put(glyph, Style(.border), at: Point(column, rule.row)) }
    }

    private func header(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard !state.isBlind else {
            let age = state.heardAt.map { Format.age(state.now.seconds(since: $0)) + " ago" } ?? "never"
            canvas.write(
                [
                    Span(" NO CONTROL PLANE ", Style(.bad, .bold)),
                    Span("  heard \(age): all below is old", Style(.warn, .bold)),
                ], line: 0, in: area)
            return
        }
        let right = badges(state) + [Span(" data \(Format.age(state.mesh.dataAge(at: state.now))) old ", Style(.text))]
        canvas.writeRight(right, line: 0, in: area)
        let name = state.mesh.session?.name ?? "waiting for the control plane"
        let rest = Rect(area.column, area.row, area.columns - right.width - 1, 1)
        canvas.write([Span(" \(name.uppercased())", Style(.title, .bold))], line: 0, in: rest)
    }

    private func badges(_ state: DashboardState) -> [Span] {
        var spans: [Span] = []
        if let frozen = state.frozen {
            let behind = Format.age(state.now.seconds(since: frozen.at))
            spans += [Span(" FROZEN \(behind) behind ", Style(.banner, .bold)), Span(" ")]
        }
        if state.options.isObserver { spans += [Span(" OBSERVER ", Style(.accent, .bold))] }
        switch state.mesh.session?.mode {
        case .live: spans.append(Span(" LIVE ", Style(.ok, .bold)))
        case .simulated: spans.append(Span(" SIMULATED ", Style(.banner, .bold)))
        case .replay: spans.append(Span(" REPLAY ", Style(.banner, .bold)))
        case nil: break
        }
        return spans
    }

    private func gauges(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let all = state.board.shown?.gauges ?? []
        guard !all.isEmpty else {
            canvas.write([Span(" no numbers yet", Style(.muted))], line: 1, in: area)
            return
        }
        let shown = all.prefix(max(1, min(all.count, area.columns / 30)))
        let columns = Layout.columns(shown.map { _ in .rest }, in: area)
        for (index, (gauge, place)) in zip(shown, columns).enumerated() {
            let isLit = state.board.isLit(.gauge(index))
            ProjectorGauge(gauge: gauge, isLit: isLit).draw(state, in: place.inset(columns: 1), on: &canvas)
        }
    }

    private func faults(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        if state.haltAskedAt != nil || state.mesh.isHalted {
            FaultLine().draw(state, in: area.line(area.rows / 2 - (area.rows + 1) % 2), on: &canvas)
            return
        }
        let rows = state.board.shown?.faults ?? []
        let isLit = state.board.isLit(.faults)
        guard !rows.isEmpty else {
            canvas.write(
                [Span(" "), Span(" no fault is in the mesh ", Style(isLit ? .fresh : .muted, isLit ? .bold : []))],
                line: area.rows / 2, in: area)
            return
        }
        let isCut = rows.count > area.rows
        for (line, row) in rows.prefix(isCut ? area.rows - 1 : area.rows).enumerated() {
            draw(row, isLit: isLit, in: area.line(line), at: state.shownAt, on: &canvas)
        }
        if isCut {
            let rest = rows.count - area.rows + 1
            canvas.write([Span(" and \(rest) faults more", Style(.fault, .bold))], line: area.rows - 1, in: area)
        }
    }

    private func draw(
        _ row: ProjectorScene.FaultRow, isLit: Bool, in line: Rect, at now: Timestamp, on canvas: inout Canvas
    ) {
        let left = row.leaseEnds.map { Format.countdown(max(0, $0.seconds(since: now))) + " left " } ?? ""
        canvas.writeRight([Span(left, Style(.lease, .bold))], line: 0, in: line)
        let room = Rect(line.column, line.row, line.columns - Text.width(left) - 1, 1)
        let remark = row.remark.map { [Span("   \($0)", Style(row.role == .fault ? .warn : row.role, .bold))] } ?? []
        canvas.write(
            [
                Span(" "), Span(" \(row.name) ", Style(isLit ? .fresh : .fault, .bold)), Span("  "),
                Span(row.words, Style(.text, .bold)),
            ] + remark, line: 0, in: room)
    }

    private func story(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let isLit = state.board.isLit(.story)
        var line = 0
        for (index, sentence) in (state.board.shown?.story ?? []).enumerated() {
            let age = state.shownAt.seconds(since: sentence.at)
            let when = age < 10 ? "JUST NOW" : "\(Format.age(age)) ago"
            let head = [
                Span(" "), Span(Text.fitted(" \(when)", to: 10), Style(isLit && index == 0 ? .fresh : .muted, .bold)),
                Span(" "),
            ]
            let role: StyleRole = sentence.role == .warn || sentence.role == .bad ? .text : sentence.role
            let lines = Text.wrapped(sentence.text, to: area.columns - 13)
            for (number, words) in lines.enumerated() where line < area.rows {
                let start = number == 0 ? head : [Span(String(repeating: " ", count: head.width))]
                canvas.write(start + [Span(words, Style(role, index == 0 ? .bold : []))], line: line, in: area)
                line += 1
            }
        }
    }

    private func footer(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        var spans = [Span(" ")]
        if state.whyNot(.halt) == nil {
            spans += [Span(" \(state.keys(of: .halt)) HALT ALL ", Style(.bad, .bold)), Span("  ")]
        }
        if let notice = state.notice {
            spans.append(Span(notice.text, Style(notice.role)))
        } else if state.size.rows > Self.largest.rows + 6 {
            spans.append(
                Span("larger letters, please: \(state.size.rows) rows are too many for the back row", Style(.muted)))
        } else {
            spans += [
                Span("\(state.keys(of: .projector))", Style(.key, .bold)), Span(" ends the projector", Style(.muted)),
            ]
        }
        canvas.write(spans, line: 0, in: area)
    }
}

/// One indicator of the projector: name, digits, verdict and how it was.
struct ProjectorGauge: Panel {
    let gauge: ProjectorScene.Gauge
    let isLit: Bool

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let title = " \(Text.clipped(gauge.title.uppercased(), to: area.columns - 2, canvas.glyphs)) "
        canvas.write([Span(title, Style(isLit ? .fresh : .title, .bold))], line: 0, in: area)
        let digits = Rect(area.column + 1, area.row + 1, area.columns - 1, BigDigits.rows)
        BigDigits.draw(gauge.digits, Style(role), in: digits, on: &canvas)
        let end = digits.column + BigDigits.width(of: gauge.digits) + 1
        canvas.put(gauge.unit, Style(.text, .bold), at: Point(end, digits.endRow - 1), in: digits)
        canvas.write(verdict(canvas.glyphs), line: BigDigits.rows + 1, in: area)
        if let before = gauge.before {
            canvas.write([Span(" was \(before) before", Style(.text))], line: BigDigits.rows + 2, in: area)
        }
    }

    /// Digits are never a filled block, which could not be read.
    private var role: StyleRole {
        switch gauge.verdict {
        case .holds: .ok
        case .broken: .warn
        case .unknown: .stale
        case .unjudged: .text
        }
    }

    private func verdict(_ glyphs: Glyphs) -> [Span] {
        let bound = gauge.bound.map { [Span("  \($0)", Style(.text))] } ?? []
        return switch gauge.verdict {
        case .holds: [Span(" \(glyphs.mark(.ok) ?? "") HOLDS", Style(.ok, .bold))] + bound
        case .broken: [Span(" \(glyphs.mark(.bad) ?? "") BROKEN ", Style(.bad, .bold))] + bound
        case .unknown: [Span(" \(glyphs.mark(.stale) ?? "") NO DATA", Style(.stale, .bold))] + bound
        case .unjudged: []
        }
    }
}

/// The ways to what is broken, one a row.
struct ProjectorPaths: Panel {
    let paths: [BrokenPath]

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard !paths.isEmpty else {
            let count = state.shown.services.count
            let words = count == 0 ? "" : " all \(count) services are well"
            canvas.write(
                [Span(words.isEmpty ? "" : " \(canvas.glyphs.mark(.ok) ?? "")", Style(.ok, .bold)), Span(words)],
                line: area.rows / 2, in: area)
            return
        }
        let step = paths.count * 2 <= area.rows ? 2 : 1
        let fitting = paths.count <= area.rows ? paths.count : area.rows - 1
        for (index, path) in paths.prefix(fitting).enumerated() {
            canvas.write(words(path, to: area.columns, canvas.glyphs), line: index * step, in: area)
        }
        if fitting < paths.count {
            canvas.write(
                [Span(" and \(paths.count - fitting) more", Style(.warn, .bold))], line: area.rows - 1, in: area)
        }
    }

    /// The whole way, or its end when there is no room: what is broken stands last.
    private func words(_ path: BrokenPath, to columns: Int, _ glyphs: Glyphs) -> [Span] {
        var stops = path.stops[...]
        while true {
            let isCut = stops.count < path.stops.count
            let spans =
                [Span(isCut ? " \(glyphs.ellipsis)" : "")]
                + stops.enumerated().flatMap { index, stop in
                    (index > 0 || isCut ? edge(to: stop, glyphs) : []) + words(stop, glyphs)
                }
            if spans.width <= columns || stops.count <= 2 { return spans }
            stops = stops.dropFirst()
        }
    }

    private func words(_ stop: BrokenPath.Stop, _ glyphs: Glyphs) -> [Span] {
        let mark = Look.mark(stop.health, glyphs)
        let name = Look.name(stop.service, to: 18, glyphs).uppercased()
        let role = Look.role(stop.health)
        if stop.health == .bad { return [Span(" "), Span(" \(mark) \(name) BAD ", Style(.bad, .bold))] }
        let word = stop.health == .ok || stop.health == .unknown ? "" : " \(Look.word(stop.health))"
        return [Span(" \(mark) ", Style(role, .bold)), Span(name, Style(.text, .bold)), Span(word, Style(role, .bold))]
    }

    private func edge(to stop: BrokenPath.Stop, _ glyphs: Glyphs) -> [Span] {
        let head = Character(glyphs.arrow(.right).scalar)
        func line(_ stroke: Stroke) -> String {
            String(repeating: Character(glyphs.line(stroke, isHorizontal: true).scalar), count: 2)
        }
        guard !stop.faults.isEmpty else { return [Span(" \(line(.light))\(head)", Style(.muted))] }
        let words = stop.faults.joined(separator: ", ")
        return [Span(" \(line(.heavy)) \(words) \(line(.heavy))\(head)", Style(.fault, .bold))]
    }
}
