/// Tells whether the output of a probe is within its tolerance.
struct ToleranceCheck {
    let substitution: Substitution
    /// Runs a tolerance that is itself a probe, with the output as its argument `value`.
    let judge: (_ probe: Value) async throws(ActivityEnd) -> Value

    /// Throws what the original lets escape, for example a regex over something that is no text.
    func holds(_ tolerance: Value, for output: Value) async throws(ActivityEnd) -> Bool {
        do {
            switch tolerance {
            case .bool, .text: return output.equals(tolerance)
            case .integer, .bigInteger: return (output["status"] ?? output).equals(tolerance)
            case .list(let items): return try Self.isAmong(items, output)
            case .mapping(let fields): return try await holds(fields, for: output)
            case .null, .number, .moment: return false
            }
        } catch let crash as Crash {
            throw .crashed(crash)
        } catch let end as ActivityEnd {
            throw end
        } catch {
            throw .crashed(Crash("RuntimeError", "\(error)"))
        }
    }

    private static func isAmong(_ items: [Value], _ output: Value) throws(Crash) -> Bool {
        if let status = output["status"] { return items.contains { $0.equals(status) } }
        guard items.count == 2 else { return items.contains { $0.equals(output) } }
        guard try items[0].isAtMost(output) else { return false }
        return try output.isAtMost(items[1])
    }

    private func holds(_ tolerance: Fields, for output: Value) async throws -> Bool {
        switch tolerance["type"]?.text {
        case "probe": return try await holds(probe: .mapping(tolerance), for: output)
        case "regex": return try holds(regex: tolerance, for: try Self.targeted(output, by: tolerance))
        case "jsonpath": return try holds(path: tolerance, for: try Self.targeted(output, by: tolerance))
        case "range": return try Self.holds(range: tolerance, for: try Self.targeted(output, by: tolerance))
        default: return false
        }
    }

    private static func targeted(_ output: Value, by tolerance: Fields) throws(Crash) -> Value {
        guard let target = tolerance["target"], target.isTruthy else { return output }
        guard let fields = output.fields else {
            throw Crash("AttributeError", "'\(output.pythonType)' object has no attribute 'get'")
        }
        return target.text.flatMap { fields[$0] } ?? output
    }

    private func holds(probe: Value, for output: Value) async throws -> Bool {
        do {
            return try await judge(try Self.filled(probe, with: output)).isTruthy
        } catch ActivityEnd.failed {
            return false
        }
    }

    /// The tolerance with the output among its arguments; the journal shows it so.
    static func filled(_ probe: Value, with output: Value) throws(Crash) -> Value {
        guard var fields = probe.fields, var provider = probe["provider"]?.fields else {
            throw Crash("KeyError", "'provider'")
        }
        guard let known = provider["arguments"] else { throw Crash("KeyError", "'arguments'") }
        guard var arguments = known.fields else {
            throw Crash("TypeError", "'\(known.pythonType)' object does not support item assignment")
        }
        arguments["value"] = output
        provider["arguments"] = .mapping(arguments)
        fields["provider"] = .mapping(provider)
        return .mapping(fields)
    }

    private func holds(regex tolerance: Fields, for output: Value) throws -> Bool {
        let pattern = try substitution(tolerance["pattern"] ?? .null)
        guard let text = pattern.text else {
            throw Crash("TypeError", "first argument must be string or compiled pattern")
        }
        let regex: PythonRegex
        do { regex = try PythonRegex(text) } catch {
            throw Crash("re.error", "\(error.message) at position \(error.position)")
        }
        guard let searched = output.text else {
            throw Crash("TypeError", "expected string or bytes-like object, got '\(output.pythonType)'")
        }
        return try regex.matches(in: searched)
    }

    private func holds(path tolerance: Fields, for output: Value) throws -> Bool {
        let path = try substitution(tolerance["path"] ?? .null)
        guard let text = path.text else { throw Crash("TypeError", "the path is no text") }
        let parsed: JSONPath
        do { parsed = try JSONPath(text) } catch {
            throw Crash("ValueError", "line 1:\(error.position) \(error.message)")
        }
        var searched = output
        if let text = output.text, let value = try? JSONReader.value(of: text) { searched = value }
        let found = try parsed.matches(in: searched)
        if let expected = tolerance["expect"] {
            let expected = try substitution(expected)
            return Value.list(found).equals(expected.list.map { .list($0) } ?? .list([expected]))
        }
        guard let count = tolerance["count"], !count.isNull else { return !found.isEmpty }
        return Value.integer(found.count).equals(count)
    }

    /// Bounds are compared as the binary numbers they are, a text by its decimal digits.
    private static func holds(range tolerance: Fields, for output: Value) throws(Crash) -> Bool {
        let number: ExactDecimal
        if let text = output.text {
            guard let parsed = ExactDecimal(text) else { return false }
            number = parsed
        } else if let exact = output.exact {
            number = exact
        } else {
            throw Crash("TypeError", "conversion from \(output.pythonType) to Decimal is not supported")
        }
        guard let bounds = tolerance["range"]?.list, bounds.count > 1, let low = bound(bounds[0]),
            let high = bound(bounds[1])
        else { throw Crash("TypeError", "the range has no two bounds") }
        guard let isAbove = low.isAtMost(number), let isBelow = number.isAtMost(high) else {
            throw Crash("decimal.InvalidOperation", "[<class 'decimal.InvalidOperation'>]")
        }
        return isAbove && isBelow
    }

    private static func bound(_ value: Value) -> ExactDecimal? {
        value.text.map { ExactDecimal($0) } ?? value.exact
    }
}
