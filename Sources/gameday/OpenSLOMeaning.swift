import MeshClient
import MeshModel

/// What the metrics of an SLO mean, as far as gameday sees the same: all answers of a service by their class, and how long
/// they took. What narrows the requests, or is calculated, is refused with its line.
struct OpenSLOMeaning {
    /// What the SLO is called in messages.
    var name: String
    /// The types of data sources, by their names.
    var sources: [String: String]

    /// Answers with 5xx are the bad ones, here as everywhere in gameday.
    private static let bad = Set(500...599)
    private static let good = Set(200...499)

    func ratio(_ metric: SettingsNode, target: Double) -> Objective.Indicator? {
        if let raw = metric["raw"] ?? metric["rawType"] {
            raw.mistake("'\(name)' has a ratio that is already calculated", "Use good or bad, and total.")
            return nil
        }
        let known = ["counter", "good", "bad", "total"]
        guard let members = metric.members(of: "a ratioMetric", keys: known), members.count == metric.memberCount else {
            return nil
        }
        guard (members["good"] == nil) != (members["bad"] == nil), let node = members["good"] ?? members["bad"] else {
            metric.mistake("'\(name)' needs either good or bad", "Use one of them, with total.")
            return nil
        }
        guard let selector = selector(node, "the query") else { return nil }
        let isGood = members["good"] != nil
        let text = Self.words(node)
        if Self.isLatency(text) || selector.matchers.contains(where: { $0.label == "le" }) {
            return latency(node, selector, text, isGood: isGood, total: members["total"], target: target)
        }
        guard counts(node, selector, isGood: isGood), isOfAll(members["total"], as: selector) else { return nil }
        return .success(target: target)
    }

    func threshold(_ metric: SettingsNode, _ item: SettingsNode) -> Objective.Indicator? {
        guard let text = item["value"]?.scalar, let value = Double(text), value.isFinite, value > 0 else {
            item.mistake("an objective of a thresholdMetric needs 'value', a number above 0")
            return nil
        }
        switch item["op"]?.scalar {
        case "lte", "lt": break
        case "gte", "gt":
            item.mistake("'\(name)' has a lower threshold", "Write a success ratio as a ratioMetric.")
            return nil
        case let other:
            (item["op"] ?? item).mistake("op \(other ?? "is missing")", "Use lte or lt.")
            return nil
        }
        guard let selector = selector(metric, "the query"), isNarrowed(metric, selector, by: []) == false else {
            return nil
        }
        let query = Self.words(metric)
        guard let quantile = Self.quantile(query) else {
            metric.mistake(
                "the latency quantile of '\(name)' is unknown",
                "Use histogram_quantile(0.99, …), or name the metric with p99.")
            return nil
        }
        let target = item["target"]?.scalar.flatMap { Double($0) }
        let percent = item["targetPercent"]?.scalar.flatMap { Double($0) }.map { $0 / 100 }
        if let told = target ?? percent, abs(told - quantile) > 1e-9 {
            (item["target"] ?? item["targetPercent"] ?? item).mistake(
                "'\(name)' has a target for the time within the threshold; gameday evaluates the quantile only",
                "Use target: \(quantile), or count a bucket in a ratioMetric.")
            return nil
        }
        return .latency(quantile: quantile, limit: value * Self.unit(query))
    }

    /// The one series that a metric is made of.
    private func selector(_ node: SettingsNode, _ what: String) -> PromSelectors.Selector? {
        guard isFromPrometheus(node) else { return nil }
        let query = Self.query(node)
        guard let read = PromSelectors(query.text) else {
            query.node.mistake("\(what) of '\(name)' cannot be read: a brace or a quote is not closed")
            return nil
        }
        guard read.all.count == 1, let selector = read.all.first else {
            query.node.mistake(
                "\(what) of '\(name)' uses \(read.all.count) metrics; gameday supports one",
                "Count the requests with one metric and its labels.")
            return nil
        }
        if let change = read.change {
            query.node.mistake(
                "\(what) of '\(name)' uses '\(change)', which gameday does not support",
                "Count the requests themselves, as in sum(rate(http_requests_total{code!~\"5..\"}[5m])).")
            return nil
        }
        return selector
    }

    private func isFromPrometheus(_ node: SettingsNode) -> Bool {
        guard let source = node["metricSource"] else { return true }
        let named = source["metricSourceRef"]?.scalar.flatMap { sources[$0] }
        guard let type = source["type"]?.scalar ?? named, type.lowercased() != "prometheus" else { return true }
        (source["type"] ?? source).mistake(
            "'\(name)' has a query for \(type), which gameday does not support", "Write it for Prometheus.")
        return false
    }

    /// True when the labels let through what gameday calls good, or bad, of all requests of the service.
    private func counts(_ node: SettingsNode, _ selector: PromSelectors.Selector, isGood: Bool) -> Bool {
        guard isNarrowed(node, selector, by: ["status"]) == false else { return false }
        let status = selector.matchers.filter(\.isOfStatus)
        guard !status.isEmpty else {
            node.mistake(
                "'\(name)' does not define which responses are \(isGood ? "good" : "bad")",
                "Select them by a label: code\(isGood ? "!~" : "=~")\"5..\".")
            return false
        }
        let codes = status.map(\.codes).reduce(Optional(Self.bad.union(Self.good))) { known, codes in
            known.flatMap { known in codes.map { known.intersection($0) } }
        }
        guard codes == (isGood ? Self.good : Self.bad) else {
            let words = status.map { "\($0.label)\($0.comparison)\"\($0.value)\"" }.joined(separator: ",")
            node.mistake(
                "'\(name)' calls \(words) \(isGood ? "good" : "bad"); for gameday, exactly the 5xx responses are bad",
                "Use code\(isGood ? "!~" : "=~")\"5..\", or remove the SLO from gameday.yaml.")
            return false
        }
        return true
    }

    private func latency(
        _ node: SettingsNode, _ selector: PromSelectors.Selector, _ text: String, isGood: Bool, total: SettingsNode?,
        target: Double
    ) -> Objective.Indicator? {
        let bucket = selector.matchers.first { $0.label == "le" }
        guard isGood, let bucket, bucket.comparison == "=", let bound = Double(bucket.value), bound.isFinite, bound > 0
        else {
            node.mistake(
                "'\(name)' counts requests by their latency, but its query has no latency limit",
                "Count a bucket as good, such as http_request_duration_seconds_bucket{le=\"0.3\"}.")
            return nil
        }
        guard isNarrowed(node, selector, by: ["le"]) == false, isOfAll(total, as: selector) else { return nil }
        return .latency(quantile: target, limit: bound * Self.unit(text))
    }

    /// True when the total is all requests of the same service.
    private func isOfAll(_ total: SettingsNode?, as part: PromSelectors.Selector) -> Bool {
        guard let total, !Self.words(total).isEmpty else { return true }
        guard let selector = selector(total, "the total"), isNarrowed(total, selector, by: ["le"]) == false else {
            return false
        }
        let (own, other) = (selector, part)
        guard Set(own.matchers.filter(\.isOfIdentity)) == Set(other.matchers.filter(\.isOfIdentity)) else {
            total.mistake(
                "the total of '\(name)' counts other requests than its good or bad part", "Use the same labels in both."
            )
            return false
        }
        if let bucket = own.matchers.first(where: { $0.label == "le" }), bucket.value != "+Inf" {
            total.mistake("the total of '\(name)' is a bucket", "Use le=\"+Inf\" or the metric's _count.")
            return false
        }
        return true
    }

    /// Tells the first label that takes some of the service's requests away.
    private func isNarrowed(_ node: SettingsNode, _ selector: PromSelectors.Selector, by known: Set<String>) -> Bool {
        let stranger = selector.matchers.first { matcher in
            !matcher.isOfIdentity && !known.contains(matcher.label) && !(known.contains("status") && matcher.isOfStatus)
        }
        guard let stranger else { return false }
        Self.query(node).node.mistake(
            "'\(name)' selects some requests only, by the label '\(stranger.label)'; gameday evaluates all requests of a service",
            "Remove the label, or the SLO from gameday.yaml.")
        return true
    }
}

extension OpenSLOMeaning {
    /// The text of a metric's query, or all that its source says, and where it stands.
    private static func query(_ node: SettingsNode) -> (text: String, node: SettingsNode) {
        let spec = node["metricSource"]?["spec"] ?? node["metricSource"] ?? node
        for key in ["query", "promql", "metric"] {
            if let text = spec[key]?.scalar, let found = spec[key] { return (text, found) }
        }
        return (spec.scalars.joined(separator: " "), spec)
    }

    private static func words(_ node: SettingsNode) -> String { query(node).text.lowercased() }

    private static func isLatency(_ query: String) -> Bool {
        ["latency", "duration", "rq_time", "request_time", "_bucket"].contains { query.contains($0) }
    }

    /// `histogram_quantile(0.99, …)`, or a name with `p99`.
    private static func quantile(_ query: String) -> Double? {
        if let call = query.firstRange(of: "histogram_quantile(") {
            let number = query[call.upperBound...].drop { $0 == " " }.prefix { $0.isNumber || $0 == "." }
            if let quantile = Double(number), quantile > 0, quantile < 1 { return quantile }
        }
        let known = [("p999", 0.999), ("p99", 0.99), ("p95", 0.95), ("p90", 0.9), ("p75", 0.75), ("p50", 0.5)]
        return known.first { query.contains($0.0) }?.1
    }

    /// Milliseconds in one of the query's units: seconds by the custom of Prometheus, unless a name says otherwise.
    private static func unit(_ query: String) -> Double { PromUnit.milliseconds(in: query) ?? 1000 }
}
