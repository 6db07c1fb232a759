/// What programs write, as text. Bytes that are UTF-8 are never anything else here, whatever they might be guessed to be.
enum ProgramText {
    /// UTF-8, UTF-16 with its mark, or Windows-1252, which all old Latin texts are; nil for what is none of them.
    static func text(of bytes: [UInt8]) -> String? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if let text = String(validating: bytes.starts(with: mark) ? bytes[3...] : bytes[...], as: UTF8.self) {
            return text
        }
        if let text = wide(bytes) { return text }
        guard !bytes.contains(where: isForeign) else { return nil }
        var scalars = String.UnicodeScalarView()
        for byte in bytes {
            scalars.append(0x80...0x9F ~= byte ? upper[Int(byte - 0x80)] : Unicode.Scalar(byte))
        }
        return String(scalars)
    }

    /// The same, where what is no text at all shows as signs of something unreadable.
    static func anyText(of bytes: [UInt8]) -> String {
        text(of: bytes) ?? String(decoding: bytes, as: UTF8.self)
    }

    private static func wide(_ bytes: [UInt8]) -> String? {
        guard bytes.count > 2, bytes.count.isMultiple(of: 2) else { return nil }
        let isSmallFirst = bytes[0] == 0xFF && bytes[1] == 0xFE
        guard isSmallFirst || (bytes[0] == 0xFE && bytes[1] == 0xFF) else { return nil }
        let units = stride(from: 2, to: bytes.count, by: 2).map { place in
            let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isSmallFirst ? second << 8 | first : first << 8 | second
        }
        return String(validating: units, as: UTF16.self)
    }

    /// Whether no text has it: a control character but those that move the cursor or colour.
    private static func isForeign(_ byte: UInt8) -> Bool {
        byte < 0x20 && !(0x07...0x0D).contains(byte) && byte != 0x1B
    }

    /// What Windows-1252 has where Latin-1 has control characters.
    private static let upper = Array("€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)
}
