/// A picture of the screen, made anew for each frame and compared as a value.
///
/// Nothing written can leave the rect it was written in, and nothing in it can be obeyed by a terminal.
public struct Canvas: Hashable, Sendable {
    public let size: Size
    /// The characters which lines, bars and charts are drawn with.
    public let glyphs: Glyphs
    /// Row by row from the top, each from the left.
    public private(set) var cells: [Cell]
    /// Where the terminal's cursor stands; nil hides it.
    public var cursor: Point?

    public init(_ size: Size, glyphs: Glyphs = .full) {
        self.size = size
        self.glyphs = glyphs
        cells = [Cell](repeating: .blank, count: size.columns * size.rows)
    }

    public var area: Rect { Rect(size) }

    /// The cell at a place; a blank one outside.
    public subscript(column: Int, row: Int) -> Cell {
        area.contains(Point(column, row)) ? cells[row * size.columns + column] : .blank
    }

    /// Blanks a part of the screen and lays it on a ground, which text written there later keeps.
    public mutating func fill(_ part: Rect, on ground: Ground = .base, with glyph: Glyph = .space) {
        let cell = Cell(glyph.width == 1 ? glyph : .space, Style(.text, on: ground))
        forEachRow(of: part) { cells, range in
            for index in range { cells[index] = cell }
        }
    }

    /// Changes what lies behind a part of the screen and leaves what stands there.
    public mutating func lay(_ ground: Ground, behind part: Rect) {
        forEachRow(of: part) { cells, range in
            for index in range { cells[index].style.ground = ground }
        }
    }

    /// Gives a part of the screen another look and leaves what stands there and what lies behind.
    public mutating func restyle(_ part: Rect, _ change: (Style) -> Style) {
        forEachRow(of: part) { cells, range in
            for index in range {
                let ground = cells[index].style.ground
                cells[index].style = change(cells[index].style).on(ground)
            }
        }
    }

    /// Writes a text on one line and returns the column after it, whether or not it was all inside of `clip`.
    ///
    /// The text may come from outside: whatever is not printable is replaced visibly. A style on the base ground keeps
    /// the ground that is there.
    @discardableResult
    public mutating func put(
        _ text: some StringProtocol, _ style: Style = .plain, at point: Point, in clip: Rect? = nil
    ) -> Int {
        let clip = (clip ?? area).intersection(area)
        var column = point.column
        guard point.row >= clip.row, point.row < clip.endRow else { return column + Text.width(text) }
        for glyph in GlyphSequence(text) {
            place(glyph, style, at: Point(column, point.row), in: clip)
            column += glyph.width
        }
        return column
    }

    /// Writes pieces of text one after the other and returns the column after them.
    @discardableResult
    public mutating func put(_ spans: [Span], at point: Point, in clip: Rect? = nil) -> Int {
        spans.reduce(point.column) { column, span in
            put(span.text, span.style, at: Point(column, point.row), in: clip)
        }
    }

    /// Puts one glyph; a wide one that is only half inside of `clip` leaves a blank.
    public mutating func put(_ glyph: Glyph, _ style: Style = .plain, at point: Point, in clip: Rect? = nil) {
        place(glyph, style, at: point, in: (clip ?? area).intersection(area))
    }

    private mutating func place(_ glyph: Glyph, _ style: Style, at point: Point, in clip: Rect) {
        if glyph.width == 2 {
            let next = point.moved(columns: 1)
            switch (clip.contains(point), clip.contains(next)) {
            case (true, true):
                set(glyph, style, at: point)
                // The half of another wide glyph that stood to the right must not stay alone.
                set(.continuation, style, at: next)
            case (true, false): set(.space, style, at: point)
            case (false, true): set(.space, style, at: next)
            case (false, false): return
            }
        } else if glyph.width == 1, clip.contains(point) {
            set(glyph, style, at: point)
        }
    }

    /// The point is on the canvas.
    private mutating func set(_ glyph: Glyph, _ style: Style, at point: Point) {
        let index = point.row * size.columns + point.column
        if glyph.width != 0, cells[index].glyph.width == 0, point.column > 0 { cells[index - 1].glyph = .space }
        if cells[index].glyph.width == 2, point.column + 1 < size.columns { cells[index + 1].glyph = .space }
        var style = style
        if style.ground == .base { style.ground = cells[index].style.ground }
        cells[index] = Cell(glyph, style)
    }

    private mutating func forEachRow(of part: Rect, _ body: (inout [Cell], Range<Int>) -> Void) {
        let part = part.intersection(area)
        for row in part.row..<part.endRow where !part.isEmpty {
            let start = row * size.columns + part.column
            cutWideGlyphs(at: start, row: row)
            cutWideGlyphs(at: start + part.columns, row: row)
            body(&cells, start..<start + part.columns)
        }
    }

    /// Parts the wide glyph that lies across the border before `index`, so that no half is left.
    private mutating func cutWideGlyphs(at index: Int, row: Int) {
        let line = row * size.columns..<(row + 1) * size.columns
        guard line.contains(index), cells[index].glyph.width == 0 else { return }
        cells[index].glyph = .space
        if line.contains(index - 1) { cells[index - 1].glyph = .space }
    }
}
