/// Orthogonal lines on a plane, with proper joints where they meet, bend or cross.
///
/// A plane may be far larger than the screen: only what lies in the window is kept. Where several lines run through a
/// cell they join; the one added last gives the cell its style.
public struct Graph: Sendable {
    private struct Ink {
        var mask = LineMask()
        var head: Direction?
        var style = Style.plain
    }

    /// The part of the plane that will be drawn.
    public let window: Rect
    public let roundCorners: Bool
    private var cells: [Ink]

    public init(window: Rect, roundCorners: Bool = false) {
        self.window = window
        self.roundCorners = roundCorners
        cells = [Ink](repeating: Ink(), count: window.columns * window.rows)
    }

    /// Adds a line through these points. It begins and ends in the middle of its cells, so it joins a box whose border
    /// it begins on. Between points that are not on one row or column it first goes sideways.
    public mutating func add(line points: [Point], _ stroke: Stroke = .light, _ style: Style) {
        for (from, to) in zip(points, points.dropFirst()) {
            let corner = Point(to.column, from.row)
            addSegment(from, corner, stroke, style)
            addSegment(corner, to, stroke, style)
        }
    }

    /// Adds the border of a box; a rect that is one cell wide or high becomes a line.
    public mutating func add(box: Rect, _ stroke: Stroke = .light, _ style: Style) {
        guard !box.isEmpty else { return }
        let corners = [
            box.origin, Point(box.endColumn - 1, box.row), Point(box.endColumn - 1, box.endRow - 1),
            Point(box.column, box.endRow - 1),
        ]
        add(line: corners + [box.origin], stroke, style)
    }

    /// Puts the head of an arrow in a cell, over whatever line is there.
    public mutating func add(head direction: Direction, at point: Point, _ style: Style) {
        change(point) { ink in
            ink.head = direction
            ink.style = style
        }
    }

    /// Draws the window with its top left corner at that of `area`; cells without a line stay as they are.
    public func draw(in area: Rect, on canvas: inout Canvas) {
        for row in 0..<min(window.rows, area.rows) {
            for column in 0..<min(window.columns, area.columns) {
                let ink = cells[row * window.columns + column]
                let point = area.origin.moved(columns: column, rows: row)
                if let head = ink.head {
                    canvas.put(canvas.glyphs.arrow(head), ink.style, at: point, in: area)
                } else if !ink.mask.isEmpty {
                    canvas.put(
                        ink.mask.glyph(canvas.glyphs, roundCorners: roundCorners), ink.style, at: point, in: area)
                }
            }
        }
    }

    private mutating func addSegment(_ from: Point, _ to: Point, _ stroke: Stroke, _ style: Style) {
        guard from != to else { return }
        let isHorizontal = from.row == to.row
        let forward: Direction = isHorizontal ? .right : .down
        let (first, last) =
            isHorizontal
            ? (min(from.column, to.column), max(from.column, to.column))
            : (min(from.row, to.row), max(from.row, to.row))
        let seen = isHorizontal ? window.column..<window.endColumn : window.row..<window.endRow
        for place in max(first, seen.lowerBound)..<max(first, seen.lowerBound, min(last + 1, seen.upperBound)) {
            change(isHorizontal ? Point(place, from.row) : Point(from.column, place)) { ink in
                if place > first { ink.mask[forward.opposite] = stroke }
                if place < last { ink.mask[forward] = stroke }
                ink.style = style
            }
        }
    }

    private mutating func change(_ point: Point, _ body: (inout Ink) -> Void) {
        guard window.contains(point) else { return }
        body(&cells[(point.row - window.row) * window.columns + point.column - window.column])
    }
}
