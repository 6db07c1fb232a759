import MeshModel
import TerminalCanvas

/// The day from its start to now along one axis: when faults were in the mesh, what people said, what crossed a bound.
struct TimeStrip {
    let state: DashboardState

    /// A line of faults, the axis with its marks, the times below it, and a blank.
    static let rows = 4

    /// The moment of the day that a place on the line stands for.
    func moment(at point: Point, in area: Rect) -> Timestamp? {
        guard let start = state.shown.session?.startedAt, area.contains(point), point.row < area.row + 2 else {
            return nil
        }
        let share = Double(point.column - area.column) / Double(max(1, area.columns - 1))
        return start.advanced(bySeconds: share * length(from: start))
    }

    private func length(from start: Timestamp) -> Double { max(60, state.shownAt.seconds(since: start)) }

    func draw(in area: Rect, on canvas: inout Canvas) {
        guard let start = state.shown.session?.startedAt, area.columns > 20, area.rows >= Self.rows - 1 else { return }
        let length = length(from: start)
        func column(_ time: Timestamp) -> Int {
            let share = time.seconds(since: start) / length
            return area.column + Int((min(1, max(0, share)) * Double(area.columns - 1)).rounded())
        }
        drawAxis(in: area, length: length, on: &canvas)
        for fault in state.shown.faults.suffix(200) {
            guard let began = fault.acceptedAt else { continue }
            let from = column(began)
            let to = max(from, column(fault.endedAt ?? state.shownAt))
            let glyph = canvas.glyphs.line(EdgeWords.stroke(fault.kind), isHorizontal: true)
            for place in from...to { canvas.put(glyph, Style(.fault, .bold), at: Point(place, area.row), in: area) }
            if to - from > fault.id.count {
                canvas.put(fault.id, Style(.fault, .bold), at: Point(from, area.row), in: area)
            }
        }
        for entry in state.shown.timeline where entry.kind.isSaid || entry.kind == .objective || entry.kind == .halt {
            let isSaid = entry.kind.isSaid
            let role = isSaid ? StyleRole.accent : Look.role(entry.tone)
            let mark = isSaid ? TimelineWords.said(entry.kind, canvas.glyphs) : canvas.glyphs.mark(role) ?? "!"
            canvas.put(mark, Style(role, .bold), at: Point(column(entry.at), area.row + 1), in: area)
        }
        guard state.pane == .timeline, state.story.indices.contains(state.storyPlace),
            let chosen = state.entry(state.story[state.storyPlace])
        else { return }
        canvas.lay(.selected, behind: Rect(column(chosen.at), area.row, 1, 2).intersection(area))
    }

    private func drawAxis(in area: Rect, length: Double, on canvas: inout Canvas) {
        let line = canvas.glyphs.line(.light, isHorizontal: true)
        for place in area.column..<area.endColumn {
            canvas.put(line, Style(.border), at: Point(place, area.row + 1), in: area)
        }
        let steps = max(1, min(8, area.columns / 16))
        for step in 0...steps {
            let words = Format.clock(length * Double(step) / Double(steps))
            let place = area.column + (area.columns - 1) * step / steps
            let shift = step == 0 ? 0 : step == steps ? Text.width(words) - 1 : Text.width(words) / 2
            canvas.put(words, Style(.muted), at: Point(place - shift, area.row + 2), in: area)
        }
    }
}
