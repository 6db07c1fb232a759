import MeshModel

/// Reads the numbers of a line where they stand. Seeking goes through millions of them, so no tree is built.
struct LineScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var at: Int
    let end: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) {
        self.bytes = bytes
        at = start
        self.end = min(end, bytes.count)
    }

    /// The next byte that is no space; 0 at the end.
    mutating func peek() -> UInt8 {
        while at < end, bytes[at] == 0x20 { at += 1 }
        return at < end ? bytes[at] : 0
    }

    /// Takes a byte, whatever it is; nil at the end.
    @inline(__always)
    mutating func next() -> UInt8? {
        guard at < end else { return nil }
        defer { at += 1 }
        return bytes[at]
    }

    /// Gives the byte back that `next` took.
    mutating func back() { at -= 1 }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        if at < end, bytes[at] == byte {
            at += 1
            return true
        }
        guard peek() == byte else { return false }
        at += 1
        return true
    }

    /// Takes a zero that is a whole number by itself.
    @inline(__always)
    mutating func takeZero() -> Bool {
        guard peek() == UInt8(ascii: "0"), at + 1 == end || !Self.isPartOfNumber(bytes[at + 1]) else { return false }
        at += 1
        return true
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "-") < 13 || byte | 0x20 == 0x65 }

    mutating func take(word: StaticString) -> Bool {
        _ = peek()
        guard at + word.utf8CodeUnitCount <= end else { return false }
        for i in 0..<word.utf8CodeUnitCount where bytes[at + i] != word.utf8Start[i] { return false }
        at += word.utf8CodeUnitCount
        return true
    }

    /// A whole number; nil, and nothing taken, when there is none or it is too large.
    @inline(__always)
    mutating func integer() -> Int64? {
        // Most numbers of a recording are one or two digits long.
        if at + 2 < end {
            let first = bytes[at] &- UInt8(ascii: "0")
            let second = bytes[at + 1] &- UInt8(ascii: "0")
            if first < 10, second > 9 {
                at += 1
                return Int64(first)
            }
            if first < 10, bytes[at + 2] &- UInt8(ascii: "0") > 9 {
                at += 2
                return Int64(first &* 10 &+ second)
            }
        }
        return longInteger()
    }

    private mutating func longInteger() -> Int64? {
        let isNegative = peek() == UInt8(ascii: "-")
        var place = isNegative ? at + 1 : at
        let first = place
        var value: Int64 = 0
        while place < end {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            // Eighteen digits can not overflow; longer numbers are rare and are checked.
            if place - first < 18 {
                value = value &* 10 &+ Int64(digit)
            } else {
                let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, isTooLargeNow) = tenfold.addingReportingOverflow(Int64(digit))
                guard !isTooLarge, !isTooLargeNow else { return nil }
                value = sum
            }
            place += 1
        }
        guard place > first else { return nil }
        at = place
        return isNegative ? -value : value
    }

    /// Any number, as a fraction.
    mutating func double() -> Double? {
        _ = peek()
        var place = at
        while place < end, "+-.eE0123456789".utf8.contains(bytes[place]) { place += 1 }
        guard let value = Double(String(decoding: bytes[at..<place], as: UTF8.self)) else { return nil }
        at = place
        return value
    }

    /// Goes past the value that begins here, whatever it is; false when it does not end on this line.
    mutating func skipValue() -> Bool {
        var depth = 0
        var isText = false
        while at < end {
            let byte = bytes[at]
            if isText {
                if byte == UInt8(ascii: "\\") { at += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    if depth == 0 { return true }
                    depth -= 1
                case UInt8(ascii: ",") where depth == 0: return true
                default: break
                }
            }
            at += 1
        }
        return false
    }
}
