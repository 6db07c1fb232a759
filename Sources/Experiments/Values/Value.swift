/// A value of an experiment or of a journal, as Chaos Toolkit's Python has it: whole numbers of any size, `Infinity`,
/// dates, and mappings which keep their order.
public enum Value: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A whole number too large for `Int`, in plain decimal digits with an optional minus.
    case bigInteger(String)
    case number(Double)
    case text(String)
    case list([Value])
    case mapping(Fields)
    /// A date, or a date with a time, of YAML.
    case moment(Moment)

    /// The field of this name, or nil; nil too when this is no mapping.
    public subscript(_ name: String) -> Value? {
        guard case .mapping(let fields) = self else { return nil }
        return fields[name]
    }

    public var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var list: [Value]? {
        guard case .list(let items) = self else { return nil }
        return items
    }

    public var fields: Fields? {
        guard case .mapping(let fields) = self else { return nil }
        return fields
    }

    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// A number as seconds or the like; nil for what is none. Python counts `True` as 1.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .bigInteger(let digits): Double(digits)
        case .number(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// Whether Python's `if value:` would be taken.
    public var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .bigInteger, .moment: true
        case .number(let value): value != 0
        case .text(let text): !text.isEmpty
        case .list(let items): !items.isEmpty
        case .mapping(let fields): !fields.isEmpty
        }
    }

    /// What Python calls this kind of value.
    var pythonType: String {
        switch self {
        case .null: "NoneType"
        case .bool: "bool"
        case .integer, .bigInteger: "int"
        case .number: "float"
        case .text: "str"
        case .list: "list"
        case .mapping: "dict"
        case .moment(let moment): moment.hasTime ? "datetime" : "date"
        }
    }
}

/// A date of YAML; Python writes one with a time in two ways.
public struct Moment: Hashable, Sendable {
    /// As ISO 8601 has it, with a `T`.
    public var standard: String
    public var hasTime: Bool

    /// As Python's `str()` has it, with a space.
    var spoken: String {
        guard hasTime else { return standard }
        return String(standard.map { $0 == "T" ? " " : $0 })
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral text: String) { self = .text(text) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral items: Value...) { self = .list(items) }
    public init(dictionaryLiteral entries: (String, Value)...) { self = .mapping(Fields(entries)) }
}
