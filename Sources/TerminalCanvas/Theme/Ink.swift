/// What a terminal is told to draw with: its own colour, one of its numbered ones, or a mixed one.
public enum Ink: Hashable, Sendable {
    /// The terminal's own foreground or background.
    case standard
    /// 0 to 15 are the terminal's named colours, 16 to 255 the cube and the greys.
    case indexed(UInt8)
    case mixed(Color)

    /// The nearest ink that a terminal of that tier has.
    public func reduced(to tier: ColorTier) -> Ink {
        switch (self, tier) {
        case (_, .mono): .standard
        case (.standard, _), (.indexed, .indexed), (.indexed, .trueColor), (.mixed, .trueColor), (.indexed(0...15), _):
            self
        case (.mixed(let color), .indexed): .indexed(Ink.nearestIndex(to: color))
        case (.mixed(let color), .sixteen): .indexed(Ink.nearest(to: color, among: 0...15))
        case (.indexed(let index), .sixteen): .indexed(Ink.nearest(to: Ink.palette(index), among: 0...15))
        }
    }

    /// The colour as most terminals show it; nil for the terminal's own, which nobody knows.
    public var color: Color? {
        switch self {
        case .standard: nil
        case .indexed(let index): Ink.palette(index)
        case .mixed(let color): color
        }
    }

    /// The colour of an index in xterm's palette, which other terminals follow from 16 on.
    public static func palette(_ index: UInt8) -> Color {
        switch index {
        case 0..<16: return Color(rgb: named[Int(index)].rgb)
        case 16..<232:
            let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
            let place = Int(index) - 16
            return Color(levels[place / 36], levels[place / 6 % 6], levels[place % 6])
        default:
            let level = 8 + 10 * (index - 232)
            return Color(level, level, level)
        }
    }

    static func nearestIndex(to color: Color) -> UInt8 { nearest(to: color, among: 16...255) }

    private static func nearest(to color: Color, among indices: ClosedRange<UInt8>) -> UInt8 {
        let best = indices.min { palette($0).distance(to: color) < palette($1).distance(to: color) }
        return best ?? indices.lowerBound
    }

    static let named: [(name: String, rgb: UInt32)] = [
        ("black", 0x000000), ("red", 0xCD0000), ("green", 0x00CD00), ("yellow", 0xCDCD00), ("blue", 0x0000EE),
        ("magenta", 0xCD00CD), ("cyan", 0x00CDCD), ("white", 0xE5E5E5), ("bright-black", 0x7F7F7F),
        ("bright-red", 0xFF0000), ("bright-green", 0x00FF00), ("bright-yellow", 0xFFFF00), ("bright-blue", 0x5C5CFF),
        ("bright-magenta", 0xFF00FF), ("bright-cyan", 0x00FFFF), ("bright-white", 0xFFFFFF),
    ]
}

extension Ink: Codable {
    /// Reads `#56B4E9`, a number of the palette, `default`, or the name of one of the 16 colours.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let ink = Ink(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "“\(Text.sanitised(text))” is no colour: write \"#56B4E9\", 0 to 255, "
                    + "default, or a name such as bright-red")
        }
        self = ink
    }

    /// The ink with this spelling; nil when it is none.
    public init?(_ text: String) {
        let digits = text.hasPrefix("#") ? text.dropFirst() : Substring(text)
        if text.lowercased() == "default" {
            self = .standard
        } else if let index = Ink.named.firstIndex(where: { $0.name == text.lowercased() }) {
            self = .indexed(UInt8(index))
        } else if digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let rgb = UInt32(digits, radix: 16) {
            self = .mixed(Color(rgb: rgb))
        } else if let index = UInt8(text) {
            self = .indexed(index)
        } else {
            return nil
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Ink: CustomStringConvertible {
    /// As it is written in a theme file.
    public var description: String {
        switch self {
        case .standard: return "default"
        case .indexed(let index): return index < 16 ? Ink.named[Int(index)].name : String(index)
        case .mixed(let color):
            let digits = String(color.rgb, radix: 16, uppercase: true)
            return "#" + String(repeating: "0", count: 6 - digits.count) + digits
        }
    }
}
