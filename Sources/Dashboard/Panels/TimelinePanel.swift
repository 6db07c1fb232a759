import MeshModel
import TerminalCanvas

/// The day's story, the newest line first; where there is room, the day as a strip above it.
struct TimelinePanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let isFocused = state.pane == .timeline
        let note = state.filter.isEmpty ? "" : "\(state.story.count) of \(state.shown.timeline.count)"
        let inner = Box("TIMELINE", note: note, isFocused: isFocused).draw(in: area, on: &canvas)
        let parts = Self.parts(of: inner)
        if !parts.strip.isEmpty { TimeStrip(state: state).draw(in: parts.strip, on: &canvas) }
        list(state, isFocused: isFocused, in: parts.list, on: &canvas)
    }

    /// Where the line of the day stands, if there is room for it, and the list below it.
    static func parts(of inner: Rect) -> (strip: Rect, list: Rect) {
        let hasStrip = inner.rows >= 14 && inner.columns >= 40
        let parts = Layout.rows([.fixed(hasStrip ? TimeStrip.rows : 0), .rest], in: inner)
        return (hasStrip ? parts[0].inset(columns: 1) : Rect(inner.column, inner.row, 0, 0), parts[1])
    }

    private func list(_ state: DashboardState, isFocused: Bool, in inner: Rect, on canvas: inout Canvas) {
        guard !state.story.isEmpty else {
            let words = state.filter.isEmpty ? "No events yet" : "No match for &\(state.filter.text)"
            canvas.write([Span(" \(words)", Style(.muted))], line: 0, in: inner)
            return
        }
        var scroll = Scroll()
        scroll.reveal(state.storyPlace, of: state.story.count, height: inner.rows)
        let window = scroll.window(of: state.story.count, height: inner.rows)
        let isCut = state.story.count > inner.rows
        let body = Rect(inner.column, inner.row, inner.columns - (isCut ? 2 : 1), inner.rows)
        for (line, place) in window.enumerated() {
            guard let entry = state.entry(state.story[place]) else { continue }
            if isFocused, place == state.storyPlace { canvas.lay(.selected, behind: body.line(line)) }
            canvas.write(
                TimelineWords.spans(
                    entry, state.crowds[state.story[place]] ?? 1, state.shown, columns: body.columns, canvas.glyphs),
                line: line, in: body)
        }
        scroll.drawBar(of: state.story.count, in: inner, on: &canvas)
    }
}

/// How a line of the story reads.
enum TimelineWords {
    static func spans(
        _ entry: TimelineEntry, _ crowd: Int, _ mesh: MeshState, columns: Int, _ glyphs: Glyphs
    ) -> [Span] {
        let clock = mesh.session.map { Format.clock(entry.at.seconds(since: $0.startedAt)) } ?? Format.clock(0)
        let role = Look.role(entry.tone)
        let mark = entry.tone == .plain ? said(entry.kind, glyphs) : glyphs.mark(role) ?? " "
        // Bad news is a filled block by its mark; its words stay readable.
        return [
            Span(" \(clock) ", Style(.muted)), Span(mark, Style(entry.tone == .plain ? .accent : role)), Span(" "),
            Span(Text.fitted(kind(entry.kind), to: 8), Style(entry.kind.isSaid ? .accent : .muted)),
            Span(
                TimelineWords.crowd(entry, crowd) ?? text(entry, mesh, to: columns - 21),
                Style(entry.tone == .warn ? .warn : .text)),
        ]
    }

    /// What several proxies are since that moment; nil for one.
    static func crowd(_ entry: TimelineEntry, _ count: Int) -> String? {
        guard count > 1, case .source(_, let state, _) = entry.turn else { return nil }
        return "\(Format.count(count)) proxies are \(state.rawValue)"
    }

    /// Crossings of objectives in plain words, with the time since what may have caused them.
    private static func text(_ entry: TimelineEntry, _ mesh: MeshState, to columns: Int) -> String {
        guard entry.kind == .objective else { return entry.text }
        let sentence = Narrator.sentence(of: entry, in: mesh)
        let both = sentence == entry.text ? sentence : "\(entry.text): \(sentence)"
        return Text.width(both) <= columns ? both : sentence
    }

    static func kind(_ kind: TimelineEntry.Kind) -> String {
        switch kind {
        case .session: "session"
        case .source: "proxy"
        case .fault: "FAULT"
        case .objective: "SLO"
        case .halt: "HALT"
        case .experiment: "run"
        case .note: "note"
        case .finding: "FINDING"
        case .prediction: "predict"
        case .mark: "mark"
        case .mesh: "mesh"
        case .other: "other"
        }
    }

    /// What a person said has a shape of its own.
    static func said(_ kind: TimelineEntry.Kind, _ glyphs: Glyphs) -> String {
        switch kind {
        case .note: glyphs.pick("✎", "\"", "\"")
        case .finding: "!"
        case .prediction: "?"
        case .mark: glyphs.pick("⚑", "+", "+")
        case .session, .source, .fault, .objective, .halt, .experiment, .mesh, .other: " "
        }
    }
}
