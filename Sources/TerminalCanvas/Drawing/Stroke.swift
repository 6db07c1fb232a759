/// How a line is drawn. Each looks different from the others in every set of glyphs.
public enum Stroke: UInt8, CaseIterable, Hashable, Sendable {
    case light = 1
    case heavy, double, dashed, dotted
    /// What a fault does to what goes along a line: it is cut off, it comes late, it comes through a narrow place.
    case broken, wavy, narrow
}

/// The lines that meet in one cell: for each of the four ways a stroke or none.
struct LineMask: Hashable, Sendable {
    private var bits: UInt16 = 0

    var isEmpty: Bool { bits == 0 }

    subscript(direction: Direction) -> Stroke? {
        get { Stroke(rawValue: UInt8(bits >> shift(direction) & 15)) }
        set { bits = bits & ~(15 << shift(direction)) | UInt16(newValue?.rawValue ?? 0) << shift(direction) }
    }

    private func shift(_ direction: Direction) -> UInt16 {
        switch direction {
        case .up: 0
        case .down: 4
        case .left: 8
        case .right: 12
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
            case .heavy, .double, .broken, .narrow: index * 3 + 2
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
        }
    }
}

// Both tables count in threes: up, down, left, right; none, light, heavy (or double). What Unicode lacks is the nearest.
private let lightAndHeavy = Array(
    (" ╶╺╴─╼╸╾━╷┌┍┐┬┮┑┭┯╻┎┏┒┰┲┓┱┳" + "╵└┕┘┴┶┙┵┷│├┝┤┼┾┥┽┿╽┟┢┧╁╆┪╅╈" + "╹┖┗┚┸┺┛┹┻╿┞┡┦╀╄┩╃╇┃┠┣┨╂╊┫╉╋").unicodeScalars)
private let lightAndDouble = Array(
    (" ╶═╴─════╷┌╒┐┬╤╕╤╤║╓╔╖╥╦╗╦╦" + "╵└╘┘┴╧╛╧╧│├╞┤┼╪╡╪╪║╟╠╢╫╬╣╬╬" + "║╙╚╜╨╩╝╩╩║╟╠╢╫╬╣╬╬║╟╠╢╫╬╣╬╬").unicodeScalars)
