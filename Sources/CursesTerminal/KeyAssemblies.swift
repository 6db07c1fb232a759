import TerminalCanvas

/// Makes characters of bytes, and keys of characters. Bytes that are no text hide none that come after them.
struct CharacterAssembly {
    /// Bytes of a character that is not whole yet.
    private var partial: [UInt8] = []

    /// The key that this byte makes whole.
    mutating func key(with byte: UInt8) -> Key? {
        if byte < 0x80 || byte >= 0xC0 { partial = [] }
        if byte < 0x80 { return CharacterAssembly.key(of: Unicode.Scalar(byte)) }
        if byte >= 0xC0 || !partial.isEmpty { partial.append(byte) }
        guard let lead = partial.first, partial.count == (lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4) else { return nil }
        defer { partial = [] }
        guard let scalar = String(decoding: partial, as: UTF8.self).unicodeScalars.first, scalar != "\u{FFFD}" else {
            return nil
        }
        return CharacterAssembly.key(of: scalar)
    }

    private static func key(of scalar: Unicode.Scalar) -> Key? {
        switch scalar.value {
        case 0: .control(" ")
        case 9: .tab
        case 10, 13: .enter
        case 8, 0x7F: .backspace
        case 0x1B: .escape
        case 1...26: Unicode.Scalar(scalar.value + 0x60).map { .control(Character($0)) }
        case 28...31: Unicode.Scalar(scalar.value + 0x40).map { .control(Character($0)) }
        default: Glyph(scalar).scalar == scalar ? .character(Character(scalar)) : nil
        }
    }
}

/// Gathers what is pasted until `ESC [ 201 ~` ends it. Whatever keys it would be, it is text.
struct PasteAssembly {
    private static let end = Array("\u{1B}[201~".utf8)
    /// Nothing longer is kept: no field takes more.
    private static let limit = 16_384

    private var bytes: [UInt8] = []
    /// How many bytes of the end have come.
    private var matched = 0

    /// Takes a byte; true when it is the last of the end.
    mutating func isWhole(with byte: UInt8) -> Bool {
        if byte == PasteAssembly.end[matched] {
            matched += 1
            return matched == PasteAssembly.end.count
        }
        // An escape begins the end and is nowhere else in it.
        keep(PasteAssembly.end[..<matched])
        matched = byte == Byte.escape ? 1 : 0
        if matched == 0 { keep([byte]) }
        return false
    }

    private mutating func keep(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more.prefix(PasteAssembly.limit - bytes.count))
    }

    /// The text so far.
    mutating func finish() -> String {
        defer { self = PasteAssembly() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
