/// Cuts what a program sends into characters and sequences.
struct TerminalParser: Sendable {
    /// One thing that a terminal is told.
    enum Action: Equatable {
        case print(Unicode.Scalar)
        case control(UInt8)
        /// `ESC`, an intermediate if any, and the last byte.
        case escape(String)
        /// The private marker if any, the numbers (0 where there is none), and the last byte.
        case sequence(marker: String, numbers: [Int], final: Character)
        /// An operating system command, such as a window's title.
        case command(String)
    }

    private enum State {
        case ground, escape(String), sequence(String), command(String, sawEscape: Bool)
    }

    private var state = State.ground
    private var utf8: [UInt8] = []

    mutating func take(_ byte: UInt8) -> Action? {
        switch state {
        case .ground: return ground(byte)
        case .escape(let intermediates):
            switch byte {
            case 0x5B where intermediates.isEmpty: state = .sequence("")
            case 0x5D where intermediates.isEmpty: state = .command("", sawEscape: false)
            case 0x20...0x2F: state = .escape(intermediates + String(UnicodeScalar(byte)))
            default:
                state = .ground
                return .escape(intermediates + String(UnicodeScalar(byte)))
            }
        case .sequence(let body):
            guard (0x40...0x7E).contains(byte) else {
                state = .sequence(body + String(UnicodeScalar(byte)))
                return nil
            }
            state = .ground
            let marker = String(body.prefix { !$0.isNumber && $0 != ";" })
            let numbers = body.dropFirst(marker.count).split(separator: ";", omittingEmptySubsequences: false)
            return .sequence(
                marker: marker, numbers: numbers.map { Int($0) ?? 0 }, final: Character(UnicodeScalar(byte)))
        case .command(let body, let sawEscape):
            if byte == 0x07 || sawEscape {
                state = .ground
                return .command(body)
            }
            state = .command(byte == 0x1B ? body : body + String(UnicodeScalar(byte)), sawEscape: byte == 0x1B)
        }
        return nil
    }

    private mutating func ground(_ byte: UInt8) -> Action? {
        if byte == 0x1B {
            state = .escape("")
            return nil
        }
        if utf8.isEmpty, byte < 0x80 {
            return byte < 0x20 || byte == 0x7F ? .control(byte) : .print(Unicode.Scalar(byte))
        }
        utf8.append(byte)
        let text = String(decoding: utf8, as: UTF8.self)
        let isWhole = text.unicodeScalars.count == 1 && text.unicodeScalars.first != "\u{FFFD}"
        if isWhole || utf8.count == 4 || utf8.elementsEqual([0xEF, 0xBF, 0xBD]) {
            defer { utf8 = [] }
            return text.unicodeScalars.first.map(Action.print)
        }
        return nil
    }
}
