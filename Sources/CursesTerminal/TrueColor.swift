import TerminalCanvas

/// Replaces the numbers of colours in what ncurses wrote by the colours themselves.
///
/// Few descriptions of terminals tell ncurses of true colour, so it is given numbers of the palette, and the two
/// sequences it selects them with, `ESC [ 38 ; 5 ; n m` and `ESC [ 48 ; 5 ; n m`, become `38 ; 2 ; r ; g ; b` on the
/// way out. Everything else passes as it is.
enum TrueColor {
    static func mix(_ bytes: [UInt8], with slots: [UInt8: Color]) -> [UInt8] {
        guard !slots.isEmpty else { return bytes }
        let ends = slots.mapValues { Array("2;\($0.red);\($0.green);\($0.blue)m".utf8) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 2)
        bytes.withUnsafeBufferPointer { bytes in
            var copied = 0
            var place = 0
            while place + 8 < bytes.count {
                guard bytes[place] == 0x1B, let (number, end) = selection(in: bytes, at: place), let text = ends[number]
                else {
                    place += 1
                    continue
                }
                // Up to and with the `38;` or `48;`.
                result.append(contentsOf: bytes[copied..<place + 5])
                result.append(contentsOf: text)
                copied = end
                place = end
            }
            result.append(contentsOf: bytes[copied...])
        }
        return result
    }

    /// The number selected by the sequence that starts here, and where the sequence ends.
    private static func selection(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (number: UInt8, end: Int)? {
        // `[`, then 3 or 4, then `8;5;`.
        guard bytes[start + 1] == 0x5B, bytes[start + 2] == 0x33 || bytes[start + 2] == 0x34, bytes[start + 3] == 0x38,
            bytes[start + 4] == 0x3B, bytes[start + 5] == 0x35, bytes[start + 6] == 0x3B
        else { return nil }
        var number = 0
        for index in start + 7..<min(start + 11, bytes.count) {
            switch bytes[index] {
            case 0x30...0x39: number = number * 10 + Int(bytes[index] - 0x30)
            case 0x6D: return UInt8(exactly: number).map { ($0, index + 1) }
            default: return nil
            }
        }
        return nil
    }
}
