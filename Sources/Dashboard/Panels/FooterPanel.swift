import MeshModel
import TerminalCanvas

/// The last lines: the tabs or a word to the person, and the keys that matter here. The halt always comes first.
struct FooterPanel: Panel {
    /// The key of an action with its word, and the columns it takes. It is shown whole or not at all.
    struct Hint {
        var id: Action.ID
        var spans: [Span]
        var columns: Range<Int>
    }

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let hints = area.rows - 1
        let word = word(state)
        if area.rows > 1 || word.isEmpty {
            for hint in Self.hints(state, columns: area.columns) {
                canvas.put(hint.spans, at: Point(area.column + hint.columns.lowerBound, area.row + hints), in: area)
            }
        }
        if !word.isEmpty { canvas.write(word, line: 0, in: area) }
        if let columns = Self.tabColumns(state, in: area) {
            TabBar().draw(state, in: Rect(area.column, area.row, columns, 1), on: &canvas)
            canvas.writeRight(Self.standing(state), line: 0, in: area)
        }
        if let field = state.layers.last?.line?.field {
            canvas.cursor = Point(area.column + 2 + Text.width(field.head), area.row)
        }
    }

    /// What a click at a place of the footer means; nil where nothing stands.
    static func action(at point: Point, in area: Rect, _ state: DashboardState, _ glyphs: Glyphs) -> Action.ID? {
        let column = point.column - area.column
        if point.row == area.endRow - 1, area.rows > 1 || !state.hasWord {
            return hints(state, columns: area.columns).first { $0.columns.contains(column) }?.id
        }
        guard point.row == area.row, let room = tabColumns(state, in: area) else { return nil }
        return TabBar.tabs(state, columns: room, glyphs).first { $0.columns.contains(column) }?.screen.action
    }

    /// The columns that the tabs have; nil while a word or a field stands in their place.
    private static func tabColumns(_ state: DashboardState, in area: Rect) -> Int? {
        area.rows > 1 && !state.hasWord ? area.columns - standing(state).width : nil
    }

    private func word(_ state: DashboardState) -> [Span] {
        if let line = state.layers.last?.line {
            let isPast = state.isReplay || state.isRewound
            let hint =
                line.sign == "&"
                ? "text !text ~fuzzy state=bad kind= from= to= by=    enter keeps    up recalls"
                : isPast ? "text, or p99 of taps > 300ms    enter finds    up recalls" : "enter keeps    up recalls"
            return [
                Span(" \(line.sign)", Style(.key, .bold)), Span(line.field.text + " ", Style(.input)),
                Span("   \(hint)", Style(.muted)),
            ]
        }
        return state.notice.map { [Span(" "), Span($0.text, Style($0.role))] } ?? []
    }

    /// What is looked for and what the lists are narrowed to, as long as that lasts.
    private static func standing(_ state: DashboardState) -> [Span] {
        var spans: [Span] = []
        if !state.search.isEmpty {
            let count = state.isReplay || state.isRewound ? "" : " \(state.matchCount) found"
            spans += [Span(" /\(Text.clipped(state.search.text, to: 16))", Style(.input)), Span(count, Style(.muted))]
        }
        if !state.filter.isEmpty {
            spans += [Span(" filter &\(Text.clipped(state.filter.text, to: 24))", Style(.input))]
        }
        return spans.isEmpty ? [] : spans + [Span("  esc clears ", Style(.muted))]
    }

    /// The keys that fit, the most needed first: one that does not fit makes room for shorter ones.
    static func hints(_ state: DashboardState, columns: Int) -> [Hint] {
        var hints: [Hint] = []
        var end = 0
        func add(_ id: Action.ID, _ spans: [Span], gap: Int) {
            let width = spans.width
            guard end + width <= columns else { return }
            hints.append(Hint(id: id, spans: spans, columns: end..<end + width))
            end += width + gap
        }
        if state.whyNot(.halt) == nil { add(.halt, [.halt(state)], gap: 1) }
        for (id, word) in wanted(state) where state.whyNot(id) == nil && !state.options.keymap.keys(of: id).isEmpty {
            add(id, [Span(" \(state.keys(of: id))", Style(.key, .bold)), Span(" \(word) ", Style(.muted))], gap: 0)
        }
        return hints
    }

    private static func wanted(_ state: DashboardState) -> [(Action.ID, String)] {
        if state.isRewound || state.isReplay { return [(.abort, "abort")] + past(state) }
        let first: [(Action.ID, String)] =
            state.mesh.isHalted ? [(.rearm, "re-arm")] : [(.fault, "fault"), (.abort, "abort"), (.dial, "dial")]
        let comparing: [(Action.ID, String)] = state.isComparing ? [(.difference, "no diff")] : []
        return first + [(.help, "help"), (.quit, "quit")] + comparing + here(state) + [
            (.nextPane, "pane"), (.search, "search"), (.filter, "filter"), (.note, "note"),
            (.freeze, state.frozen == nil ? "freeze" : "resume"), (.palette, "commands"), (.projector, "projector"),
            (.theme, "theme"),
        ]
    }

    /// What the pane that has the keys is for.
    private static func here(_ state: DashboardState) -> [(Action.ID, String)] {
        switch state.pane {
        case .graph:
            [
                (.open, "details"), (.blast, "blast"), (.logs, "log"), (.focus, "focus"), (.view, "view"),
                (.difference, "diff"),
            ]
        case .objectives: [(.open, "details"), (.difference, "diff")]
        case .faults: [(.open, "details"), (.renew, "renew"), (.clearOrphans, "clear orphans"), (.proof, "proof")]
        case .timeline: [(.open, "details"), (.mark, "mark")]
        case .proxies: [(.open, "details"), (.proof, "proof")]
        case .proof: [(.proof, "proof")]
        case .catalogue: [(.open, "run"), (.lessons, "lessons")]
        case .run: [(.run, "run"), (.lessons, "lessons")]
        }
    }

    private static func past(_ state: DashboardState) -> [(Action.ID, String)] {
        [
            (state.isRewound ? .back : .help, state.isRewound ? "NOW" : "help"),
            (.play, state.isPlayingPast ? "pause" : "play"), (.earlier, "back"), (.later, "forward"),
            (.previousEvent, "prev event"), (.nextEvent, "next event"), (.search, "find"), (.nextHit, "next"),
            (.slower, "slower"), (.faster, "faster"), (.mark, "mark"), (.quit, "quit"), (.nextPane, "pane"),
            (.open, "details"), (.theme, "theme"),
        ]
    }
}
