import CNCurses
public import TerminalCanvas

extension CursesTerminal {
    /// How to open a terminal. What is nil is found out from the environment and the terminal's description.
    public struct Options: Sendable {
        /// `TERM`, the locale, `NO_COLOR` and `COLORTERM` count.
        public var environment: [String: String]
        public var colors: ColorTier?
        public var glyphs: Glyphs?
        /// Whether clicks and the wheel come as keys; the terminal then no longer selects text by itself.
        public var hasMouse: Bool
        /// Whether the terminal is asked what colour lies behind its text; the answer, if any, comes as a key.
        public var asksBackground: Bool

        public init(
            environment: [String: String], colors: ColorTier? = nil, glyphs: Glyphs? = nil, hasMouse: Bool = false,
            asksBackground: Bool = false
        ) {
            self.environment = environment
            self.colors = colors
            self.glyphs = glyphs
            self.hasMouse = hasMouse
            self.asksBackground = asksBackground
        }
    }

    /// What showing has cost.
    public struct Statistics: Hashable, Sendable {
        /// Frames that were sent to the terminal.
        public var frames = 0
        /// Frames that were replaced by a newer one before the terminal took them.
        public var dropped = 0
        /// Bytes sent for them.
        public var bytes = 0
        /// The time it took to make those bytes of canvases.
        public var drawing = Duration.zero
    }

    /// Starts ncurses' colours and returns the tier: what is wished for, as far as the terminal has it.
    static func startColors(_ options: Options) -> ColorTier {
        let count = Int(tigetnum("colors"))
        let tier =
            options.colors
            ?? .detected(in: options.environment, maxColors: count, hasDirectColor: hasDirectColor)
        guard tier > .mono, has_colors(), start_color() == OK else { return .mono }
        use_default_colors()
        return count < 256 ? min(tier, .sixteen) : tier
    }

    static func mixing(for tier: ColorTier) -> Palette.Mixing {
        guard tier == .trueColor else { return .nearest }
        if hasDirectColor { return .direct }
        // The numbers are replaced on the way out, so they must go out as they are known to.
        return String(cString: gameday_foreground_string(123)) == "\u{1B}[38;5;123m" ? .slots : .nearest
    }

    /// A flag, a number or a string named RGB, as ncurses' user_caps(5) has it.
    private static var hasDirectColor: Bool {
        tigetnum("colors") > 256 && (tigetflag("RGB") > 0 || tigetnum("RGB") > 0 || !Curses.capability("RGB").isEmpty)
    }

    /// What undoes all that was told to the terminal, for the moments when ncurses can't be asked any more.
    static func wayBack(hasMouse: Bool) -> [UInt8] {
        var bytes = ["BD", "sgr0", "op", "cnorm", "rmkx"].flatMap(Curses.capability)
        if hasMouse { bytes += "\u{1B}[?1000l\u{1B}[?1006l".utf8 }
        let leave = Curses.capability("rmcup")
        return bytes + (leave.isEmpty ? Curses.capability("clear") : leave)
    }
}
