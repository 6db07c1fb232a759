import CNCurses
import TerminalCanvas

/// Makes keys of what ncurses read in one go. Pure, so that every burst can be tested.
///
/// ncurses knows the sequences of the terminal's description and hands out the bytes of all others one by one. Those
/// must never be taken for keys: an answer of the terminal such as `ESC ] 11 ; rgb:ff…` holds an `f`.
struct KeyDecoder {
    /// What ncurses read.
    enum Token: Equatable {
        case byte(UInt8)
        case scalar(UInt32)
        case code(Int32)
        case mouse(MouseEvent)
    }

    /// What is pasted is text, whatever keys it would be; nothing longer is kept.
    private static let mostPasted = 100_000
    private var pasted: String?

    /// Bytes of a character that is not whole yet.
    private var partial: [UInt8] = []

    /// What has come of the terminal's answer about its background, which a slow line may cut in two. Whatever can't be
    /// part of one ends it, so it never swallows a key that halts or leaves.
    private var answer: String?
    private static let longestAnswer = 40
    private static let answerStart = "\u{1B}]11;".unicodeScalars.map { Token.scalar($0.value) }

    /// The keys of one burst. An escape at its end is the key; before something else it is Alt, or begins a sequence.
    mutating func keys(of burst: [Token]) -> [Key] {
        let tokens = burst.compactMap { assembled($0) }
        var keys: [Key] = []
        var index = 0
        while index < tokens.count {
            if answer != nil {
                index = readAnswer(in: tokens, from: index, &keys)
                continue
            }
            if pasted == nil, tokens[index...].starts(with: KeyDecoder.answerStart) {
                answer = ""
                index += KeyDecoder.answerStart.count
                continue
            }
            if case .scalar(0x1B) = tokens[index], index + 1 < tokens.count {
                let end = KeyDecoder.endOfSequence(in: tokens, from: index + 1)
                let sequence = tokens[index + 1..<end]
                if let key = escaped(sequence) { keys.append(key) }
                index = end
                continue
            }
            // A paste whose end got lost must not swallow the keys that halt and leave.
            let key = KeyDecoder.key(of: tokens[index])
            if pasted == nil || key?.isControl == true {
                if let key { keys.append(key) }
            } else {
                append(tokens[index])
            }
            index += 1
        }
        return keys
    }

    /// Reads on in an answer `rgb:ffff/ffff/ffff`, which a bell ends, or an escape with a backslash.
    private mutating func readAnswer(in tokens: [Token], from start: Int, _ keys: inout [Key]) -> Int {
        for index in start..<tokens.count {
            guard case .scalar(let value) = tokens[index], let text = answer else { return drop(at: index) }
            let character = Unicode.Scalar(value).map(Character.init) ?? " "
            let isAfterEscape = text.hasSuffix("\u{1B}")
            if character == "\u{07}" || character == "\\" && isAfterEscape {
                if let color = Color(answer: text) { keys.append(.background(color)) }
                return drop(at: index + 1)
            }
            let isOfAnswer = character.isHexDigit || "rg:/\u{1B}".contains(character)
            guard isOfAnswer, !isAfterEscape, text.count < KeyDecoder.longestAnswer else { return drop(at: index) }
            answer = text + String(character)
        }
        return tokens.count
    }

    private mutating func drop(at index: Int) -> Int {
        answer = nil
        return index
    }

    /// Makes characters of bytes, which ncurses would wait for in vain after a byte that is no UTF-8.
    private mutating func assembled(_ token: Token) -> Token? {
        guard case .byte(let byte) = token else { return token }
        if byte < 0x80 || byte >= 0xC0 { partial = [] }
        if byte < 0x80 { return .scalar(UInt32(byte)) }
        if byte >= 0xC0 || !partial.isEmpty { partial.append(byte) }
        guard let lead = partial.first, partial.count == (lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4) else { return nil }
        defer { partial = [] }
        let scalar = String(decoding: partial, as: UTF8.self).unicodeScalars.first
        return scalar == "\u{FFFD}" ? nil : scalar.map { .scalar($0.value) }
    }

    /// What an escape and what follows it mean: a paste's end, Alt with a key, or nothing.
    private mutating func escaped(_ sequence: ArraySlice<Token>) -> Key? {
        if sequence.elementsEqual("[200~".unicodeScalars.map { .scalar($0.value) }) {
            pasted = ""
            return nil
        }
        if sequence.elementsEqual("[201~".unicodeScalars.map { .scalar($0.value) }) {
            defer { pasted = nil }
            return pasted.map(Key.pasted)
        }
        if pasted != nil { return nil }
        guard sequence.count == 1, let token = sequence.first else { return sequence.isEmpty ? .escape : nil }
        guard case .character(let character)? = KeyDecoder.key(of: token) else { return nil }
        return .alt(character)
    }

    private mutating func append(_ token: Token) {
        guard case .scalar(let value) = token, let scalar = Unicode.Scalar(value),
            let length = pasted?.unicodeScalars.count, length < KeyDecoder.mostPasted
        else { return }
        // A terminal sends a carriage return for each line's end.
        pasted?.unicodeScalars.append(value == 13 ? "\n" : scalar)
    }

    /// Where what follows an escape ends: after one character, or with the end of a control sequence or string.
    private static func endOfSequence(in tokens: [Token], from start: Int) -> Int {
        guard case .scalar(let first) = tokens[start] else { return start }
        let rest = tokens[(start + 1)...]
        // An introducer with nothing after it is Alt with that key.
        guard !rest.isEmpty else { return first == 0x1B ? start : start + 1 }
        switch Unicode.Scalar(first) {
        case "\u{1B}": return start
        case "[": return rest.firstIndex { !isBetween($0, 0x20, 0x3F) }.map { $0 + 1 } ?? tokens.count
        case "O": return start + 2
        case "]", "P", "X", "^", "_":
            for index in rest.indices {
                if rest[index] == .scalar(0x07) { return index + 1 }
                if rest[index] == .scalar(0x1B) { return min(index + 2, tokens.count) }
            }
            return tokens.count
        default: return start + 1
        }
    }

    private static func isBetween(_ token: Token, _ low: UInt32, _ high: UInt32) -> Bool {
        guard case .scalar(let value) = token else { return false }
        return value >= low && value <= high
    }

    private static func key(of token: Token) -> Key? {
        switch token {
        case .mouse(let event): .mouse(event)
        case .code(let code): key(ofCode: code)
        case .byte: nil
        case .scalar(let value):
            switch value {
            case 0: .control(" ")
            case 9: .tab
            case 10, 13: .enter
            case 8, 0x7F: .backspace
            case 0x1B: .escape
            case 1...26: Unicode.Scalar(value + 0x60).map { .control(Character($0)) }
            case 28...31: Unicode.Scalar(value + 0x40).map { .control(Character($0)) }
            default:
                Unicode.Scalar(value).flatMap { Glyph($0).scalar == $0 ? .character(Character($0)) : nil }
            }
        }
    }

    private static func key(ofCode code: Int32) -> Key? {
        switch code {
        case KEY_UP: .up
        case KEY_DOWN: .down
        case KEY_LEFT: .left
        case KEY_RIGHT: .right
        case KEY_SR: .shiftUp
        case KEY_SF: .shiftDown
        case KEY_SLEFT: .shiftLeft
        case KEY_SRIGHT: .shiftRight
        case KEY_HOME, KEY_FIND: .home
        case KEY_END, KEY_SELECT: .end
        case KEY_PPAGE: .pageUp
        case KEY_NPAGE: .pageDown
        case KEY_ENTER: .enter
        case KEY_BACKSPACE: .backspace
        case KEY_DC: .delete
        case KEY_IC: .insert
        case KEY_BTAB: .backTab
        case KEY_F0 + 1...KEY_F0 + 63: .function(Int(code - KEY_F0))
        default: nil
        }
    }
}

extension Color {
    /// Reads a colour as X11 writes it: two or four digits a part, of which the first two count.
    fileprivate init?(answer: String) {
        let body = answer.filter { $0 != "\u{1B}" }
        guard body.hasPrefix("rgb"), let colon = body.firstIndex(of: ":") else { return nil }
        let parts = body[body.index(after: colon)...].split(separator: "/").prefix(3)
            .compactMap { $0.count >= 2 ? UInt8($0.prefix(2), radix: 16) : nil }
        guard parts.count == 3 else { return nil }
        self.init(parts[0], parts[1], parts[2])
    }
}

extension Key {
    fileprivate var isControl: Bool { if case .control = self { true } else { false } }
}
