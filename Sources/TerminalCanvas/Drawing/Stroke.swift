/// How a line is drawn. Each looks different from the others in every set of glyphs.
public enum Stroke: CaseIterable, Hashable, Sendable {
    case light
    case heavy, double, dashed, dotted
    /// What a fault does to what goes along a line: it is cut off, it comes late, it comes through a narrow place.
    case broken, wavy, narrow
    /// The line is made of one printable ASCII character.
    case letter(UInt8)

    /// Those that are not made of letters.
    public static let allCases: [Stroke] = [.light, .heavy, .double, .dashed, .dotted, .broken, .wavy, .narrow]

    /// A letter is its own code; the others have those of characters that can't be printed.
    fileprivate var code: UInt8 {
        if case .letter(let letter) = self { return letter }
        return UInt8((Self.allCases.firstIndex(of: self) ?? 0) + 1)
    }

    fileprivate init?(code: UInt8) {
        switch code {
        case 0: return nil
        case 0x21...0x7E: self = .letter(code)
        default: self = Self.allCases[min(Int(code), Self.allCases.count) - 1]
        }
    }
}

/// The lines that meet in one cell: for each of the four ways a stroke or none.
struct LineMask: Hashable, Sendable {
    private var bits: UInt32 = 0

    var isEmpty: Bool { bits == 0 }

    subscript(direction: Direction) -> Stroke? {
        get { Stroke(code: UInt8(bits >> shift(direction) & 255)) }
        set { bits = bits & ~(255 << shift(direction)) | UInt32(newValue?.code ?? 0) << shift(direction) }
    }

    private func shift(_ direction: Direction) -> UInt32 {
        switch direction {
        case .up: 0
        case .down: 8
        case .left: 16
        case .right: 24
        }
    }

    /// The character that joins the lines as drawn.
    func glyph(_ glyphs: Glyphs, roundCorners: Bool = false) -> Glyph {
        if let stroke = straight(.left, .right) ?? straight(.up, .down) {
            return glyphs.line(stroke, isHorizontal: self[.left] != nil)
        }
        let table = LineTable(self, glyphs)
        if roundCorners, glyphs == .full, let corner = table.roundCorner { return corner }
        return glyphs == .ascii ? asciiJoint : table.glyph
    }

    /// The stroke of a line that goes straight through, with nothing across.
    private func straight(_ one: Direction, _ other: Direction) -> Stroke? {
        guard let stroke = self[one], self[other] == stroke else { return nil }
        return Direction.allCases.contains { $0 != one && $0 != other && self[$0] != nil } ? nil : stroke
    }

    private var asciiJoint: Glyph {
        let arms = Direction.allCases.filter { self[$0] != nil }
        let isHorizontal = arms.allSatisfy { $0 == .left || $0 == .right }
        guard isHorizontal || arms.allSatisfy({ $0 == .up || $0 == .down }),
            let stroke = arms.first.flatMap({ self[$0] })
        else { return "+" }
        return Glyphs.ascii.line(stroke, isHorizontal: isHorizontal)
    }
}

/// Where joints are looked up: Unicode has all joints of light with heavy lines and most of light with double ones.
private struct LineTable {
    private let index: Int
    private let hasDouble: Bool

    init(_ mask: LineMask, _ glyphs: Glyphs) {
        let arms = [Direction.up, .down, .left, .right].map { mask[$0] }
        // Heavy and double never meet in one character, and the console has no heavy ones: double stands for both.
        let hasDouble = arms.contains(.double) || glyphs == .console
        index = arms.reduce(0) { index, stroke in
            switch stroke {
            case nil: index * 3
            case .light, .dashed, .dotted, .wavy: index * 3 + 1
            case .heavy, .double, .broken, .narrow, .letter: index * 3 + 2
            }
        }
        self.hasDouble = hasDouble
    }

    var glyph: Glyph { Glyph((hasDouble ? lightAndDouble : lightAndHeavy)[index]) }

    var roundCorner: Glyph? {
        switch index {
        case 9 + 1: "╭"
        case 9 + 3: "╮"
        case 27 + 1: "╰"
        case 27 + 3: "╯"
        default: nil
        }
    }
}

extension Glyphs {
    /// The character of a line that goes straight through a cell.
    public func line(_ stroke: Stroke, isHorizontal: Bool) -> Glyph {
        switch (stroke, isHorizontal) {
        case (.light, true): pick("─", "─", "-")
        case (.light, false): pick("│", "│", "|")
        case (.heavy, true): pick("━", "#", "#")
        case (.heavy, false): pick("┃", "#", "#")
        case (.double, true): pick("═", "═", "=")
        case (.double, false): pick("║", "║", "H")
        case (.dashed, true): pick("╌", "-", "_")
        case (.dashed, false): pick("╎", "¦", ";")
        case (.dotted, true): pick("┈", "·", ".")
        case (.dotted, false): pick("┊", ":", ":")
        case (.broken, _): "X"
        case (.wavy, _): "~"
        case (.narrow, true): pick("╍", "≡", "L")
        case (.narrow, false): pick("╏", "≡", "L")
        case (.letter(let letter), _): Glyph(Unicode.Scalar(letter))
        }
    }
}

// Both tables count in threes: up, down, left, right; none, light, heavy (or double). What Unicode lacks is the nearest.
private let lightAndHeavy = Array(
    (" ╶╺╴─╼╸╾━╷┌┍┐┬┮┑┭┯╻┎┏┒┰┲┓┱┳" + "╵└┕┘┴┶┙┵┷│├┝┤┼┾┥┽┿╽┟┢┧╁╆┪╅╈" + "╹┖┗┚┸┺┛┹┻╿┞┡┦╀╄┩╃╇┃┠┣┨╂╊┫╉╋").unicodeScalars)
private let lightAndDouble = Array(
    (" ╶═╴─════╷┌╒┐┬╤╕╤╤║╓╔╖╥╦╗╦╦" + "╵└╘┘┴╧╛╧╧│├╞┤┼╪╡╪╪║╟╠╢╫╬╣╬╬" + "║╙╚╜╨╩╝╩╩║╟╠╢╫╬╣╬╬║╟╠╢╫╬╣╬╬").unicodeScalars)
