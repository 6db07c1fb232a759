import Glibc

/// Random numbers that come again with the same seed, for property tests.
///
/// A suite takes its seeds as test arguments, so that a failure names its seed; `GAMEDAY_SEED=<number>` then runs
/// that one alone.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// The seeds to run a property with.
    public static func seeds(_ count: Int) -> [UInt64] {
        if let wanted = getenv("GAMEDAY_SEED").flatMap({ UInt64(String(cString: $0)) }) { return [wanted] }
        return (0..<UInt64(count)).map { $0 }
    }

    /// SplitMix64: every seed, 0 included, is as good as any other.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    public mutating func int(in range: ClosedRange<Int>) -> Int { .random(in: range, using: &self) }

    public mutating func bool() -> Bool { .random(using: &self) }

    /// A text as a hostile service might have for a name: escapes, newlines, wide and joined characters, any length.
    public mutating func hostileText(upTo length: Int = 40) -> String {
        let pieces = SeededGenerator.hostilePieces
        return (0..<int(in: 0...length)).reduce(into: "") { text, _ in
            text += pieces[int(in: 0...pieces.count - 1)]
        }
    }

    private static let hostilePieces = [
        "a", "Z", " ", "9", "\u{1B}[2J", "\u{1B}]0;title\u{7}", "\u{9B}31m", "\n", "\r", "\t", "\u{0}", "\u{7F}", "é",
        "e\u{301}", "\u{301}", "漢", "한", "ᄒ\u{1161}\u{11AB}", "🍺", "👨‍👩‍👧", "👍🏽", "🇩🇪", "❤\u{FE0F}", "\u{202E}", "\u{2066}",
        "\u{200B}", "\u{FEFF}", "\u{2028}", "\u{E000}", "\u{10FFFF}", "Z\u{324}\u{34E}\u{365}", "ﷺ", "─", "⣿", "\r\n",
        "\u{AD}", "\u{E0041}", "א", "ا", "नि",
    ]
}
