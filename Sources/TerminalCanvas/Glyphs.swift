/// The characters the screen is drawn with, chosen once for a terminal.
public enum Glyphs: String, CaseIterable, Hashable, Sendable {
    /// Box drawing, eighths of blocks, braille: a terminal emulator with UTF-8.
    case full
    /// Box drawing and the few blocks that the fonts of the Linux console have.
    case console
    /// Nothing but ASCII.
    case ascii

    /// The set for an environment: ASCII without a UTF-8 locale, no braille on the Linux console.
    public static func detected(in environment: [String: String]) -> Glyphs {
        let set = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        let locale = (set ?? "").lowercased()
        guard locale.contains("utf-8") || locale.contains("utf8") else { return .ascii }
        return environment["TERM"]?.hasPrefix("linux") == true ? .console : .full
    }

    public var ellipsis: String { pick("…", "…", "..") }

    /// Up and down, better and worse, and the heads of edges.
    public func arrow(_ direction: Direction) -> Glyph {
        switch direction {
        case .up: pick("▲", "↑", "^")
        case .down: pick("▼", "↓", "v")
        case .left: pick("◀", "←", "<")
        case .right: pick("▶", "→", ">")
        }
    }

    /// The mark of a state, always with a shape of its own: colour comes third.
    public func mark(_ role: StyleRole) -> String? {
        switch role {
        case .ok: pick("●", "o", "o")
        case .warn: pick("▲", "!", "!")
        case .bad: pick("✖", "X", "X")
        case .fault: pick("◆", "♦", "~")
        case .stale: pick("○", "?", "?")
        case .fresh: pick("✦", "*", "*")
        default: nil
        }
    }

    public var bullet: Glyph { pick("•", "•", "*") }
    public var pointer: Glyph { pick("▸", "►", ">") }
    public var check: Glyph { pick("✓", "√", "v") }

    /// One of three, in the order full, console, ASCII.
    public func pick<Value>(_ full: Value, _ console: Value, _ ascii: Value) -> Value {
        switch self {
        case .full: full
        case .console: console
        case .ascii: ascii
        }
    }
}

/// One of the four ways on a screen.
public enum Direction: CaseIterable, Hashable, Sendable {
    case up, down, left, right

    public var opposite: Direction {
        switch self {
        case .up: .down
        case .down: .up
        case .left: .right
        case .right: .left
        }
    }
}

extension Glyph: ExpressibleByUnicodeScalarLiteral {
    public init(unicodeScalarLiteral scalar: Unicode.Scalar) { self.init(scalar) }
}
