/// What a piece of the screen means. A theme says how each meaning looks; no code names a colour.
public enum StyleRole: UInt8, CaseIterable, Hashable, Sendable {
    /// Plain words, words that matter less, and words that stand out.
    case text, muted, accent
    /// The headline of a panel, and the key in a hint like `f fault`.
    case title, key
    case border, focusBorder
    /// The five states of a service, an edge or a number. `fault` is one of ours, `stale` is no or old data.
    case ok, warn, bad, fault, stale
    /// What goes across the whole screen: HALTED, SIMULATED, REPLAY.
    case banner
    /// The fuse of a fault, and what is typed.
    case lease, input
    /// Something that has just changed or come.
    case fresh
    case chart1, chart2, chart3, chart4
    /// The band of the baseline and the line of an objective in a chart.
    case band, limit

    /// The name in theme files and in golden pictures.
    public var name: String { "\(self)" }

    /// The role with this name; nil when there is none.
    public init?(name: String) {
        guard let role = StyleRole.allCases.first(where: { $0.name == name }) else { return nil }
        self = role
    }
}

/// What lies behind a piece of the screen. A role with a background of its own covers it.
public enum Ground: UInt8, CaseIterable, Hashable, Sendable {
    /// The screen itself, something lying above it (a dialog), the selected row, and the shaded time of a fault.
    case base, raised, selected, shaded

    /// The name in theme files and in golden pictures.
    public var name: String { "\(self)" }

    /// The ground with this name; nil when there is none.
    public init?(name: String) {
        guard let ground = Ground.allCases.first(where: { $0.name == name }) else { return nil }
        self = ground
    }
}

/// What is added to a role's look at one place.
public struct Emphasis: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let bold = Emphasis(rawValue: 1)
    public static let underline = Emphasis(rawValue: 2)
    public static let reverse = Emphasis(rawValue: 4)
    /// Weaker than normal. For themes without colours only: its contrast is the terminal's choice.
    public static let dim = Emphasis(rawValue: 8)
}

/// The style of a cell: a meaning on a ground, perhaps with emphasis. Two bytes.
public struct Style: Hashable, Sendable {
    public var role: StyleRole
    private var rest: UInt8

    public init(_ role: StyleRole, _ emphasis: Emphasis = [], on ground: Ground = .base) {
        self.role = role
        rest = emphasis.rawValue << 4 | ground.rawValue
    }

    public static let plain = Style(.text)

    public var emphasis: Emphasis {
        get { Emphasis(rawValue: rest >> 4) }
        set { rest = newValue.rawValue << 4 | rest & 0x0F }
    }

    public var ground: Ground {
        get { Ground(rawValue: rest & 0x0F) ?? .base }
        set { rest = rest & 0xF0 | newValue.rawValue }
    }

    /// The same meaning on another ground.
    public func on(_ ground: Ground) -> Style { Style(role, emphasis, on: ground) }

    /// The same for a blank: only in a field to type in a line belongs below one.
    public func ofBlank(_ emphasis: Emphasis) -> Emphasis {
        role == .input ? emphasis : emphasis.subtracting(.underline)
    }

    public var bold: Style { Style(role, emphasis.union(.bold), on: ground) }
    public var underlined: Style { Style(role, emphasis.union(.underline), on: ground) }
    public var reversed: Style { Style(role, emphasis.union(.reverse), on: ground) }
}
