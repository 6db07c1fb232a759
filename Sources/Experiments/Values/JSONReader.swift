/// Why a text is no JSON, and where.
struct JSONError: Error, Equatable {
    var message: String
    var position: SourcePosition
}

/// Reads JSON as Python's `json.loads` does: whole numbers of any size, `Infinity` and `NaN`, the last of several equal
/// names. It notes where each value begins when asked to.
struct JSONReader {
    /// Deeper nesting is refused, as Python does, before it can exhaust the stack.
    private static let deepest = 900
    /// More values than this has no document whose places are told.
    private static let mostNoted = 100_000

    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0
    private var count = 0
    private var path = DocumentPath()
    private(set) var map: SourceMap?
    private lazy var lines = LineIndex(bytes)

    init(_ bytes: [UInt8], notingPositions: Bool = false) {
        self.bytes = bytes
        map = notingPositions ? SourceMap() : nil
    }

    static func value(of text: String) throws(JSONError) -> Value {
        var reader = JSONReader(Array(text.utf8))
        return try reader.document()
    }

    /// The one value that the whole text is.
    mutating func document() throws(JSONError) -> Value {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("Unexpected byte order mark") }
        skipSpace()
        let value = try readValue()
        skipSpace()
        guard place == bytes.count else { throw failure("Extra data") }
        return value
    }

    private mutating func readValue() throws(JSONError) -> Value {
        guard place < bytes.count else { throw failure("Expecting value") }
        if map != nil {
            count += 1
            guard count <= Self.mostNoted else { throw failure("More than \(Self.mostNoted) values") }
            let position = self.position
            map?.note(position, at: path)
        }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try readNested { reader throws(JSONError) in try reader.readMapping() }
        case UInt8(ascii: "["): return try readNested { reader throws(JSONError) in try reader.readList() }
        case UInt8(ascii: "\""): return .text(try readText())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default: return try readWord()
        }
    }

    private mutating func readNested(
        _ body: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        depth += 1
        guard depth <= Self.deepest else { throw failure("Nested too deeply") }
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func readMapping() throws(JSONError) -> Value {
        var fields = Fields()
        place += 1
        skipSpace()
        if take("}") { return .mapping(fields) }
        repeat {
            skipSpace()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
                throw failure("Expecting property name enclosed in double quotes")
            }
            let name = try readText()
            skipSpace()
            guard take(":") else { throw failure("Expecting ':' delimiter") }
            skipSpace()
            let outer = path
            if map != nil { path = path.field(name) }
            fields[name] = try readValue()
            path = outer
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("Expecting ',' delimiter") }
        return .mapping(fields)
    }

    private mutating func readList() throws(JSONError) -> Value {
        var items: [Value] = []
        place += 1
        skipSpace()
        if take("]") { return .list(items) }
        repeat {
            skipSpace()
            let outer = path
            if map != nil { path = path.item(items.count) }
            items.append(try readValue())
            path = outer
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("Expecting ',' delimiter") }
        return .list(items)
    }

    private mutating func readWord() throws(JSONError) -> Value {
        let words: [(String, Value)] = [
            ("null", .null), ("true", true), ("false", false), ("NaN", .number(.nan)), ("Infinity", .number(.infinity)),
        ]
        for (word, value) in words where bytes[place...].starts(with: word.utf8) {
            place += word.utf8.count
            return value
        }
        throw failure("Expecting value")
    }

    private mutating func readNumber() throws(JSONError) -> Value {
        let start = place
        if take("-"), bytes[place...].starts(with: "Infinity".utf8) {
            place += 8
            return .number(-.infinity)
        }
        let whole = skipDigits()
        guard !whole.isEmpty else { throw failure("Expecting value") }
        // A leading zero ends the number; what follows is then extra data, as in Python.
        if bytes[whole.lowerBound] == UInt8(ascii: "0"), whole.count > 1 { place = whole.lowerBound + 1 }
        let isWhole = !skipFraction() && !skipExponent()
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard isWhole else { return .number(Double(text) ?? 0) }
        return Int(text).map { .integer($0) } ?? .bigInteger(text)
    }

    private mutating func skipFraction() -> Bool {
        let start = place
        guard take(".") else { return false }
        if skipDigits().isEmpty {
            place = start
            return false
        }
        _ = skipExponent()
        return true
    }

    private mutating func skipExponent() -> Bool {
        let start = place
        guard take("e") || take("E") else { return false }
        _ = take("+") || take("-")
        guard skipDigits().isEmpty else { return true }
        place = start
        return false
    }

    private mutating func skipDigits() -> Range<Int> {
        let start = place
        while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { place += 1 }
        return start..<place
    }

    private mutating func readText() throws(JSONError) -> String {
        place += 1
        var text: [UInt8] = []
        while place < bytes.count {
            let run = bytes[place...].prefix { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
            text.append(contentsOf: run)
            place = run.endIndex
            guard place < bytes.count else { break }
            switch bytes[place] {
            case 0x22:
                place += 1
                return String(decoding: text, as: UTF8.self)
            case 0x5C: text.append(contentsOf: String(Character(try readEscape())).utf8)
            default: throw failure("Invalid control character")
            }
        }
        throw failure("Unterminated string")
    }

    private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
        place += 1
        guard place < bytes.count else { throw failure("Unterminated string") }
        let letter = bytes[place]
        place += 1
        switch letter {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "u"): return try readUnicodeEscape()
        default: throw failure("Invalid \\escape")
        }
    }

    private mutating func readUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try readCodeUnit()
        guard (0xD800..<0xDC00).contains(first), bytes[place...].starts(with: "\\u".utf8) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        let afterFirst = place
        place += 2
        let second = try readCodeUnit()
        guard (0xDC00..<0xE000).contains(second) else {
            place = afterFirst
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func readCodeUnit() throws(JSONError) -> UInt32 {
        let digits = bytes[place...].prefix(4)
        guard digits.count == 4, !digits.contains(UInt8(ascii: "+")),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("Invalid \\uXXXX escape") }
        place += 4
        return unit
    }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private var position: SourcePosition {
        mutating get { lines.position(of: place) }
    }

    private mutating func failure(_ message: String) -> JSONError {
        JSONError(message: message, position: position)
    }
}
