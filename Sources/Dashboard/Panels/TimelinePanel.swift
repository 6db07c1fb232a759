import MeshModel
import TerminalCanvas

/// The day's story, the newest line first.
struct TimelinePanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let mesh = state.shown
        let entries = mesh.timeline.reversed().filter { state.filter.matches($0.text) }
        let isFocused = state.pane == .timeline
        let note = state.filter.isEmpty ? "" : "\(entries.count) of \(mesh.timeline.count)"
        let inner = Box("TIMELINE", note: note, isFocused: isFocused).draw(in: area, on: &canvas)
        let window = Scroll(offset: state.timelineScroll).window(of: entries.count, height: inner.rows)
        let isCut = entries.count > inner.rows
        let body = Rect(inner.column, inner.row, inner.columns - (isCut ? 1 : 0), inner.rows)
        for (line, entry) in entries[window].enumerated() {
            canvas.write(spans(entry, since: mesh.session?.startedAt, canvas.glyphs), line: line, in: body)
        }
        if entries.isEmpty { canvas.write([Span(" nothing yet", Style(.muted))], line: 0, in: inner) }
        Scroll(offset: state.timelineScroll).drawBar(of: entries.count, in: inner, on: &canvas)
    }

    private func spans(_ entry: TimelineEntry, since start: Timestamp?, _ glyphs: Glyphs) -> [Span] {
        let clock = start.map { Format.clock(entry.at.seconds(since: $0)) } ?? Format.clock(0)
        let role = Look.role(entry.tone)
        let mark = entry.tone == .plain ? " " : glyphs.mark(role) ?? " "
        return [
            Span(" \(clock) ", Style(.muted)), Span(mark, Style(role)), Span(" "),
            Span(Text.fitted(word(entry.kind), to: 6), Style(.muted)), Span(entry.text, Style(entryRole(entry))),
        ]
    }

    /// Bad news is a filled block by its mark; its words stay readable.
    private func entryRole(_ entry: TimelineEntry) -> StyleRole {
        entry.tone == .warn ? .warn : .text
    }

    private func word(_ kind: TimelineEntry.Kind) -> String {
        switch kind {
        case .session: "day"
        case .source: "proxy"
        case .fault: "FAULT"
        case .objective: "SLO"
        case .halt: "HALT"
        case .note: "note"
        case .experiment: "EXP"
        }
    }
}
