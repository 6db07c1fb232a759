/// A horizontal bar for a share of something, with a mark where its limit lies.
public struct Bar: Sendable {
    /// From 0 to 1; nil is not known and draws an empty, stale bar.
    public var share: Double?
    public var limit: Double?
    public var style: Style
    public var limitStyle = Style(.limit)

    public init(_ share: Double?, limit: Double? = nil, _ style: Style) {
        self.share = share
        self.limit = limit
        self.style = style
    }

    /// Draws the bar on the first line of the area, in eighths of a column where the glyphs have them.
    public func draw(in area: Rect, on canvas: inout Canvas) {
        let line = area.line(0)
        guard !line.isEmpty else { return }
        let share = (share ?? 0).isFinite ? min(1, max(0, share ?? 0)) : 0
        let eighths = Int((share * Double(line.columns * 8)).rounded())
        let track = self.share == nil ? Style(.stale) : Style(.muted)
        for column in 0..<line.columns {
            let filled = max(0, min(8, eighths - column * 8))
            let point = Point(line.column + column, line.row)
            canvas.put(
                canvas.glyphs.barCell(eighths: filled), filled == 0 ? track : style, at: point, in: line)
        }
        if let limit, limit.isFinite, (0...1).contains(limit) {
            let column = min(line.columns - 1, Int(limit * Double(line.columns)))
            canvas.put(canvas.glyphs.limit, limitStyle, at: Point(line.column + column, line.row), in: line)
        }
    }
}

extension Glyphs {
    fileprivate var limit: Glyph { pick("┃", "│", "|") }

    fileprivate func barCell(eighths: Int) -> Glyph {
        switch self {
        case .full: eighths == 0 ? "·" : Glyph(Array("▏▎▍▌▋▊▉█".unicodeScalars)[eighths - 1])
        case .console: eighths < 4 ? "·" : eighths < 8 ? "▌" : "█"
        case .ascii: eighths < 4 ? "." : "#"
        }
    }
}
