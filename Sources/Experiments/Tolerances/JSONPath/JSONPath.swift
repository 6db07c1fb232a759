/// A path in the dialect of the `jsonpath2` library, which Chaos Toolkit uses: double quotes only, `=` and not `==`,
/// filters test the value itself. Other libraries give other answers to the same text.
struct JSONPath: Equatable, Sendable {
    /// A test in a filter.
    indirect enum Test: Equatable, Sendable {
        case exists(Operand)
        case compare(Operand, Comparison, Operand)
        case not(Test)
        case all([Test])
        case any([Test])
    }

    enum Operand: Equatable, Sendable {
        case path(Relative)
        case literal(Literal)
    }

    /// A value written in a path. Texts are taken as written, without resolving escapes.
    indirect enum Literal: Equatable, Sendable {
        case null, bool(Bool), integer(Int), number(Double), text(String)
        case list([Literal])
        case mapping([String: Literal])

        var value: Value {
            switch self {
            case .null: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .text(let text): .text(text)
            case .list(let items): .list(items.map(\.value))
            case .mapping(let fields):
                .mapping(Fields(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) }))
            }
        }
    }

    enum Comparison: Equatable, Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    }

    struct Relative: Equatable, Sendable {
        var startsAtRoot: Bool
        var steps: [Step]
    }

    struct Step: Equatable, Sendable {
        /// Whether it applies to every value below as well (`..`).
        var isDeep: Bool
        var subscripts: [Subscript]
    }

    indirect enum Subscript: Equatable, Sendable {
        case field(String)
        case index(Int)
        case slice(start: Int?, end: Int?, step: Int?)
        case everything
        case filter(Test)
        case path(Relative)
        case function(Function, [Operand])
    }

    enum Function: String, Sendable {
        case charAt, entries, keys, length, substring, values
    }

    let steps: [Step]

    /// Throws when it is no path in this dialect.
    init(_ text: String) throws(JSONPathError) {
        var parser = try JSONPathParser(text)
        steps = try parser.parse()
    }
}

/// Why a text is no path.
struct JSONPathError: Error, Equatable {
    var message: String
    /// Counted in characters from the beginning of the path.
    var position: Int
}
