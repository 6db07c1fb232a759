internal import Glibc
internal import MeshModel

/// A JSON reader for pages that come often: it looks at bytes and makes no values but those asked for.
/// Every step checks that there is a byte left, so that a page cut anywhere is an error and nothing more.
struct ByteScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let page: String
    var at = 0
    /// Where an error is said to be: numbers, because making a path of each step would cost more than the step.
    var item = -1
    var detail = -1

    init(_ bytes: UnsafeBufferPointer<UInt8>, page: String) {
        self.bytes = bytes
        self.page = page
    }

    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipSpace() {
        while at < bytes.count, bytes[at] <= 0x20, Self.isSpace(bytes[at]) { at += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Moves past a byte, and white space before it, if it is the next.
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ member: StaticString) throws(WireError) {
        guard take(byte) else { throw error(member) }
    }

    /// Moves past these bytes exactly, or stays.
    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - at >= count, Self.equal(bytes.baseAddress, at, text.utf8Start, 0, count) else {
            return false
        }
        at += count
        return true
    }

    /// Moves past bytes that stood in an earlier page, or stays.
    mutating func take(_ known: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        guard bytes.count - at >= range.count,
            Self.equal(bytes.baseAddress, at, known.baseAddress, range.lowerBound, range.count)
        else { return false }
        at += range.count
        return true
    }

    private static func equal(
        _ left: UnsafePointer<UInt8>?, _ i: Int, _ right: UnsafePointer<UInt8>?, _ j: Int, _ count: Int
    ) -> Bool {
        guard let left, let right else { return count == 0 }
        return memcmp(left + i, right + j, count) == 0
    }

    /// What stands here, for a person: printable and short. `member` is the last part of the path.
    func error(_ member: StaticString) -> WireError {
        let path = self.path(member)
        guard at < bytes.count else { return WireError(page: page, path: path, found: "unexpected end") }
        let excerpt = bytes[at..<min(bytes.count, at + 30)].map { (0x20..<0x7F).contains($0) ? $0 : 0x2E }
        return WireError(page: page, path: path, found: "“\(String(decoding: excerpt, as: UTF8.self))”")
    }

    private func path(_ member: StaticString) -> String {
        let parts = [
            item < 0 ? "" : "stats[\(item)]", detail < 0 ? "" : "histograms.details[\(detail)]", "\(member)",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: ".")
    }
}

extension ByteScanner {
    /// Digits and nothing else, where a comma or a bracket follows; nil, without a step, for any other number.
    mutating func plainCount() -> UInt64? {
        let start = at
        var value: UInt64 = 0
        // Nineteen digits always fit.
        let limit = min(bytes.count, start + 19)
        while at < limit, bytes[at] &- 0x30 < 10 {
            value = value &* 10 &+ UInt64(bytes[at] &- 0x30)
            at += 1
        }
        if at > start, isAtEndOfNumber { return value }
        at = start
        return nil
    }

    /// Digits with or without a fraction; nil, without a step, for any other number.
    mutating func plainDouble() -> Double? {
        let start = at
        var value: UInt64 = 0
        var point = -1
        let limit = min(bytes.count, start + 17)
        while at < limit {
            let digit = bytes[at] &- 0x30
            if digit < 10 {
                value = value &* 10 &+ UInt64(digit)
            } else if bytes[at] == 0x2E, point < 0, at > start {
                point = at
            } else {
                break
            }
            at += 1
        }
        // Both are exact below 2^53, so that the quotient is the nearest double, as IEEE 754 division is.
        if at > start, point != at - 1, value < 1 << 53, isAtEndOfNumber {
            return point < 0 ? Double(value) : Double(value) / Self.powersOfTen[at - point - 1]
        }
        at = start
        return nil
    }

    private var isAtEndOfNumber: Bool {
        at < bytes.count && (bytes[at] == 0x2C || bytes[at] == 0x7D || bytes[at] == 0x5D)
    }

    /// A number as a count: fractions are cut, negative ones are 0, too large ones the largest; nil for `null`.
    mutating func count(_ member: StaticString) throws(WireError) -> UInt64? {
        skipSpace()
        if let count = plainCount() { return count }
        if take("null") { return nil }
        let text = try numeral(member)
        if let whole = UInt64(text) { return whole }
        guard let double = Double(text) else { throw error(member) }
        return double >= 18_446_744_073_709_551_616 ? .max : double >= 1 ? UInt64(double) : 0
    }

    /// A number; nil for `null`.
    mutating func double(_ member: StaticString) throws(WireError) -> Double? {
        skipSpace()
        if let double = plainDouble() { return double }
        if take("null") { return nil }
        guard let number = Double(try numeral(member)) else { throw error(member) }
        return number
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    ]

    private mutating func numeral(_ member: StaticString) throws(WireError) -> String {
        let start = at
        while at < bytes.count, Self.isNumeral(bytes[at]) { at += 1 }
        guard at > start, at - start < 400 else {
            at = start
            throw error(member)
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private static func isNumeral(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
        default: false
        }
    }

    /// The bytes between the quotes of a text, escapes and all.
    mutating func rawText(_ member: StaticString) throws(WireError) -> Range<Int> {
        try expect(0x22, member)
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case 0x22:
                at += 1
                return start..<(at - 1)
            case 0x5C: at += 2
            default: at += 1
            }
        }
        at = bytes.count
        throw error(member)
    }

    /// A text with its escapes undone; what is no Unicode becomes the replacement character.
    mutating func text(_ member: StaticString) throws(WireError) -> String {
        let range = try rawText(member)
        let raw = bytes[range]
        guard raw.contains(0x5C) else { return String(decoding: raw, as: UTF8.self) }
        // The slower reader knows every escape; such names are rare.
        let quoted = bytes[(range.lowerBound - 1)..<(range.upperBound + 1)]
        guard case .string(let text)? = try? JSON(parsing: Array(quoted)) else {
            at = range.lowerBound
            throw error(member)
        }
        return text
    }

    /// Moves past a value of any kind without looking closely: brackets have to match, and texts have to end.
    mutating func skipValue(_ member: StaticString) throws(WireError) {
        skipSpace()
        let start = at
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case 0x22:
                _ = try rawText(member)
                if depth == 0 { return }
                continue
            case 0x5B, 0x7B: depth += 1
            case 0x5D, 0x7D:
                if depth == 0 { return try endOfScalar(start, member) }
                depth -= 1
                if depth == 0 {
                    at += 1
                    return
                }
            case 0x2C where depth == 0: return try endOfScalar(start, member)
            default: break
            }
            at += 1
        }
        throw error(member)
    }

    private func endOfScalar(_ start: Int, _ member: StaticString) throws(WireError) {
        if at == start { throw error(member) }
    }
}
