extension DocumentChecker {
    mutating func checkTolerance(_ tolerance: Value, _ path: DocumentPath) async {
        switch tolerance {
        case .bool, .integer, .bigInteger, .list, .text: break
        case .mapping: await checkTyped(tolerance, path)
        case .null, .number, .moment:
            note(
                """
                hypothesis probe tolerance must either be an integer, a string, a boolean or a pair of values for \
                boundaries. It can also be a dictionary which is a probe activity definition that takes an argument \
                called `value` with the value of the probe itself to be validated
                """, at: path, "For a fraction write `type: range` with a `target` and a `range`.")
        }
    }

    private mutating func checkTyped(_ tolerance: Value, _ path: DocumentPath) async {
        switch tolerance["type"]?.text {
        case "probe": await checkActivity(tolerance, path)
        case "regex": checkRegex(tolerance, path)
        case "jsonpath": checkPath(tolerance, path)
        case "range": checkRange(tolerance, path)
        default:
            let type = tolerance["type"].map(PythonText.string) ?? "None"
            note(
                "hypothesis probe tolerance type '\(type)' is unsupported", at: path.field("type"),
                "Write `regex`, `jsonpath`, `range` or `probe`.")
        }
    }

    private mutating func checkRegex(_ tolerance: Value, _ path: DocumentPath) {
        guard let pattern = tolerance["pattern"] else {
            note("hypothesis regex probe tolerance must have a `pattern` key", at: path, "Add the `pattern`.")
            return
        }
        guard let text = pattern.text else {
            note(
                "hypothesis probe tolerance pattern \(PythonText.string(pattern)) has an invalid type",
                at: path.field("pattern"), "Put the pattern in quotes.")
            return
        }
        do { _ = try PythonRegex(text) } catch {
            note(
                "hypothesis probe tolerance pattern \(text) seems invalid: \(error.message)", at: path.field("pattern"),
                "Correct it at character \(error.position + 1); the dialect is that of Python's re.")
        }
    }

    private mutating func checkPath(_ tolerance: Value, _ path: DocumentPath) {
        guard let given = tolerance["path"] else {
            note("hypothesis jsonpath probe tolerance must have a `path` key", at: path, "Add the `path`.")
            return
        }
        guard let text = given.text.map(Conversion.trimmed) else {
            note(
                "hypothesis probe tolerance JSON path \(PythonText.string(given)) has an invalid type",
                at: path.field("path"), "Put the path in quotes.")
            return
        }
        guard !text.isEmpty else {
            note("hypothesis probe tolerance JSON path cannot be empty", at: path.field("path"), "Begin it with $.")
            return
        }
        do { _ = try JSONPath(text) } catch {
            note(
                "hypothesis probe tolerance JSON path \(text) is invalid", at: path.field("path"),
                """
                Correct it at character \(error.position + 1); begin with $, use double quotes, one = for equal, and \
                quote names with a hyphen.
                """)
        }
    }

    private mutating func checkRange(_ tolerance: Value, _ path: DocumentPath) {
        let remedy = "Write `range: [lower, upper]` with two numbers."
        guard let range = tolerance["range"] else {
            note("hypothesis range probe tolerance must have a `range` key", at: path, remedy)
            return
        }
        guard let bounds = range.list else {
            note("hypothesis range must be a sequence", at: path.field("range"), remedy)
            return
        }
        guard bounds.count == 2 else {
            note("hypothesis range sequence must be made of two values", at: path.field("range"), remedy)
            return
        }
        for (bound, name) in zip(bounds, ["lower", "upper"]) where bound.double == nil {
            note("hypothesis range \(name) boundary must be a number", at: path.field("range"), remedy)
        }
    }
}
