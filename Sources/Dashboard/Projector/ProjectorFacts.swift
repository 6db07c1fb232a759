import MeshModel
import TerminalCanvas

/// The lines below the digits: the faults, how each spreads, what is not explained, what was predicted, the story. A line
/// stands in block letters where it fits and rows are left over; what matters most gets them first.
struct ProjectorFacts: Panel {
    /// A line in words, with what stands at its right end, and the same in few words.
    private struct Line {
        var words: [Span]
        var right: [Span] = []
        var short: [Span]?
    }

    /// Rows of a line in block letters, with the gap below it.
    private static let largeRows = 4

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard let scene = state.board.shown, area.rows > 0 else { return }
        let lines = fitting(groups(scene, state, canvas.glyphs), rows: area.rows)
        var left = area.rows - lines.count
        var letters: [BlockText?] = lines.map { line in
            guard left >= Self.largeRows - 1, let short = line.short,
                let text = BlockText(
                    [short], fitting: Size(area.columns - 2, Self.largeRows), canvas.glyphs, tallest: Self.largeRows)
            else { return nil }
            left -= Self.largeRows - 1
            return text
        }
        // Alone between smaller lines a large one would look like a headline.
        if letters.count(where: { $0 != nil }) == 1, lines.count > 3 { letters = letters.map { _ in nil } }
        let spread = min(1, left / max(1, lines.count - 1))
        var row = 0
        for (line, text) in zip(lines, letters) {
            if let text {
                text.draw(in: Rect(area.column + 1, area.row + row, area.columns - 1, Self.largeRows), on: &canvas)
                row += Self.largeRows + spread
            } else {
                canvas.writeRight(line.right, line: row, in: area)
                let room = Rect(area.column, area.row, area.columns - line.right.width - 1, area.rows)
                canvas.write(line.words, line: row, in: room)
                row += 1 + spread
            }
        }
    }

    /// As many lines as there are rows, some of each group before more of one.
    private func fitting(_ groups: [[Line]], rows: Int) -> [Line] {
        var taken = groups.map { _ in 0 }
        var left = rows
        var isFull = false
        while left > 0, !isFull {
            isFull = true
            for (index, group) in groups.enumerated() where left > 0 && taken[index] < group.count {
                taken[index] += 1
                left -= 1
                isFull = false
            }
        }
        return zip(groups, taken).flatMap { group, count -> ArraySlice<Line> in
            var shown = group.prefix(count)
            // What has no room is counted by the first group, that of the faults.
            if count > 0, count < group.count, group.first?.right.isEmpty == false, let last = shown.indices.last {
                shown[last] = Line(words: [Span("  and \(group.count - count + 1) more faults", Style(.fault, .bold))])
            }
            return shown
        }
    }

    private func groups(_ scene: ProjectorScene, _ state: DashboardState, _ glyphs: Glyphs) -> [[Line]] {
        var groups: [[Line]] = []
        let isHalted = state.haltAskedAt != nil || state.mesh.isHalted
        if !isHalted { groups.append(faults(scene, state)) }
        groups.append(scene.paths.map { path($0, glyphs) })
        groups.append(
            scene.unexplained.prefix(3).map { name in
                let why = scene.faults.isEmpty ? "no fault is active" : "no edge leads there"
                let words = "unexplained: \(name) fails, \(why)"
                return Line(
                    words: [Span("  "), Span(" \(glyphs.mark(.bad) ?? "") \(words) ", Style(.bad, .bold))],
                    short: [Span("? \(name) fails", Style(.bad, .bold))])
            })
        if let predictions = scene.predictions { groups.append([line(predictions)]) }
        groups.append(story(scene, state))
        return groups
    }

    private func faults(_ scene: ProjectorScene, _ state: DashboardState) -> [Line] {
        let isLit = state.board.isLit(.faults)
        guard !scene.faults.isEmpty else {
            let look = Style(isLit ? .fresh : .muted, isLit ? .bold : [])
            return [Line(words: [Span("  no active faults ", look)], short: [Span("no active faults", look)])]
        }
        return scene.faults.map { row in
            let left = row.leaseEnds.map { Format.countdown(max(0, $0.seconds(since: state.shownAt))) }
            let remark =
                row.remark.map { [Span("   \($0)", Style(row.role == .fault ? .warn : row.role, .bold))] } ?? []
            return Line(
                words: [
                    Span(" "), Span(" \(row.name) ", Style(isLit ? .fresh : .fault, .bold)), Span("  "),
                    Span(row.words, Style(.text, .bold)),
                ] + remark, right: [Span(left.map { "\($0) left " } ?? " ", Style(.lease, .bold))],
                short: [
                    Span(row.short, Style(.fault, .bold)), Span(left.map { "  \($0)" } ?? "", Style(.lease, .bold)),
                ])
        }
    }

    /// `F2 DELAY 400ms  cellar ▶ kitchen +399 ms ▶ bar +120 ms ▶ door +434 ms`: in the direction in which it is felt.
    private func path(_ path: FaultPath, _ glyphs: Glyphs) -> Line {
        let arrow = " \(Character(glyphs.arrow(.right).scalar)) "
        var words = [
            Span("  "), Span("\(path.fault) \(path.label)", Style(.fault, .bold)),
            Span("  \(path.callee)", Style(.text)),
        ]
        var short = [Span(path.fault, Style(.fault, .bold))]
        for hop in path.hops {
            let isBad = hop.health == .bad
            let mark = Look.mark(hop.health, glyphs)
            let worse = hop.worse ?? "unchanged"
            words += [
                Span(arrow, Style(.muted)),
                Span(
                    "\(mark) \(Look.name(hop.service, to: 18, glyphs).uppercased())", Style(isBad ? .bad : .text, .bold)
                ),
                Span(" \(worse)", Style(hop.worse == nil ? .muted : .warn, .bold)),
            ]
            short += [
                Span(" > ", Style(.muted)), Span("\(hop.service)", Style(.text, .bold)),
                Span(" " + (hop.worse.map { $0.replacing(" errors", with: "") } ?? "="), Style(.warn, .bold)),
            ]
        }
        return Line(words: words, short: short)
    }

    private func line(_ predictions: Predictions) -> Line {
        var words = [Span("  PREDICTED  ", Style(.muted, .bold)), Span(predictions.said, Style(.text, .bold))]
        var short = [Span("? \(predictions.said)", Style(.text, .bold))]
        if let isRight = predictions.isRight {
            let verdict = Span(isRight ? " RIGHT " : " WRONG ", Style(isRight ? .ok : .warn, .bold))
            words += [Span("  "), verdict]
            short += [verdict]
        }
        if predictions.scored > 0 {
            words.append(Span("  score \(predictions.right) of \(predictions.scored)", Style(.text, .bold)))
        }
        return Line(words: words, short: short)
    }

    private func story(_ scene: ProjectorScene, _ state: DashboardState) -> [Line] {
        let isLit = state.board.isLit(.story)
        return scene.story.enumerated().map { index, sentence in
            let age = state.shownAt.seconds(since: sentence.at)
            let when = age < 10 ? "JUST NOW" : "\(Format.age(age)) ago"
            let role: StyleRole = sentence.role == .warn || sentence.role == .bad ? .text : sentence.role
            return Line(
                words: [
                    Span(" "),
                    Span(Text.fitted(" \(when)", to: 10), Style(isLit && index == 0 ? .fresh : .muted, .bold)),
                    Span(" "), Span(sentence.text, Style(role, index == 0 ? .bold : [])),
                ])
        }
    }
}
