import MeshModel
import TerminalCanvas

/// One indicator of the projector: name and verdict, digits as large as there is room, and how it was.
struct ProjectorGauge: Panel {
    let gauge: ProjectorScene.Gauge
    let isLit: Bool

    /// Name and verdict, and digits of one dot a half row.
    static let leastRows = 5

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        head(in: area.line(0), on: &canvas)
        let hasFoot = area.rows > Self.leastRows
        let room = Size(area.columns - 1, area.rows - 1 - (hasFoot ? 1 : 0))
        let digits = [Span(gauge.digits, Style(role, .bold)), Span(" \(gauge.unit)", Style(.text))]
        let middle = Rect(area.column + 1, area.row + 1, room.columns, room.rows)
        if let letters = BlockText([digits], fitting: room, canvas.glyphs) {
            letters.draw(in: middle, on: &canvas)
        } else {
            canvas.write(digits, line: room.rows / 2, in: middle)
        }
        guard hasFoot else { return }
        let before = gauge.before.map { "   baseline \($0)" } ?? ""
        canvas.write([Span(" " + (gauge.bound ?? "") + before, Style(.text))], line: area.rows - 1, in: area)
    }

    /// What is broken fills the whole line; what is met is a word.
    private func head(in line: Rect, on canvas: inout Canvas) {
        let verdict = verdict(canvas.glyphs)
        let isBroken = gauge.verdict == .broken
        let room = line.columns - Text.width(verdict) - 2
        let title = " \(Text.clipped(gauge.title.uppercased(), to: max(1, room), canvas.glyphs)) "
        if isBroken {
            canvas.put(String(repeating: " ", count: line.columns), Style(.bad), at: line.origin, in: line)
        }
        let look = isLit ? Style(.fresh, .bold) : Style(isBroken ? .bad : .title, .bold)
        canvas.write([Span(title, look), Span(verdict, Style(isBroken ? .bad : role, .bold))], line: 0, in: line)
    }

    /// Digits are never a filled block, which could not be read.
    private var role: StyleRole {
        switch gauge.verdict {
        case .holds: .ok
        case .broken, .unjudged: .text
        case .unknown: .stale
        }
    }

    private func verdict(_ glyphs: Glyphs) -> String {
        switch gauge.verdict {
        case .holds: "\(glyphs.mark(.ok) ?? "") MET"
        case .broken: "\(glyphs.mark(.bad) ?? "") BROKEN"
        case .unknown: "\(glyphs.mark(.stale) ?? "") NO DATA"
        case .unjudged: ""
        }
    }
}
