/// Words in letters made of blocks, as large as an area allows: to be read from the back row of a room.
///
/// A dot of a letter is a number of half columns wide and of half rows high. It is never wider than high, nor narrower
/// than half of that, so that a letter keeps its shape.
public struct BlockText: Equatable, Sendable {
    /// The lines, in capitals.
    public let lines: [[Span]]
    /// Half columns across a dot, and half rows down.
    let across: Int
    let down: Int

    /// The text on at most so many lines, as large as fits; nil where not even the smallest letters do.
    ///
    /// `tallest` bounds the rows that a letter takes.
    public init?(
        _ text: String, _ style: Style, fitting size: Size, _ glyphs: Glyphs, mostLines: Int = 1, tallest: Int = .max
    ) {
        let words = Text.sanitised(text).uppercased().split(separator: " ").map(String.init)
        let choices = (1...max(1, mostLines)).compactMap { count in
            Self.broken(words, into: count).flatMap { lines in
                Self(lines.map { [Span($0, style)] }, fitting: size, glyphs, tallest: tallest)
            }
        }
        guard let best = choices.max(by: { $0.across * $0.down < $1.across * $1.down }) else { return nil }
        self = best
    }

    /// Lines as they are, as large as fits.
    public init?(_ lines: [[Span]], fitting size: Size, _ glyphs: Glyphs, tallest: Int = .max) {
        let capitals = lines.map { $0.map { Span(Text.sanitised($0.text).uppercased(), $0.style) } }
        let wide = capitals.map(Self.dots).max() ?? 0
        guard wide > 0, size.columns > 0, size.rows > 0 else { return nil }
        // Only some fonts have quarters of a block.
        let step = glyphs == .full ? 1 : 2
        let widest = min(2 * size.columns, 1 << 16) / wide
        let highest = min(
            2 * size.rows / (capitals.count * (BlockFont.height + 1) - 1), 2 * min(tallest, 1 << 16) / BlockFont.height)
        let down = min(highest, widest)
        let across = min(widest, 2 * down) / step * step
        guard down >= 1, across >= 1 else { return nil }
        self.lines = capitals
        self.across = across
        self.down = down
    }

    /// The cells that it takes.
    public var size: Size {
        let wide = (lines.map(Self.dots).max() ?? 0) * across
        return Size((wide + 1) / 2, (halfRows + 1) / 2)
    }

    private var halfRows: Int { (lines.count * (BlockFont.height + 1) - 1) * down }

    /// Draws the lines from the top left of the area, or each in its middle.
    public func draw(isCentred: Bool = false, in area: Rect, on canvas: inout Canvas) {
        var top = isCentred ? max(0, (2 * area.rows - halfRows) / 2) : 0
        for line in lines {
            let columns = (Self.dots(line) * across + 1) / 2
            let left = isCentred ? max(0, (area.columns - columns) / 2) : 0
            draw(line, from: Point(area.column + left, 2 * area.row + top), in: area, on: &canvas)
            top += (BlockFont.height + 1) * down
        }
    }

    /// The origin's row is in half rows.
    private func draw(_ line: [Span], from origin: Point, in area: Rect, on canvas: inout Canvas) {
        let letters = line.flatMap { span in span.text.unicodeScalars.map { (scalar: $0, style: span.style) } }
        var column = 0
        for letter in letters {
            let dots = BlockFont.width(of: letter.scalar) + BlockFont.gap
            let end = column + dots * across
            put(letter.scalar, letter.style, over: column..<end, from: origin, in: area, on: &canvas)
            column = end
        }
    }

    /// Puts a letter that begins and ends at these half columns from the origin.
    private func put(
        _ scalar: Unicode.Scalar, _ style: Style, over halves: Range<Int>, from origin: Point, in area: Rect,
        on canvas: inout Canvas
    ) {
        let picture = BlockFont.picture(of: scalar)
        let first = halves.lowerBound / 2
        let last = (origin.row + BlockFont.height * down - 1) / 2
        for cell in first..<(halves.upperBound + 1) / 2 {
            for row in origin.row / 2...last {
                let quarters = picture.map { ink(of: $0, 2 * cell - halves.lowerBound, 2 * row - origin.row) }
                canvas.put(canvas.glyphs.block(quarters ?? 0), style, at: Point(origin.column + cell, row), in: area)
            }
        }
        if picture == nil {
            canvas.put(Glyph(scalar), style, at: Point(origin.column + first, last), in: area)
        }
    }

    /// Which quarters of a cell a letter inks: 1 and 2 above, 4 and 8 below. The cell is told from the letter's corner.
    private func ink(of letter: BlockFont.Picture, _ left: Int, _ top: Int) -> Int {
        var ink = 0
        for quarter in 0..<4 {
            let (column, row) = (left + quarter % 2, top + quarter / 2)
            guard column >= 0, row >= 0, column / across < letter.width, row / down < BlockFont.height else { continue }
            if letter.hasInk(column / across, row / down) { ink |= 1 << quarter }
        }
        return ink
    }

    private static func dots(_ line: [Span]) -> Int {
        line.reduce(-BlockFont.gap) { sum, span in
            span.text.unicodeScalars.reduce(sum) { $0 + BlockFont.width(of: $1) + BlockFont.gap }
        }
    }

    /// The words on at most so many lines whose longest is as short as can be.
    private static func broken(_ words: [String], into count: Int) -> [String]? {
        guard !words.isEmpty else { return nil }
        func width(_ text: String) -> Int { dots([Span(text)]) }
        let longest = width(words.joined(separator: " "))
        var room = words.map(width).max() ?? longest
        while room <= longest {
            var lines: [String] = []
            for word in words {
                if let last = lines.last, width(last + " " + word) <= room {
                    lines[lines.count - 1] = last + " " + word
                } else {
                    lines.append(word)
                }
            }
            if lines.count <= count { return lines }
            room += 1
        }
        return nil
    }
}

extension Glyphs {
    /// A cell of which these quarters are inked: 1 and 2 above, 4 and 8 below.
    fileprivate func block(_ ink: Int) -> Glyph {
        switch (ink, self) {
        case (0, _): " "
        case (3, _): pick("▀", "▀", "\"")
        case (12, _): pick("▄", "▄", "_")
        case (15, _): pick("█", "█", "#")
        default: Self.quarters[ink]
        }
    }

    /// Those that only a full set has, by their quarters.
    private static let quarters: [Glyph] = [
        " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
    ]
}
