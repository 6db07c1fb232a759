/// A JSON value (RFC 8259). Objects keep the order of their members, and a number keeps whether it was whole.
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    public struct Member: Equatable, Sendable {
        public var name: String
        public var value: JSON

        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The first member of this name, or nil; nil too when this is no object.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var double: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The number as a whole one; nil when it is none or has a fraction.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): value.rounded() == value && abs(value) < 9e15 ? Int64(value) : nil
        default: nil
        }
    }

    /// The number as a count, at most `UInt64.largestCount`; nil when it is none or is negative.
    var count: UInt64? {
        if let integer { return integer >= 0 ? UInt64(integer) : nil }
        guard let double, double >= 9e15 else { return nil }
        return UInt64(Int64(clamping: double))
    }

    public var array: [JSON]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    public var isNull: Bool { self == .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }

    public init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    /// A number that JSON has no word for (not-a-number, infinity) is unknown, so it becomes null.
    public init(_ value: Double?) { self = value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null }
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    public init(_ value: UInt64?) {
        self = value.map { $0 > UInt64(Int64.max) ? .double(Double($0)) : .integer(Int64($0)) } ?? .null
    }
}

/// Why a text is no JSON: what was met, and at which byte.
public struct JSONError: Error, Equatable, Sendable {
    public var message: String
    public var offset: Int

    public init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}

extension JSON {
    /// Reads one value which must be the whole of `bytes`, white space around it aside.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// The value in one line of UTF-8.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
