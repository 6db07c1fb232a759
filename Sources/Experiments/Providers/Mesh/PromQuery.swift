internal import MeshModel

/// A query of Prometheus, as far as it asks for what gameday observes of a mesh: rates of `istio_requests_total` and
/// quantiles of `istio_request_duration_milliseconds`, aggregated and calculated with.
struct PromQuery: Sendable {
    /// What the query holds that we do not know.
    struct Mistake: Error, Equatable {
        var message: String
    }

    indirect enum Expression: Sendable {
        case number(Double)
        case rate(metric: Metric, matchers: [Matcher], factor: Double)
        case aggregate(Aggregation, by: [String]?, without: [String], Expression)
        case quantile(Expression, Expression)
        case binary(Character, Expression, Expression)
    }

    enum Metric: String, CaseIterable, Sendable {
        case requests = "istio_requests_total"
        case durations = "istio_request_duration_milliseconds_bucket"
        case durationCount = "istio_request_duration_milliseconds_count"
    }

    enum Aggregation: String, CaseIterable, Sendable {
        case sum, avg, min, max, count
    }

    struct Matcher: Sendable {
        var label: String
        var isNegated: Bool
        /// Nil compares the whole value; a pattern is anchored at both ends, as in Prometheus.
        var pattern: PythonRegex?
        var value: String
    }

    let expression: Expression

    init(_ text: String) throws(Mistake) {
        var parser = PromParser(text)
        expression = try parser.whole()
    }

    /// A number as Prometheus writes it.
    static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    }
}

/// Reads the query, letter by letter.
struct PromParser {
    /// What a person writes has a dozen. Each may be nested in the one before, so that the stack is bounded with them.
    private static let mostParts = 500

    private var rest: Substring
    private var parts = 0

    init(_ text: String) {
        rest = text[...]
    }

    mutating func whole() throws(PromQuery.Mistake) -> PromQuery.Expression {
        let expression = try sum()
        skipSpace()
        guard rest.isEmpty else { throw unknown() }
        return expression
    }

    private mutating func sum() throws(PromQuery.Mistake) -> PromQuery.Expression {
        var left = try product()
        while let sign = take(anyOf: "+-") { left = .binary(sign, left, try product()) }
        return left
    }

    private mutating func product() throws(PromQuery.Mistake) -> PromQuery.Expression {
        var left = try factor()
        while let sign = take(anyOf: "*/") { left = .binary(sign, left, try factor()) }
        return left
    }

    private mutating func factor() throws(PromQuery.Mistake) -> PromQuery.Expression {
        parts += 1
        guard parts <= Self.mostParts else {
            throw PromQuery.Mistake(message: "a query of more than \(Self.mostParts) parts is not read")
        }
        skipSpace()
        if take(anyOf: "(") != nil {
            let inner = try sum()
            try expect(")")
            return inner
        }
        if let first = rest.first, first.isNumber || first == "." {
            let digits = rest.prefix { $0.isNumber || $0 == "." || $0 == "e" }
            rest = rest.dropFirst(digits.count)
            guard let number = Double(digits) else { throw unknown() }
            return .number(number)
        }
        return try call(word())
    }

    private mutating func call(_ name: String) throws(PromQuery.Mistake) -> PromQuery.Expression {
        if let aggregation = PromQuery.Aggregation(rawValue: name) { return try aggregate(aggregation) }
        try expect("(")
        let expression: PromQuery.Expression
        switch name {
        case "rate", "irate", "increase": expression = try selector(isIncrease: name == "increase")
        case "histogram_quantile":
            let quantile = try sum()
            try expect(",")
            expression = .quantile(quantile, try sum())
        default: throw PromQuery.Mistake(message: "the function \(name) is not known here")
        }
        try expect(")")
        return expression
    }

    private mutating func aggregate(_ kind: PromQuery.Aggregation) throws(PromQuery.Mistake) -> PromQuery.Expression {
        var grouping = try self.grouping()
        try expect("(")
        let inner = try sum()
        try expect(")")
        if grouping == nil { grouping = try self.grouping() }
        guard let (word, labels) = grouping else { return .aggregate(kind, by: [], without: [], inner) }
        return word == "by"
            ? .aggregate(kind, by: labels, without: [], inner) : .aggregate(kind, by: nil, without: labels, inner)
    }

    private mutating func grouping() throws(PromQuery.Mistake) -> (String, [String])? {
        skipSpace()
        for name in ["by", "without"] where rest.hasPrefix(name) {
            rest = rest.dropFirst(name.count)
            try expect("(")
            var labels: [String] = []
            while take(anyOf: ")") == nil {
                labels.append(try word())
                _ = take(anyOf: ",")
            }
            return (name, labels)
        }
        return nil
    }

    private mutating func selector(isIncrease: Bool) throws(PromQuery.Mistake) -> PromQuery.Expression {
        let name = try word()
        guard let metric = PromQuery.Metric(rawValue: name) else {
            throw PromQuery.Mistake(message: "the metric \(name) is not observed here")
        }
        var matchers: [PromQuery.Matcher] = []
        if take(anyOf: "{") != nil {
            while take(anyOf: "}") == nil {
                matchers.append(try matcher())
                _ = take(anyOf: ",")
            }
        }
        try expect("[")
        let range = rest.prefix { $0 != "]" }
        rest = rest.dropFirst(range.count)
        guard let seconds = Quantity.seconds(String(range)) else { throw unknown() }
        try expect("]")
        return .rate(metric: metric, matchers: matchers, factor: isIncrease ? seconds : 1)
    }

    private mutating func matcher() throws(PromQuery.Mistake) -> PromQuery.Matcher {
        let label = try word()
        skipSpace()
        guard let sign = ["=~", "!~", "!=", "="].first(where: { rest.hasPrefix($0) }) else { throw unknown() }
        rest = rest.dropFirst(sign.count)
        skipSpace()
        guard let quote = take(anyOf: "\"'") else { throw unknown() }
        var value = ""
        while let next = rest.popFirst(), next != quote {
            value.append(next == "\\" ? rest.popFirst() ?? next : next)
        }
        var matcher = PromQuery.Matcher(label: label, isNegated: sign.hasPrefix("!"), pattern: nil, value: value)
        if sign.hasSuffix("~") {
            guard let pattern = try? PythonRegex("\\A(?:\(value))\\Z") else { throw unknown() }
            matcher.pattern = pattern
        }
        return matcher
    }

    private mutating func word() throws(PromQuery.Mistake) -> String {
        skipSpace()
        let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        guard !word.isEmpty else { throw unknown() }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    private mutating func take(anyOf signs: String) -> Character? {
        skipSpace()
        guard let first = rest.first, signs.contains(first) else { return nil }
        rest = rest.dropFirst()
        return first
    }

    private mutating func expect(_ sign: Character) throws(PromQuery.Mistake) {
        guard take(anyOf: String(sign)) != nil else { throw unknown() }
    }

    private mutating func skipSpace() {
        rest = rest.drop(while: \.isWhitespace)
    }

    private func unknown() -> PromQuery.Mistake {
        PromQuery.Mistake(message: "unknown expression at “\(rest.prefix(30))”")
    }
}
