import MeshModel

/// A histogram as text: a letter goes up the scale of bins and counts one request there, digits after it say how many
/// they were instead. A small letter goes up 1 to 26 steps, each capital before it 26 to 676 more. Most bins of a poll
/// are then one or two characters, where they were five as numbers.
struct BinText {
    let text: String
    /// The requests in all of the bins.
    let count: Int64

    private static let small = UInt8(ascii: "a")
    private static let capital = UInt8(ascii: "A")

    /// Nil when a bin is not on the scale, or when there are more requests than a recording can count.
    init?(_ latency: LatencyHistogram) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * latency.bins.count + 2)
        var before = 0
        var count: UInt64 = 0
        for bin in latency.bins {
            guard let step = BinScale.step(lower: bin.lower, width: bin.width), step > before,
                bin.count < 1 << 40
            else { return nil }
            var rest = step - before - 1
            while rest >= 26 {
                let capitals = min(rest / 26, 26)
                bytes.append(Self.capital + UInt8(capitals - 1))
                rest -= 26 * capitals
            }
            bytes.append(Self.small + UInt8(rest))
            if bin.count > 1 { bytes.append(contentsOf: String(bin.count).utf8) }
            before = step
            count += bin.count
        }
        text = String(decoding: bytes, as: UTF8.self)
        self.count = Int64(count)
    }

    /// Appends the bins of a text whose opening quote was taken, and answers how many requests they count; nil when it
    /// is no such text.
    static func read(
        _ scanner: inout LineScanner, scale: [(lower: Double, width: Double)], into bins: inout [LatencyHistogram.Bin]
    ) -> Int64? {
        var step = 0
        var up = 0
        var count: Int64 = 0
        while let byte = scanner.next() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"):
                step += up + Int(byte - small) + 1
                up = 0
                guard step < scale.count else { return nil }
                bins.append(LatencyHistogram.Bin(lower: scale[step].lower, width: scale[step].width, count: 1))
                count += 1
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                up += 26 * (Int(byte - capital) + 1)
                guard up < scale.count else { return nil }
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                scanner.back()
                // A bin without requests is none: whoever counts them would divide by zero.
                guard let number = scanner.integer(), number > 0, number < 1 << 40, up == 0,
                    let last = bins.indices.last, bins[last].count == 1
                else { return nil }
                bins[last].count = UInt64(number)
                count += number - 1
            case UInt8(ascii: "\""): return up == 0 ? count : nil
            default: return nil
            }
        }
        return nil
    }
}
