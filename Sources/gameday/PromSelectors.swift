/// The series that a Prometheus query asks for: the names of metrics and the labels that narrow them. What is calculated
/// with them is not read; whether anything is, is told.
struct PromSelectors {
    struct Matcher: Hashable {
        var label: String
        /// One of = != =~ !~
        var comparison: String
        var value: String

        var isNegated: Bool { comparison.hasPrefix("!") }
    }

    struct Selector {
        var metric: String
        var matchers: [Matcher]
    }

    private(set) var all: [Selector] = []
    /// The first thing in the query that changes what the series mean: an operator, an offset.
    private(set) var change: String?

    private var rest: Substring

    private static let groupings: Set = ["by", "without", "on", "ignoring", "group_left", "group_right"]
    private static let aggregations: Set = [
        "sum", "min", "max", "avg", "count", "group", "topk", "bottomk", "quantile",
    ]

    /// Nil when braces or quotes are not closed.
    init?(_ query: String) {
        rest = query[...]
        while let first = rest.first {
            guard take(first) else { return nil }
        }
    }

    private mutating func take(_ first: Character) -> Bool {
        switch first {
        case "\"", "'", "`": return string() != nil
        case "[": return skip(to: "]")
        case "{": return takeMatchers(of: "")
        case _ where first.isLetter || first == "_" || first == ":": return takeWord()
        case _ where first.isNumber || first == ".":
            rest = rest.drop { $0.isNumber || $0.isLetter || $0 == "." }
        case "+", "-", "*", "/", "%", "^", "<", ">", "=", "!", "@":
            change = change ?? String(first)
            rest = rest.dropFirst()
        default: rest = rest.dropFirst()
        }
        return true
    }

    private mutating func takeWord() -> Bool {
        let word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" })
        rest = rest.dropFirst(word.count).drop { $0.isWhitespace }
        let small = word.lowercased()
        if Self.groupings.contains(small), rest.first == "(" { return skip(to: ")") }
        if ["and", "or", "unless", "offset"].contains(small) {
            change = change ?? small
            return true
        }
        if rest.first == "{" { return takeMatchers(of: word) }
        guard rest.first != "(", small != "inf", small != "nan" else { return true }
        let isAggregation = Self.aggregations.contains(small) && (rest.hasPrefix("by") || rest.hasPrefix("without"))
        if !isAggregation { all.append(Selector(metric: word, matchers: [])) }
        return true
    }

    private mutating func takeMatchers(of metric: String) -> Bool {
        var selector = Selector(metric: metric, matchers: [])
        rest = rest.dropFirst()
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "," }
            guard let first = rest.first else { return false }
            if first == "}" {
                rest = rest.dropFirst()
                all.append(selector)
                return true
            }
            let label = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == ":" })
            rest = rest.dropFirst(label.count).drop { $0.isWhitespace }
            let comparison = String(rest.prefix { "=!~".contains($0) })
            rest = rest.dropFirst(comparison.count).drop { $0.isWhitespace }
            guard !label.isEmpty, ["=", "!=", "=~", "!~"].contains(comparison), let value = string() else {
                return false
            }
            if label == "__name__", comparison == "=" {
                selector.metric = value
            } else {
                selector.matchers.append(Matcher(label: label, comparison: comparison, value: value))
            }
        }
    }

    private mutating func skip(to end: Character) -> Bool {
        guard let place = rest.firstIndex(of: end) else { return false }
        rest = rest[rest.index(after: place)...]
        return true
    }

    /// The text in quotes; a backslash stands before what is meant as itself.
    private mutating func string() -> String? {
        guard let quote = rest.first, "\"'`".contains(quote) else { return nil }
        rest = rest.dropFirst()
        var text = ""
        while let next = rest.popFirst() {
            if next == quote { return text }
            if next == "\\", quote != "`", let escaped = rest.popFirst() {
                text.append(escaped)
            } else {
                text.append(next)
            }
        }
        return nil
    }
}

extension PromSelectors.Matcher {
    /// Labels that tell how a request was answered.
    private static let ofStatus: Set = [
        "code", "status", "status_code", "statuscode", "http_code", "http_status", "http_status_code", "response_code",
        "http_response_code", "http_response_status_code", "response_status", "response_status_code", "code_class",
        "status_class", "response_code_class", "envoy_response_code", "envoy_response_code_class",
    ]
    /// Labels that tell which service is meant, and which of its requests no one.
    private static let ofIdentity: Set = [
        "service", "service_name", "app", "application", "app_kubernetes_io_name", "job", "namespace", "env",
        "environment", "cluster", "cluster_name", "envoy_cluster_name", "region", "datacenter", "container", "reporter",
        "exported_service", "exported_job", "exported_namespace", "kubernetes_name", "kubernetes_namespace",
        "destination_service", "destination_service_name", "destination_service_namespace", "destination_app",
        "destination_workload", "destination_workload_namespace", "destination_canonical_service",
    ]

    var isOfStatus: Bool { Self.ofStatus.contains(label.lowercased()) }
    var isOfIdentity: Bool { Self.ofIdentity.contains(label.lowercased()) }

    /// The codes from 200 to 599 that are let through; nil when the value is no code and no class of codes.
    var codes: Set<Int>? {
        let all = 200...599
        func matching(_ text: (Int) -> String) -> Set<Int> { Set(all.filter { matches(text($0)) }) }
        let forms: [(Int) -> String] = [{ "\($0)" }, { "\($0 / 100)xx" }, { "\($0 / 100)" }]
        guard let found = forms.lazy.map(matching).first(where: { !$0.isEmpty }) else { return nil }
        return isNegated ? Set(all).subtracting(found) : found
    }

    /// Whether a value is the one that is named, or one of those; a pattern is anchored at both ends, as in Prometheus.
    private func matches(_ text: String) -> Bool {
        guard comparison.hasSuffix("~") else { return value.lowercased() == text }
        guard let pattern = try? Regex(value.lowercased()) else { return false }
        return (try? pattern.wholeMatch(in: text)) != nil
    }
}
