extension Value {
    /// Whether Python's `==` holds: numbers by their value, `True` as 1, mappings without regard to order.
    func equals(_ other: Value) -> Bool {
        if let left = exact, let right = other.exact {
            return left == right && left != .notANumber
        }
        return switch (self, other) {
        case (.null, .null): true
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.moment(let left), .moment(let right)): left == right
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
        case (.mapping(let left), .mapping(let right)):
            left.count == right.count
                && left.entries.allSatisfy { name, value in right[name].map(value.equals) ?? false }
        default: false
        }
    }

    /// Whether Python's `<=` holds. Throws what Python throws for kinds that have no order.
    func isAtMost(_ other: Value) throws(Crash) -> Bool {
        if let left = exact, let right = other.exact { return left.isAtMost(right) ?? false }
        switch (self, other) {
        case (.text(let left), .text(let right)):
            return !right.unicodeScalars.lexicographicallyPrecedes(left.unicodeScalars)
        case (.moment(let left), .moment(let right)) where left.hasTime == right.hasTime:
            return left.standard <= right.standard
        case (.list(let left), .list(let right)):
            for (one, two) in zip(left, right) where !one.equals(two) { return try one.isAtMost(two) }
            return left.count <= right.count
        default:
            throw Crash(
                "TypeError", "'<=' not supported between instances of '\(pythonType)' and '\(other.pythonType)'")
        }
    }

    /// The number this is, exactly; nil when it is none.
    var exact: ExactDecimal? {
        switch self {
        case .bool(let value): ExactDecimal(value ? 1 : 0)
        case .integer(let value): ExactDecimal(value)
        case .bigInteger(let digits): ExactDecimal(digits)
        case .number(let value): ExactDecimal(value)
        default: nil
        }
    }
}

/// An error which Chaos Toolkit does not expect of an activity: there it is a Python exception other than
/// `ActivityFailed`, and it ends what was going on.
struct Crash: Error, Equatable {
    /// The name of the Python exception, as the journal has it.
    var kind: String
    var message: String

    init(_ kind: String, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
