import MeshClient
import MeshModel

/// What an SLO of gameday.yaml is to keep, and the query that tells whether it does, if there is one.
struct ObjectiveBound {
    var indicator: Objective.Indicator
    var query: Objective.Query?
}

extension ObjectiveBound {
    /// `99.5%`, or `{query: …, target: 99.5%}` for a query whose answer is a ratio from 0 to 1.
    init?(success node: SettingsNode) {
        guard node.memberCount > 0 else {
            guard let target = node.ratio("success") else { return nil }
            indicator = .success(target: target)
            return
        }
        guard let members = node.members(of: "success", keys: ["query", "target"]) else { return nil }
        guard let query = members["query"]?.text("query"), let target = members["target"]?.ratio("target") else {
            if members["query"] == nil || members["target"] == nil {
                node.mistake(
                    "success needs a query and its target", "Use a target such as success: {query: '…', target: 99.5%}."
                )
            }
            return nil
        }
        indicator = .success(target: target)
        self.query = Objective.Query(query)
    }

    /// `{p99: 300ms}`, or with a query beside it whose answer is a time. Which unit that has is told by `unit`, or by the
    /// names in the query.
    init?(latency node: SettingsNode) {
        let quantiles = ["p50", "p75", "p90", "p95", "p99", "p99.9"]
        guard let members = node.members(of: "latency", keys: quantiles + ["query", "unit"]) else { return nil }
        let bounds = members.filter { quantiles.contains($0.key) }
        guard bounds.count == 1, let bound = bounds.first, let quantile = Double(bound.key.dropFirst()),
            let limit = bound.value.seconds(bound.key, in: 0.001...3600)
        else {
            if bounds.count != 1 {
                node.mistake("latency needs exactly one quantile", "Use a target such as latency: {p99: 300ms}.")
            }
            return nil
        }
        indicator = .latency(quantile: quantile / 100, limit: limit * 1000)
        guard let asked = members["query"] else {
            members["unit"]?.mistake("'unit' needs a query", "Remove it.")
            return
        }
        guard let text = asked.text("query") else { return nil }
        guard let factor = Self.milliseconds(members["unit"], of: text, asked) else { return nil }
        query = Objective.Query(text, factor: factor)
    }

    /// Milliseconds in one of the answer's units.
    private static func milliseconds(_ unit: SettingsNode?, of query: String, _ node: SettingsNode) -> Double? {
        guard let unit else {
            let known = PromUnit.milliseconds(in: query)
            if known == nil {
                node.mistake("the unit of the query's result is unknown", "Add unit: s or unit: ms.")
            }
            return known
        }
        switch unit.text("unit") {
        case "s": return 1000
        case "ms": return 1
        case nil: return nil
        case let other?:
            unit.mistake("unknown unit '\(other)'", "Use s or ms.")
            return nil
        }
    }
}

/// The unit of a time that a query of Prometheus answers, by the names in it.
enum PromUnit {
    /// Milliseconds in one of it; nil where no name tells.
    static func milliseconds(in query: String) -> Double? {
        let query = query.lowercased()
        if ["millisecond", "_ms", "rq_time", "request_time"].contains(where: query.contains) { return 1 }
        return query.contains("_seconds") ? 1000 : nil
    }
}
