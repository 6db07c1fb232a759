import MeshModel

/// A histogram as text: a letter is a bin and counts one request in it, digits after it say how many they were instead.
/// a to z are the bins from 1 to 26 milliseconds, A to Z those from 27 to 52, where most requests are; any other is `~`
/// and two letters, its step on the scale as a number with the digits a to z and A to Z. Most bins are then one or two
/// characters, and the same in every poll, which a packer knows how to use.
struct BinText {
    let text: String
    /// The requests in all of the bins.
    let count: Int64

    private static let digits = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    /// The step of a letter, by its place among the digits.
    private static let steps = (1...52).map { BinScale.step(lower: Double($0), width: $0 < 10 ? 0.1 : 1) ?? 0 }
    /// The letter of a step; 0 for none.
    private static let letters = {
        var letters = [UInt8](repeating: 0, count: BinScale.last)
        for (step, letter) in zip(steps, digits) { letters[step] = letter }
        return letters
    }()
    private static let other = UInt8(ascii: "~")

    /// Nil when a bin is not on the scale, or when there are more requests than a recording can count.
    init?(_ latency: LatencyHistogram) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * latency.bins.count + 2)
        var count: UInt64 = 0
        for bin in latency.bins {
            guard let step = BinScale.step(lower: bin.lower, width: bin.width), bin.count < 1 << 40 else { return nil }
            let letter = Self.letters[step]
            if letter > 0 {
                bytes.append(letter)
            } else {
                let base = Self.digits.count
                bytes.append(contentsOf: [Self.other, Self.digits[step / base], Self.digits[step % base]])
            }
            if bin.count > 1 { bytes.append(contentsOf: String(bin.count).utf8) }
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
        var last = 0
        var count: Int64 = 0
        while let byte = scanner.next() {
            if byte == UInt8(ascii: "\"") { return count }
            if let digit = digit(byte) {
                guard add(steps[digit]) else { return nil }
            } else if byte == other {
                guard let high = scanner.next().flatMap(digit), let low = scanner.next().flatMap(digit),
                    add(high * digits.count + low)
                else { return nil }
            } else {
                scanner.back()
                // A bin without requests is none: whoever counts them would divide by zero.
                guard let number = scanner.integer(), number > 0, number < 1 << 40, let place = bins.indices.last,
                    bins[place].count == 1
                else { return nil }
                bins[place].count = UInt64(number)
                count += number - 1
            }
        }
        return nil

        /// Bins are told upwards, each once.
        func add(_ step: Int) -> Bool {
            guard step > last, step < scale.count else { return false }
            bins.append(LatencyHistogram.Bin(lower: scale[step].lower, width: scale[step].width, count: 1))
            last = step
            count += 1
            return true
        }
    }

    @inline(__always)
    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a"))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A")) + 26
        default: nil
        }
    }
}
