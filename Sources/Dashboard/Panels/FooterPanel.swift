import MeshModel
import TerminalCanvas

/// The last lines: a word to the person or the filter, and the keys that matter now. The halt always comes first.
struct FooterPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let hints = area.rows - 1
        let word = word(state)
        if area.rows > 1 || word.isEmpty { canvas.write(keys(state), line: hints, in: area) }
        if !word.isEmpty { canvas.write(word, line: 0, in: area) }
        if case .filter(let field, _) = state.layers.last {
            canvas.cursor = Point(area.column + 2 + Text.width(field.head), area.row)
        }
    }

    private func word(_ state: DashboardState) -> [Span] {
        if case .filter(let field, _) = state.layers.last {
            return [
                Span(" /", Style(.key, .bold)), Span(field.text + " ", Style(.input)),
                Span(
                    state.isReplay || state.isRewound
                        ? "   words, or p99 of taps > 300ms; then { and }"
                        : "   !text out, ~fuzzy, state=bad kind= from= to= by=; enter keeps",
                    Style(.muted)),
            ]
        }
        if let notice = state.notice { return [Span(" "), Span(notice.text, Style(notice.role))] }
        guard !state.filter.isEmpty else { return [] }
        return [Span(" filter /\(state.filter.text)", Style(.input)), Span("   esc clears", Style(.muted))]
    }

    private func keys(_ state: DashboardState) -> [Span] {
        let isAble = state.whyNot(.halt) == nil
        var spans = isAble ? [Span(" \(state.keys(of: .halt)) HALT ALL ", Style(.bad, .bold)), Span(" ")] : [Span(" ")]
        for (id, word) in hints(state) where state.whyNot(id) == nil && !state.options.keymap.keys(of: id).isEmpty {
            spans.append(Span(" \(state.keys(of: id))", Style(.key, .bold)))
            spans.append(Span(" \(word) ", Style(.muted)))
        }
        return spans
    }

    private func hints(_ state: DashboardState) -> [(Action.ID, String)] {
        let first: [(Action.ID, String)] =
            state.mesh.isHalted ? [(.rearm, "rearm")] : [(.fault, "fault"), (.abort, "abort"), (.dial, "dial")]
        if state.isRewound || state.isReplay { return first.filter { $0.0 == .abort } + past(state) }
        let comparing: [(Action.ID, String)] = state.isComparing ? [(.difference, "no diff")] : []
        return first + [(.help, "help"), (.quit, "quit")] + comparing + [
            (.open, state.pane == .catalogue ? "run" : "details"),
            (.nextPane, "pane"), (.blast, "blast"),
            (.note, "note"), (.filter, "filter"), (.view, "view"), (.freeze, state.frozen == nil ? "freeze" : "go on"),
            (.palette, "command"), (.theme, "theme"),
        ]
    }

    private func past(_ state: DashboardState) -> [(Action.ID, String)] {
        [
            (state.isRewound ? .back : .help, state.isRewound ? "NOW" : "help"),
            (.play, state.isPlayingPast ? "pause" : "play"), (.earlier, "back"), (.later, "on"),
            (.previousEvent, "event before"), (.nextEvent, "after"), (.filter, "find"), (.nextHit, "next"),
            (.slower, "slower"), (.faster, "faster"), (.mark, "mark"), (.quit, "quit"), (.nextPane, "pane"),
            (.open, "details"), (.theme, "theme"),
        ]
    }
}
