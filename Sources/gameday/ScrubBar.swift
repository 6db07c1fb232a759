import Dashboard
import MeshModel
import Recording
import TerminalCanvas

/// A line of the recorded day: where in it one is, with its faults, broken objectives, experiments that deviated, notes,
/// marks and what was found.
struct ScrubBar {
    private let clock: ReplayClock
    private let story: Story
    private let marks: [Timestamp]
    private let hits: [Timestamp]

    init(_ player: PastPlayer) {
        clock = player.replay.clock
        story = player.story
        marks = player.marks
        hits = player.hits
    }

    /// What stands before the line and behind it.
    private func words(columns: Int, _ glyphs: Glyphs) -> (left: String, end: String) {
        let mark = clock.isAtEnd ? "■" : clock.isPlaying ? "▶" : "‖"
        let plain = clock.isAtEnd ? "end" : clock.isPlaying ? "play" : "pause"
        let right = columns >= 100 ? " space [ ] , . < > " : ""
        return (
            " \(glyphs.pick(mark, mark, plain)) \(Self.number(clock.speed))x \(time(clock.now)) ",
            " \(time(clock.end))\(right) "
        )
    }

    /// The moment that a place on the line stands for; nil beside it.
    func moment(at point: Point, in area: Rect, _ glyphs: Glyphs) -> Timestamp? {
        let words = words(columns: area.columns, glyphs)
        let width = area.columns - Text.width(words.left) - Text.width(words.end)
        let place = point.column - area.column - Text.width(words.left)
        guard area.contains(point), (0..<max(0, width)).contains(place) else { return nil }
        return clock.start.advanced(bySeconds: clock.end.seconds(since: clock.start) * Double(place) / Double(width))
    }

    func draw(in area: Rect, on canvas: inout Canvas) {
        guard area.rows > 0, area.columns > 30 else { return }
        let glyphs = canvas.glyphs
        let (left, end) = words(columns: area.columns, glyphs)
        let width = area.columns - Text.width(left) - Text.width(end)
        canvas.put([Span(left, Style(.key, .bold))], at: Point(area.column, area.row))
        let start = area.column + Text.width(left)
        if width > 4 { drawLine(from: start, width: width, row: area.row, on: &canvas) }
        canvas.put([Span(end, Style(.muted))], at: Point(area.endColumn - Text.width(end), area.row))
    }

    private func drawLine(from start: Int, width: Int, row: Int, on canvas: inout Canvas) {
        let glyphs = canvas.glyphs
        func place(_ at: Timestamp) -> Int {
            let length = max(0.001, clock.end.seconds(since: clock.start))
            return min(width - 1, max(0, Int(Double(width) * at.seconds(since: clock.start) / length)))
        }
        func put(_ mark: ScrubMark, at: Timestamp) {
            canvas.put(mark.glyph(glyphs), mark.style, at: Point(start + place(at), row))
        }
        for column in 0..<width {
            canvas.put(glyphs.pick("─", "─", "-"), Style(.muted), at: Point(start + column, row))
        }
        for fault in story.faults {
            let from = place(fault.acceptedAt ?? fault.requestedAt)
            for column in from...max(from, place(fault.endedAt ?? clock.end)) {
                canvas.put(ScrubMark.fault.glyph(glyphs), ScrubMark.fault.style, at: Point(start + column, row))
            }
        }
        for entry in story.timeline where entry.kind == .note {
            put(.note, at: entry.at)
        }
        for hit in hits { put(.hit, at: hit) }
        for breach in story.breaches(until: clock.end) { put(.breach, at: breach.from) }
        // A verdict is rarer than a crossing, and often falls together with one.
        for run in story.last.experiments where run.verdict?.outcome == .deviated {
            put(.deviated, at: run.endedAt ?? run.startedAt)
        }
        for mark in marks { put(.mark, at: mark) }
        put(.here, at: clock.now)
    }

    private func time(_ at: Timestamp) -> String {
        let seconds = Int(min(1e9, max(0, at.seconds(since: clock.start))))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let tail = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return seconds < 3600 ? tail : "\(seconds / 3600):\(tail)"
    }

    private static func number(_ speed: Double) -> String {
        speed.rounded() == speed ? "\(Int(speed))" : "\(speed)"
    }
}
