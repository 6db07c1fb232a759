import TerminalCanvas

/// Replaces the numbers of colours in what ncurses wrote by the colours themselves.
///
/// Few descriptions of terminals tell ncurses of true colour, so it is given numbers of the palette, and the two
/// sequences it selects them with, `ESC [ 38 ; 5 ; n m` and `ESC [ 48 ; 5 ; n m`, become `38 ; 2 ; r ; g ; b` on the
/// way out. Everything else passes as it is.
enum TrueColor {
    static func mix(_ bytes: [UInt8], with slots: [UInt8: Color]) -> [UInt8] {
        guard !slots.isEmpty else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 2)
        var copied = 0
        var place = 0
        while let start = bytes[place...].firstIndex(of: 0x1B) {
            place = start + 1
            guard let (number, end) = selection(in: bytes, at: start), let color = slots[number] else { continue }
            // Up to and with the `38;` or `48;`.
            result += bytes[copied..<start + 5]
            result += "2;\(color.red);\(color.green);\(color.blue)m".utf8
            copied = end
            place = end
        }
        return result + bytes[copied...]
    }

    /// The number selected by the sequence that starts here, and where the sequence ends.
    private static func selection(in bytes: [UInt8], at start: Int) -> (number: UInt8, end: Int)? {
        let prefix = bytes[start...].prefix(7)
        guard prefix.elementsEqual("\u{1B}[38;5;".utf8) || prefix.elementsEqual("\u{1B}[48;5;".utf8) else { return nil }
        var number = 0
        for index in bytes[(start + 7)...].indices.prefix(4) {
            switch bytes[index] {
            case 0x30...0x39: number = number * 10 + Int(bytes[index] - 0x30)
            case 0x6D: return UInt8(exactly: number).map { ($0, index + 1) }
            default: return nil
            }
        }
        return nil
    }
}
