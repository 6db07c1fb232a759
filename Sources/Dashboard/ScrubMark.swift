public import TerminalCanvas

/// What stands on the line of a recorded day, each with a shape of its own: the one list for the line and for the help.
public enum ScrubMark: CaseIterable, Sendable {
    case fault, note, hit, deviated, breach, mark, here

    public func glyph(_ glyphs: Glyphs) -> Glyph {
        switch self {
        case .fault: glyphs.pick("━", "═", "=")
        case .note: glyphs.pick("┼", "┼", "+")
        case .hit: glyphs.pick("▲", "^", "^")
        case .deviated: glyphs.pick("≠", "≈", "%")
        case .breach: glyphs.pick("✖", "x", "x")
        case .mark: glyphs.pick("◆", "♦", "M")
        case .here: glyphs.pick("●", "o", "O")
        }
    }

    public var style: Style {
        switch self {
        case .fault: Style(.fault, .bold)
        case .note: Style(.text)
        case .hit: Style(.ok)
        case .deviated: Style(.banner, .bold)
        case .breach: Style(.bad, .bold)
        case .mark: Style(.key, .bold)
        case .here: Style(.accent, .bold)
        }
    }

    /// What it tells, for the help.
    var words: String {
        switch self {
        case .fault: "fault active"
        case .note: "note"
        case .hit: "match"
        case .deviated: "experiment deviated"
        case .breach: "objective broken"
        case .mark: "your mark"
        case .here: "the moment shown"
        }
    }
}
