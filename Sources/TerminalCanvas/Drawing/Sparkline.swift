/// A line of little columns, one a value, the newest at the right end. A value that is not known stays a gap.
public struct Sparkline {
    public var values: [Double?]
    /// The values of the lowest and the highest column; nil takes them from what is shown, from zero up.
    public var range: ClosedRange<Double>?
    /// The look of one value.
    public var style: (Double) -> Style

    public init(
        _ values: [Double?], range: ClosedRange<Double>? = nil,
        style: @escaping (Double) -> Style = { _ in Style(.chart1) }
    ) {
        self.values = values
        self.range = range
        self.style = style
    }

    /// Draws the newest values that fit, as high as the area is.
    public func draw(in area: Rect, on canvas: inout Canvas) {
        let shown = values.suffix(area.columns)
        let known = shown.compactMap { $0 }.filter(\.isFinite)
        let range = range ?? min(0, known.min() ?? 0)...max(0, known.max() ?? 0)
        let levels = canvas.glyphs.sparkLevels
        let first = area.endColumn - shown.count
        for (index, value) in shown.enumerated() {
            guard let value, value.isFinite else { continue }
            let span = range.upperBound - range.lowerBound
            let share = span > 0 && span.isFinite ? min(1, max(0, (value - range.lowerBound) / span)) : 0
            // The lowest value still shows: a column that is empty would be a gap.
            var left = max(1, Int((share * Double(area.rows * levels.count)).rounded()))
            for row in stride(from: area.endRow - 1, through: area.row, by: -1) where left > 0 {
                let level = min(left, levels.count)
                canvas.put(levels[level - 1], style(value), at: Point(first + index, row), in: area)
                left -= level
            }
        }
    }
}

extension Glyphs {
    /// From low to full.
    fileprivate var sparkLevels: [Glyph] {
        switch self {
        case .full: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        case .console: ["_", "▄", "█"]
        case .ascii: ["_", ".", "-", "=", "+", "#"]
        }
    }
}
