import MeshModel
import TerminalCanvas

/// Values over time: little columns where it is low, a curve with its limit and the bounds of its scale where it is high.
struct Curve {
    /// One value a column, the newest last; nil is a gap, which stays one.
    var values: [Double?]
    var range: ClosedRange<Double>
    var limit: Double?
    /// Where the values lay before the faults; it is drawn behind them.
    var band: Band?
    var isBreach: (Double) -> Bool
    /// How a bound of the scale is written.
    var label: (Double) -> String
    /// Are the bounds of the scale written into the curve's own corner?
    var hasLabels = true

    private static let fewestCurveRows = 3
    private static let labelColumns = 7

    func draw(in area: Rect, on canvas: inout Canvas) {
        // Without braille a curve needs more rows to be one; below that columns tell more.
        let fewest = canvas.glyphs == .full ? Self.fewestCurveRows : 2 * Self.fewestCurveRows
        guard area.rows >= fewest else {
            drawBand(in: area, on: &canvas)
            Sparkline(values, range: range) { Style(isBreach($0) ? .warn : .chart1) }.draw(in: area, on: &canvas)
            return
        }
        drawBand(in: area, on: &canvas)
        drawLimit(in: area, on: &canvas)
        var dots = Braille(area.size)
        let height = dots.dotSize.rows - 1
        let shown = Array(values.suffix(area.columns))
        let first = area.columns - shown.count
        var last: (x: Int, y: Int)?
        for (index, value) in shown.enumerated() {
            guard let value, value.isFinite else {
                last = nil
                continue
            }
            let point = (x: 2 * (first + index), y: height - Int((share(of: value) * Double(height)).rounded()))
            dots.line(from: last ?? point, to: point, Style(isBreach(value) ? .warn : .chart1))
            last = point
        }
        dots.draw(in: area, on: &canvas)
        guard hasLabels, area.rows > Self.fewestCurveRows, area.columns > 4 * Self.labelColumns else { return }
        canvas.write([Span(label(range.upperBound), Style(.muted))], line: 0, in: area)
        canvas.write([Span(label(range.lowerBound), Style(.muted))], line: area.rows - 1, in: area)
    }

    private func share(of value: Double) -> Double {
        let span = range.upperBound - range.lowerBound
        return span > 0 ? min(1, max(0, (value - range.lowerBound) / span)) : 0
    }

    /// The row of a value, counted from the top of the area.
    func row(of value: Double, in area: Rect) -> Int {
        area.endRow - 1 - Int((share(of: value) * Double(area.rows - 1)).rounded())
    }

    /// In a curve of fewer rows there would be nothing but band.
    private func drawBand(in area: Rect, on canvas: inout Canvas) {
        guard let band, area.rows >= Self.fewestCurveRows, band.low <= range.upperBound, band.high >= range.lowerBound
        else { return }
        let glyph: Glyph = canvas.glyphs.pick("░", "░", ":")
        for row in self.row(
            of: band.high, in: area)...max(self.row(of: band.high, in: area), self.row(of: band.low, in: area))
        {
            for column in area.column..<area.endColumn {
                canvas.put(glyph, Style(.band), at: Point(column, row), in: area)
            }
        }
    }

    private func drawLimit(in area: Rect, on canvas: inout Canvas) {
        guard let limit, range.contains(limit) else { return }
        let row = row(of: limit, in: area)
        let glyph = canvas.glyphs.line(.dashed, isHorizontal: true)
        for column in area.column..<area.endColumn {
            canvas.put(glyph, Style(.limit), at: Point(column, row), in: area)
        }
    }
}
