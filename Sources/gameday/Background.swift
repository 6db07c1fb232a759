import TerminalCanvas

/// What lies behind a terminal's text, as far as the environment knows it.
enum Background {
    /// The theme for a terminal nobody has asked: paper where `COLORFGBG` tells of a light background, else midnight.
    static func theme(_ environment: [String: String]) -> String {
        // rxvt's `foreground;background` or `foreground;pixmap;background`: white and grey are light.
        let last = environment["COLORFGBG"]?.split(separator: ";").last.flatMap { Int($0) }
        return last == 7 || last == 15 ? "paper" : Theme.midnight.name
    }

    /// Terminals that take the question, or pass over it in silence. Others would print it.
    static func canBeAsked(_ environment: [String: String]) -> Bool {
        let kind = environment["TERM"] ?? ""
        let known = [
            "xterm", "tmux", "screen", "rxvt", "alacritty", "foot", "kitty", "wezterm", "st-", "konsole", "ghostty",
            "contour", "vte",
        ]
        return known.contains { kind.hasPrefix($0) }
    }
}
