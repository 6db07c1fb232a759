public import TerminalCanvas

/// A terminal in memory: bytes in, a screen of cells out. It knows the sequences that ncurses sends and no others;
/// what it does not know it lists.
public struct VirtualScreen: Sendable {
    /// What a terminal draws with at a time.
    public struct Pen: Hashable, Sendable {
        public var foreground = Ink.standard
        public var background = Ink.standard
        public var emphasis: Emphasis = []
    }

    /// A cell as a terminal keeps it.
    public struct Cell: Hashable, Sendable {
        public var glyph = Glyph.space
        public var pen = Pen()
        public var mark: Unicode.Scalar?
    }

    struct Page: Sendable {
        var cells: [Cell]
        var cursor = Point(0, 0)
        /// The last column was written, and the next glyph goes to the next line.
        var isWrapping = false
    }

    public private(set) var size: Size
    var page: Page
    /// The other of the main and the alternate screen.
    var otherPage: Page
    var pen = Pen()
    var saved: (cursor: Point, pen: Pen) = (Point(0, 0), Pen())
    var margins: ClosedRange<Int>
    var isInserting = false
    var lastGlyph = Glyph.space
    public internal(set) var isAlternate = false
    public internal(set) var isCursorVisible = true
    /// The private modes that are set, such as 2004 for marked pastes.
    public internal(set) var modes: Set<Int> = []
    /// Sequences that mean nothing here: none should ever come.
    public internal(set) var unknown: [String] = []
    var parser = TerminalParser()

    public init(_ size: Size) {
        self.size = size
        page = Page(cells: [Cell](repeating: Cell(), count: size.columns * size.rows))
        otherPage = page
        margins = 0...max(0, size.rows - 1)
    }

    /// Where the terminal's cursor stands.
    public var cursor: Point { page.cursor }

    /// Takes bytes as a program sends them; a sequence may be cut anywhere.
    public mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            if let action = parser.take(byte) { perform(action) }
        }
    }

    /// Changes the size as a terminal window does: what fits stays where it is.
    public mutating func resize(_ size: Size) {
        func resized(_ page: Page) -> Page {
            var cells = [Cell](repeating: Cell(), count: size.columns * size.rows)
            for row in 0..<min(size.rows, self.size.rows) {
                for column in 0..<min(size.columns, self.size.columns) {
                    cells[row * size.columns + column] = page.cells[row * self.size.columns + column]
                }
            }
            let cursor = Point(min(page.cursor.column, size.columns - 1), min(page.cursor.row, size.rows - 1))
            return Page(cells: cells, cursor: cursor)
        }
        page = resized(page)
        otherPage = resized(otherPage)
        self.size = size
        margins = 0...max(0, size.rows - 1)
    }

    public subscript(column: Int, row: Int) -> Cell { page.cells[row * size.columns + column] }

    /// The text of a row without the blanks at its end.
    public func text(row: Int) -> String {
        var line = String.UnicodeScalarView()
        for column in 0..<size.columns {
            let cell = self[column, row]
            guard cell.glyph.width > 0 else { continue }
            line.append(cell.glyph.scalar)
            if let mark = cell.mark { line.append(mark) }
        }
        while line.last == " " { line.removeLast() }
        return String(line)
    }

    /// All rows, one a line.
    public var text: String { (0..<size.rows).map(text(row:)).joined(separator: "\n") }

    /// How the screen differs from a canvas shown in a theme: a line a cell; none when it is the same.
    ///
    /// `adapted` says what a terminal with fewer means makes of a cell.
    public func differences(
        from canvas: Canvas, _ theme: Theme, _ tier: ColorTier, adapted: (Cell) -> Cell = { $0 }
    ) -> [String] {
        guard canvas.size == size else { return ["the size is \(size.columns)x\(size.rows)"] }
        return page.cells.indices.compactMap { index in
            let (cell, drawn) = (page.cells[index], canvas.cells[index])
            let paint = theme.paint(drawn.style, tier)
            let pen = Pen(foreground: paint.foreground, background: paint.background, emphasis: paint.emphasis)
            let wanted = adapted(Cell(glyph: drawn.glyph.withoutMark, pen: pen, mark: drawn.glyph.mark))
            let isUnseen = wanted.glyph == .space && wanted.pen.emphasis.isDisjoint(with: [.underline, .reverse])
            // Nobody sees which foreground a blank has.
            if cell == wanted || isUnseen && cell.glyph == .space && cell.pen.background == wanted.pen.background {
                return nil
            }
            return "\(index % size.columns),\(index / size.columns): \(cell), expected \(wanted)"
        }
    }
}

extension VirtualScreen.Cell: CustomStringConvertible {
    public var description: String {
        let mark = mark.map { "+U+\(String($0.value, radix: 16))" } ?? ""
        return "“\(glyph.scalar)”\(mark) \(pen.foreground) on \(pen.background) \(pen.emphasis.rawValue)"
    }
}

extension Glyph {
    fileprivate var withoutMark: Glyph { width == 0 ? self : Glyph(scalar) }
}
