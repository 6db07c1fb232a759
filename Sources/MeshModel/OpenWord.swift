/// A word of a set that later versions may add to: one that is not known here is kept as it came.
public protocol OpenWord: RawRepresentable<String>, Hashable, Sendable {
    /// Those that this version knows.
    static var known: [Self] { get }

    static func other(_ word: String) -> Self
}

extension OpenWord {
    public init(rawValue: String) {
        self = Self.known.first { $0.rawValue == rawValue } ?? .other(Self.isPlain(rawValue) ? rawValue : "unknown")
    }

    /// It is shown as it came, so it must be no more than a word.
    private static func isPlain(_ text: String) -> Bool {
        (1...30).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }
}
