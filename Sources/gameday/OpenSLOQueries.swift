import MeshClient
import MeshModel

/// Metrics of an SLO that gameday has no counts for, as queries which a Prometheus runs as they are.
struct OpenSLOQueries {
    /// What the SLO is called in messages.
    var name: String
    /// The types of data sources, by their names.
    var sources: [String: String]

    /// A ratio from 0 to 1: good requests of all, or all but the bad ones.
    func ratio(_ metric: SettingsNode, target: Double) -> ObjectiveBound? {
        let isCounter = metric["counter"]?.scalar == "true"
        let whole: String
        if let raw = metric["raw"].flatMap({ text($0, isCounter: false) }) {
            switch metric["rawType"]?.scalar {
            case "success": whole = raw
            case "failure": whole = "1 - (\(raw))"
            default: return nil
            }
        } else {
            guard (metric["good"] == nil) != (metric["bad"] == nil), let part = metric["good"] ?? metric["bad"],
                let some = text(part, isCounter: isCounter),
                let all = metric["total"].flatMap({ text($0, isCounter: isCounter) })
            else { return nil }
            whole = metric["good"] != nil ? "(\(some)) / (\(all))" : "1 - (\(some)) / (\(all))"
        }
        var bound = ObjectiveBound(indicator: .success(target: target))
        bound.query = Objective.Query(whole)
        return bound
    }

    /// A time that is to stay below a bound for a share of the time, or a ratio that is to stay above one.
    func threshold(_ metric: SettingsNode, _ item: SettingsNode) -> ObjectiveBound? {
        guard let query = text(metric, isCounter: false), let value = item["value"]?.scalar.flatMap({ Double($0) }),
            value.isFinite, value > 0
        else { return nil }
        var bound: ObjectiveBound
        switch item["op"]?.scalar {
        case "lte", "lt":
            let share = item["target"]?.scalar.flatMap { Double($0) }
            let percent = item["targetPercent"]?.scalar.flatMap { Double($0) }.map { $0 / 100 }
            guard let target = share ?? percent, target > 0, target < 1,
                let unit = PromUnit.milliseconds(in: query)
            else { return nil }
            bound = ObjectiveBound(indicator: .latency(quantile: target, limit: value * unit))
            bound.query = Objective.Query(query, factor: unit)
        case "gte", "gt":
            guard value < 1 else { return nil }
            bound = ObjectiveBound(indicator: .success(target: value))
            bound.query = Objective.Query(query)
        default: return nil
        }
        return bound
    }

    /// The query of a metric, which must be one for Prometheus. Of a counter its rate is meant.
    private func text(_ node: SettingsNode, isCounter: Bool) -> String? {
        let source = node["metricSource"]
        let type = source?["type"]?.scalar ?? source?["metricSourceRef"]?.scalar.flatMap { sources[$0] } ?? "prometheus"
        let spec = source?["spec"] ?? source ?? node
        guard type.lowercased() == "prometheus", let text = (spec["query"] ?? spec["promql"])?.scalar,
            text.contains(where: { !$0.isWhitespace }), !text.contains("{{")
        else { return nil }
        return isCounter && !text.contains("[") ? "sum(rate((\(text))[5m:15s]))" : text
    }
}
