extension JSONPath {
    /// The values that the path leads to, in the order of `jsonpath2`.
    func matches(in root: Value) throws(Crash) -> [Value] {
        try Search(root: root).matches(steps[...], in: root)
    }
}

/// Follows a path through one value.
private struct Search {
    let root: Value

    func matches(_ steps: ArraySlice<JSONPath.Step>, in value: Value) throws(Crash) -> [Value] {
        guard let step = steps.first else { return [value] }
        var found: [Value] = []
        for part in step.subscripts {
            for value in try values(of: part, in: value) { found += try matches(steps.dropFirst(), in: value) }
        }
        guard step.isDeep else { return found }
        for child in Self.children(of: value) { found += try matches(steps, in: child) }
        return found
    }

    private static func children(of value: Value) -> [Value] {
        switch value {
        case .list(let items): items
        case .mapping(let fields): fields.entries.map { $1 }
        default: []
        }
    }

    private func values(of part: JSONPath.Subscript, in value: Value) throws(Crash) -> [Value] {
        switch part {
        case .field(let name): return value[name].map { [$0] } ?? []
        case .index(let index): return Self.item(index, of: value)
        case .slice(let start, let end, let step): return try Self.slice(value, start, end, step)
        case .everything: return Self.children(of: value)
        case .filter(let test): return try holds(test, for: value) ? [value] : []
        case .path(let path):
            var found: [Value] = []
            for key in try operand(.path(path), in: value) {
                switch key {
                case .text(let name): found += value[name].map { [$0] } ?? []
                case .integer(let index): found += Self.item(index, of: value)
                case .bool(let flag): found += Self.item(flag ? 1 : 0, of: value)
                default: break
                }
            }
            return found
        case .function(let function, let arguments): return try call(function, arguments, value)
        }
    }

    private static func item(_ index: Int, of value: Value) -> [Value] {
        guard let items = value.list else { return [] }
        let place = index < 0 ? index + items.count : index
        return items.indices.contains(place) ? [items[place]] : []
    }

    private static func slice(_ value: Value, _ start: Int?, _ end: Int?, _ step: Int?) throws(Crash) -> [Value] {
        guard let items = value.list else { return [] }
        let count = items.count
        var from = start.map { $0 < 0 ? max(0, $0 + count) : $0 } ?? 0
        let to = end.map { $0 < 0 ? $0 + count : $0 } ?? count
        let step = step ?? 1
        guard step != 0 else { throw Crash("ValueError", "range() arg 3 must not be zero") }
        // What lies outside of the list leads nowhere, so only the part of the range in it is walked.
        if step < 0, from > count { from += (from - count) / -step * step }
        let last = step > 0 ? min(to, count) : max(to, -count - 1)
        return stride(from: from, to: last, by: step).flatMap { item($0, of: value) }
    }

    private func operand(_ operand: JSONPath.Operand, in value: Value) throws(Crash) -> [Value] {
        switch operand {
        case .literal(let literal): [literal.value]
        case .path(let path): try matches(path.steps[...], in: path.startsAtRoot ? root : value)
        }
    }

    private func holds(_ test: JSONPath.Test, for value: Value) throws(Crash) -> Bool {
        switch test {
        case .exists(.literal(let literal)): return literal.value.isTruthy
        case .exists(let path): return try !operand(path, in: value).isEmpty
        case .not(let test): return try !holds(test, for: value)
        case .all(let tests):
            for test in tests where try !holds(test, for: value) { return false }
            return true
        case .any(let tests):
            for test in tests where try holds(test, for: value) { return true }
            return false
        case .compare(let left, let comparison, let right):
            let others = try operand(right, in: value)
            for one in try operand(left, in: value) {
                for two in others where Self.holds(one, comparison, two) { return true }
            }
            return false
        }
    }

    private static func holds(_ one: Value, _ comparison: JSONPath.Comparison, _ two: Value) -> Bool {
        switch comparison {
        case .equal: return one.equals(two)
        case .notEqual: return !one.equals(two)
        default: break
        }
        guard let left = one.exact, let right = two.exact else { return false }
        let (isAtMost, isAtLeast) = (left.isAtMost(right) ?? false, right.isAtMost(left) ?? false)
        return switch comparison {
        case .less: isAtMost && !isAtLeast
        case .lessOrEqual: isAtMost
        case .greater: isAtLeast && !isAtMost
        case .greaterOrEqual: isAtLeast
        case .equal, .notEqual: false
        }
    }

    private func call(
        _ function: JSONPath.Function, _ arguments: [JSONPath.Operand], _ value: Value
    ) throws(Crash) -> [Value] {
        var calls: [[Value]] = [[]]
        for argument in arguments {
            let choices = try operand(argument, in: value)
            calls = calls.flatMap { call in choices.map { call + [$0] } }
        }
        return calls.flatMap { Self.result(of: function, $0, value) }
    }

    private static func result(of function: JSONPath.Function, _ arguments: [Value], _ value: Value) -> [Value] {
        let numbers = arguments.compactMap { argument -> Int? in
            if case .integer(let number) = argument { return number }
            return argument.bool.map { $0 ? 1 : 0 }
        }
        if case .text(let text) = value {
            let scalars = Array(text.unicodeScalars)
            guard numbers.count == arguments.count else { return [] }
            return switch (function, numbers.count) {
            case (.length, 0): [.integer(scalars.count)]
            case (.charAt, 1): item(numbers[0], of: .list(scalars.map { .text(String($0)) }))
            case (.substring, 1): [substring(scalars, numbers[0], scalars.count)]
            case (.substring, 2): [substring(scalars, numbers[0], numbers[1])]
            default: []
            }
        }
        guard arguments.isEmpty else { return [] }
        switch (function, value) {
        case (.length, .list(let items)): return [.integer(items.count)]
        case (.keys, .list(let items)): return [.list(items.indices.map { .integer($0) })]
        case (.keys, .mapping(let fields)): return [.list(fields.keys.map { .text($0) })]
        case (.values, .list), (.values, .mapping): return [.list(children(of: value))]
        case (.entries, .list(let items)):
            return [.list(items.enumerated().map { .list([.integer($0), $1]) })]
        case (.entries, .mapping(let fields)): return [.list(fields.entries.map { .list([.text($0), $1]) })]
        default: return []
        }
    }

    private static func substring(_ scalars: [Unicode.Scalar], _ start: Int, _ end: Int) -> Value {
        let bound = { (place: Int) in max(0, min(scalars.count, place < 0 ? place + scalars.count : place)) }
        let (from, to) = (bound(start), bound(end))
        return .text(from < to ? String(String.UnicodeScalarView(scalars[from..<to])) : "")
    }
}
