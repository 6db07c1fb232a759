@testable import Experiments

extension FuzzTarget {
    /// What an experiment's values are held against.
    static let values: [FuzzTarget] = [
        FuzzTarget(name: "substitution") { bytes in
            let (text, json) = bytes.halves
            var substitution = Substitution(configuration: Fields([("name", "value"), ("n", 5), ("_", .null)]))
            if let value = try? JSONReader.value(of: json.text), let fields = value.fields {
                substitution.configuration = fields
                substitution.secrets = fields["secrets"]?.fields ?? Fields()
            }
            guard let result = try? substitution.substitute(text.text) else { return }
            if !text.contains(UInt8(ascii: "$")) { try require(result.text == text.text, "a text without $ changed") }
        },
        FuzzTarget(name: "tolerance") { bytes in
            let (tolerance, output) = bytes.halves
            guard let tolerance = try? JSONReader.value(of: tolerance.text) else { return }
            let found = (try? JSONReader.value(of: output.text)) ?? .text(output.text)
            _ = try? InlineTasks.run {
                let check = ToleranceCheck(substitution: Substitution()) { _ async throws(ActivityEnd) in true }
                return try await check.holds(tolerance, for: found)
            }
        },
        FuzzTarget(name: "jsonpath", longest: 1024) { bytes in
            let (path, json) = bytes.halves
            guard let path = try? JSONPath(path.text) else { return }
            let root = (try? JSONReader.value(of: json.text)) ?? ["a": [1, ["b": 2], ["a": "c"]], "b": ["c": []]]
            _ = try? path.matches(in: root)
        },
        FuzzTarget(name: "decimal") { bytes in
            let (one, other) = bytes.halves
            guard let one = ExactDecimal(one.text), let other = ExactDecimal(other.text) else { return }
            guard let isAtMost = one.isAtMost(other), let isAtLeast = other.isAtMost(one) else { return }
            try require(isAtMost || isAtLeast, "neither is at most the other")
        },
    ]

    /// Languages within texts.
    static let patterns: [FuzzTarget] = [
        FuzzTarget(name: "regex", longest: 512) { bytes in
            let (pattern, text) = bytes.halves
            guard var regex = try? PythonRegex(pattern.text) else { return }
            regex.patience = 100_000
            let searched = text.text
            guard let groups = try? regex.search(searched) else { return }
            for case let group? in groups {
                try require(group.upperBound <= searched.utf8.count, "a match beyond the text")
            }
        },
        FuzzTarget(name: "promql", longest: 1024) { bytes in
            guard let query = try? PromQuery(bytes.text) else { return }
            _ = try? query.value(in: FuzzDay.state, at: FuzzDay.now)
        },
        FuzzTarget(name: "address") { bytes in
            let (reference, base) = bytes.halves
            let whole = base.isEmpty ? "http://a.example/b/c?d#e" : base.text
            _ = URLReference.resolve(reference.text, from: whole)
            if let url = try? PreparedURL(reference.text) {
                let text = url.text(adding: "a=b")
                try require(text.hasPrefix("http://") || text.hasPrefix("https://"), "another scheme: \(text)")
            }
        },
    ]
}
