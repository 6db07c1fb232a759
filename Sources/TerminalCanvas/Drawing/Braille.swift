/// A picture of dots, two across and four down in each cell, for curves. A set of glyphs without braille shows the
/// halves of cells that hold a dot.
public struct Braille: Sendable {
    /// In cells.
    public let size: Size
    private var dots: [UInt8]
    private var styles: [Style]

    public init(_ size: Size) {
        self.size = size
        dots = [UInt8](repeating: 0, count: size.columns * size.rows)
        styles = [Style](repeating: .plain, count: dots.count)
    }

    /// The size in dots.
    public var dotSize: Size { Size(size.columns * 2, size.rows * 4) }

    /// Sets a dot, counted from the top left; one outside is left out. The cell takes the style of its last dot.
    public mutating func set(_ x: Int, _ y: Int, _ style: Style) {
        guard x >= 0, y >= 0, x < dotSize.columns, y < dotSize.rows else { return }
        let index = y / 4 * size.columns + x / 2
        // Unicode numbers the dots down the left column, down the right one, and then the lowest two.
        let bit = y % 4 == 3 ? 6 + x % 2 : y % 4 + 3 * (x % 2)
        dots[index] |= 1 << UInt8(bit)
        styles[index] = style
    }

    /// Sets the dots of a straight line, ends included.
    public mutating func line(from: (x: Int, y: Int), to: (x: Int, y: Int), _ style: Style) {
        let width = to.x - from.x
        let height = to.y - from.y
        let steps = max(abs(width), abs(height))
        // Nothing of a line that leaves the picture on its long way is worth a million steps.
        guard steps > 0, steps <= 1 << 16 else { return set(from.x, from.y, style) }
        for step in 0...steps {
            set(from.x + width * step / steps, from.y + height * step / steps, style)
        }
    }

    /// Draws the picture with its top left at that of `area`; cells without a dot stay as they are.
    public func draw(in area: Rect, on canvas: inout Canvas) {
        for row in 0..<min(size.rows, area.rows) {
            for column in 0..<min(size.columns, area.columns) where dots[row * size.columns + column] != 0 {
                let index = row * size.columns + column
                let point = area.origin.moved(columns: column, rows: row)
                canvas.put(canvas.glyphs.dots(dots[index]), styles[index], at: point, in: area)
            }
        }
    }
}

extension Glyphs {
    fileprivate func dots(_ bits: UInt8) -> Glyph {
        let isUp = bits & 0b0001_1011 != 0
        let isDown = bits & 0b1110_0100 != 0
        return switch self {
        case .full: Glyph(Unicode.Scalar(0x2800 + UInt32(bits)) ?? " ")
        case .console: isUp && isDown ? "█" : isUp ? "▀" : "▄"
        case .ascii: isUp && isDown ? ":" : isUp ? "'" : "."
        }
    }
}
