import TerminalCanvas

/// The sequences that stand for keys: those of the terminal's own description, and those that are common to the family
/// of xterm, as its "Control Sequences" list them, of rxvt and of the Linux console.
struct KeySequences {
    /// Sequences of the terminal's description. They come first.
    private let own: [[UInt8]: Key]
    /// Clicks and the wheel were asked for; otherwise they are somebody else's.
    private let hasMouse: Bool

    init(_ own: [[UInt8]: Key] = [:], hasMouse: Bool = false) {
        self.own = own.filter { $0.key.count > 1 && $0.key.first == Byte.escape }
        self.hasMouse = hasMouse
    }

    /// The key of the terminal's own sequence.
    func key(of sequence: [UInt8]) -> Key? { own[sequence] }

    /// True when nothing can follow in a sequence which begins with `ESC [` or `ESC O`.
    static func isWhole(_ sequence: [UInt8]) -> Bool {
        guard sequence.count > 2, let last = sequence.last else { return false }
        if sequence[1] == UInt8(ascii: "O") { return !(0x30...0x3B).contains(last) }
        // The Linux console's F1 to F5 are `ESC [ [ A` and so on.
        if sequence[2] == UInt8(ascii: "[") { return sequence.count == 4 }
        // rxvt ends shifted keys with a dollar, which elsewhere stands before the last byte.
        if last == UInt8(ascii: "$") { return (0x30...0x39).contains(sequence[2]) && !sequence.contains(0x3B) }
        return last >= 0x40
    }

    /// Whether a string (`ESC ]`, `ESC P`, `ESC _`) of which terminals send any begins so.
    static func canBegin(string introducer: UInt8, with byte: UInt8) -> Bool {
        switch Unicode.Scalar(introducer) {
        case "]": (0x30...0x39).contains(byte) || "lLI".utf8.contains(byte)
        case "P": (0x30...0x39).contains(byte) || "!$+=>?|".utf8.contains(byte)
        default: byte == UInt8(ascii: "G")
        }
    }

    /// What a whole sequence means that is not in the terminal's description; nil for what is no key: an answer, a
    /// change of focus, keys as kitty and modifyOtherKeys write them.
    func meaning(of sequence: [UInt8]) -> Key? {
        guard sequence.count > 2, let last = sequence.last.map({ Unicode.Scalar($0) }) else { return nil }
        let middle = String(decoding: sequence[2..<sequence.count - 1], as: UTF8.self)
        if sequence[1] == UInt8(ascii: "O") {
            // On the keypad.
            return middle.isEmpty ? last == "M" ? .enter : KeySequences.letters[last] : nil
        }
        if middle == "[" { return KeySequences.console[last].map { .function($0) } }
        if middle.hasPrefix("<") { return mouse(middle.dropFirst(), isRelease: last == "m", last) }
        let numbers = middle.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
        switch last {
        case "Z" where middle.isEmpty: return .backTab
        case "~":
            guard numbers.count == 1 || numbers.count == 2 && numbers[1] == 1 else { return nil }
            return numbers[0].flatMap { KeySequences.numbered[$0] }
        case "P", "Q", "R", "S": return middle.isEmpty ? KeySequences.letters[last] : nil
        case "a" where middle.isEmpty: return .shiftUp
        case "b" where middle.isEmpty: return .shiftDown
        case "c" where middle.isEmpty: return .shiftRight
        case "d" where middle.isEmpty: return .shiftLeft
        default:
            // `ESC [ 1 ; 2 A` is the arrow with shift.
            if middle.isEmpty || middle == "1" || middle == "1;1" { return KeySequences.letters[last] }
            return middle == "1;2" ? KeySequences.shifted[last] : nil
        }
    }

    private static let letters: [Unicode.Scalar: Key] = [
        "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "P": .function(1), "Q": .function(2),
        "R": .function(3), "S": .function(4),
    ]

    private static let shifted: [Unicode.Scalar: Key] = [
        "A": .shiftUp, "B": .shiftDown, "C": .shiftRight, "D": .shiftLeft,
    ]

    private static let console: [Unicode.Scalar: Int] = ["A": 1, "B": 2, "C": 3, "D": 4, "E": 5]

    private static let numbered: [Int: Key] = {
        var keys: [Int: Key] = [
            1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
        ]
        let functions = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34]
        for (index, number) in functions.enumerated() { keys[number] = .function(index + 1) }
        return keys
    }()

    private func mouse(_ numbers: Substring, isRelease: Bool, _ last: Unicode.Scalar) -> Key? {
        let parts = numbers.split(separator: ";").compactMap { Int($0) }
        guard parts.count == 3, last == "M" || last == "m" else { return nil }
        return mouse(code: parts[0], parts[1], parts[2], isRelease).map { .mouse($0) }
    }

    /// What a report of the mouse tells: the code of the button, column and row from 1 on. Only the first button and
    /// the wheel mean something; movements do not.
    func mouse(code: Int, _ column: Int, _ row: Int, _ isRelease: Bool) -> MouseEvent? {
        guard hasMouse, (1...10_000).contains(column), (1...10_000).contains(row) else { return nil }
        // Shift, Alt and Ctrl, four to sixteen, change nothing.
        let kind: MouseEvent.Kind? =
            switch code & ~0b11100 {
            case 0: isRelease ? .release : .press
            // The older form does not tell which button was let go.
            case 3: .release
            case 64 where !isRelease: .wheelUp
            case 65 where !isRelease: .wheelDown
            default: nil
            }
        return kind.map { MouseEvent($0, at: Point(column - 1, row - 1)) }
    }
}

extension Color {
    /// Reads a colour as X11 writes it: two or four digits a part, of which the first two count.
    init?(answer body: Substring) {
        guard body.hasPrefix("rgb"), let colon = body.firstIndex(of: ":") else { return nil }
        let parts = body[body.index(after: colon)...].split(separator: "/").prefix(3)
            .compactMap { $0.count >= 2 ? UInt8($0.prefix(2), radix: 16) : nil }
        guard parts.count == 3 else { return nil }
        self.init(parts[0], parts[1], parts[2])
    }
}
