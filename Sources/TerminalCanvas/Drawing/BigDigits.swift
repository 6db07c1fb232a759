/// Digits five rows high, to be read from the back row. Other characters stand small on the bottom line.
public enum BigDigits {
    public static let rows = 5

    /// Columns that the text takes in big digits.
    public static func width(of text: some StringProtocol) -> Int {
        GlyphSequence(text).reduce(0) { $0 + advance($1) } - (text.isEmpty ? 0 : 1)
    }

    /// Draws the text at the top left of the area.
    public static func draw(_ text: some StringProtocol, _ style: Style, in area: Rect, on canvas: inout Canvas) {
        var column = area.column
        for glyph in GlyphSequence(text) {
            if let picture = pictures[glyph.scalar] {
                for (row, line) in picture.enumerated() {
                    for (offset, dot) in line.enumerated() where dot == "#" {
                        canvas.put(canvas.glyphs.dot, style, at: Point(column + offset, area.row + row), in: area)
                    }
                }
            } else {
                canvas.put(glyph, style, at: Point(column, area.row + rows - 1), in: area)
            }
            column += advance(glyph)
        }
    }

    private static func advance(_ glyph: Glyph) -> Int { (pictures[glyph.scalar]?[0].count ?? glyph.width) + 1 }

    private static let pictures: [Unicode.Scalar: [[Character]]] = [
        "0": "####|#  #|#  #|#  #|####", "1": "  #| ##|  #|  #|  #", "2": "####|   #|####|#   |####",
        "3": "####|   #| ###|   #|####", "4": "#  #|#  #|####|   #|   #", "5": "####|#   |####|   #|####",
        "6": "####|#   |####|#  #|####", "7": "####|   #|  # | #  | #  ", "8": "####|#  #|####|#  #|####",
        "9": "####|#  #|####|   #|####", ".": "  |  |  |  |##", ",": "  |  |  | #|# ", ":": " |#| |#| ",
        "-": "   |   |###|   |   ", "+": "   | # |###| # |   ", "/": "   #|  # |  # | #  |#   ",
        "%": "#  #|  # |  # | #  |#  #", "<": "  #| # |#  | # |  #", ">": "#  | # |  #| # |#  ", " ": "  |  |  |  |  ",
    ].mapValues { picture in picture.split(separator: "|").map(Array.init) }
}

extension Glyphs {
    fileprivate var dot: Glyph { pick("█", "█", "#") }
}
