import Experiments
import MeshModel
import Yams

/// Objectives out of OpenSLO files: version `openslo/v1` of the specification in the README of OpenSLO/OpenSLO.
///
/// gameday sees the answers and the latencies of a service, so an SLO can be taken whose indicator is one of these: a
/// ratio of good or bad requests, a ratio of requests within a bucket (`le="0.3"`), or a threshold on a quantile. What
/// can't be taken is told with its line. Queries are not run: they only tell what is meant.
struct OpenSLO {
    private let service: ServiceName?
    /// Every document of kind SLI, by its name.
    private var indicators: [String: SettingsNode] = [:]

    /// Reads the files that these nodes name, relative to the folder of `file`. `service` stands in for the documents'
    /// own name of it.
    static func objectives(of paths: [SettingsNode], beside file: String, service: ServiceName?) -> [Objective] {
        objectives(in: paths.flatMap { read($0, beside: file) }, service: service)
    }

    static func objectives(in documents: [SettingsNode], service: ServiceName?) -> [Objective] {
        var reader = OpenSLO(service: service)
        for document in documents where document["kind"]?.scalar == "SLI" {
            if let name = document["metadata"]?["name"]?.scalar { reader.indicators[name] = document }
        }
        return documents.filter { $0["kind"]?.scalar == "SLO" }.flatMap { reader.objectives(of: $0) }
    }

    private init(service: ServiceName?) {
        self.service = service
    }

    private static func read(_ path: SettingsNode, beside file: String) -> [SettingsNode] {
        guard let name = path.text("openslo") else { return [] }
        let folder = file.lastIndex(of: "/").map { file[...$0] } ?? ""
        let place = name.hasPrefix("/") ? name : folder + name
        let text: String
        do { text = try FileContent.readText(place, upTo: FileContent.largestYAML) } catch {
            path.mistake("\(place) can't be read: \(error)", "Paths are relative to the folder of this file.")
            return []
        }
        if let line = YAMLBounds.lineOfHugeKey(in: text) {
            let words = "a key must be a plain text, not a list or an alias"
            path.log.add(SettingsMistake(line: line, message: words, file: place))
            return []
        }
        return documents(in: text, at: place, for: path)
    }

    /// The documents of a file that `path` asked for.
    static func documents(in text: String, at place: String, for path: SettingsNode) -> [SettingsNode] {
        do {
            var sequence = try Yams.compose_all(yaml: text)
            var nodes: [Node] = []
            while let node = sequence.next() { nodes.append(node) }
            // The sequence only ends where a document is no YAML.
            if let error = sequence.error { throw error }
            let documents = nodes.map { SettingsNode(node: $0, log: path.log, file: place) }
            if !documents.contains(where: { $0["kind"]?.scalar == "SLO" }) {
                path.mistake("\(place) holds no document of kind SLO")
            }
            return documents.filter { isKnown($0) }
        } catch {
            var mistake = Settings.mistake(of: error)
            mistake.file = place
            path.log.add(mistake)
            return []
        }
    }

    private static func isKnown(_ document: SettingsNode) -> Bool {
        guard ["SLO", "SLI"].contains(document["kind"]?.scalar) else { return false }
        let version = document["apiVersion"]?.scalar ?? "none"
        if version != "openslo/v1" {
            (document["apiVersion"] ?? document).mistake(
                "apiVersion \(version) is not read", "Write it as apiVersion: openslo/v1.")
        }
        return version == "openslo/v1"
    }

    private func objectives(of document: SettingsNode) -> [Objective] {
        let metadata = document["metadata"]
        guard let name = metadata?["displayName"]?.scalar ?? metadata?["name"]?.scalar, let spec = document["spec"]
        else {
            document.mistake("an SLO needs 'metadata' with 'name', and 'spec'")
            return []
        }
        guard let service = service ?? spec["service"]?.scalar.map({ ServiceName($0) }) else {
            spec.mistake("'\(name)' names no service", "Write spec.service, or service beside openslo in gameday.yaml.")
            return []
        }
        if let method = spec["budgetingMethod"], method.scalar != "Occurrences" {
            method.mistake(
                "'\(name)' has budgetingMethod \(method.scalar ?? "?"); gameday counts requests", "Use Occurrences.")
            return []
        }
        guard let indicator = indicator(of: spec, name), let list = spec["objectives"]?.items(of: "objectives") else {
            if spec["objectives"] == nil { spec.mistake("'\(name)' has no objectives") }
            return []
        }
        let window = spec["timeWindow"].flatMap { self.window($0) } ?? Objective.usualWindow
        return list.compactMap { item in
            guard let bound = bound(item, indicator, name) else { return nil }
            let own = item["displayName"]?.scalar
            let title =
                list.count > 1 ? own ?? "\(name) \(list.firstIndex { $0.line == item.line }.map { $0 + 1 } ?? 0)" : name
            return Objective(name: title, service: service, indicator: bound, window: window)
        }
    }

    private func indicator(of spec: SettingsNode, _ name: String) -> SettingsNode? {
        if let inline = spec["indicator"] { return inline["spec"] ?? inline }
        guard let reference = spec["indicatorRef"], let wanted = reference.scalar else {
            spec.mistake("'\(name)' has neither indicator nor indicatorRef")
            return nil
        }
        guard let found = indicators[wanted] else {
            let near = Quantity.nearest(to: wanted, among: Array(indicators.keys)).map { "Did you mean '\($0)'?" }
            reference.mistake("there is no SLI named '\(wanted)'", near ?? "List its file under openslo, too.")
            return nil
        }
        return found["spec"]
    }

    private func bound(_ item: SettingsNode, _ indicator: SettingsNode, _ name: String) -> Objective.Indicator? {
        if let ratio = indicator["ratioMetric"] { return self.ratio(ratio, item, name) }
        if let threshold = indicator["thresholdMetric"] { return self.threshold(threshold, item, name) }
        indicator.mistake("'\(name)' has neither ratioMetric nor thresholdMetric")
        return nil
    }

    private func ratio(_ metric: SettingsNode, _ item: SettingsNode, _ name: String) -> Objective.Indicator? {
        guard let target = target(item, name) else { return nil }
        let query = Self.words(metric["good"] ?? metric["bad"] ?? metric["raw"])
        if let limit = Self.bucket(query) { return .latency(quantile: target, limit: limit) }
        if Self.isLatency(query) {
            (metric["good"] ?? metric).mistake(
                "'\(name)' counts requests by their latency, and its query does not say how long they may take",
                "Count a bucket, like http_request_duration_seconds_bucket{le=\"0.3\"}.")
            return nil
        }
        return .success(target: target)
    }

    private func threshold(_ metric: SettingsNode, _ item: SettingsNode, _ name: String) -> Objective.Indicator? {
        let query = Self.words(metric)
        guard let text = item["value"]?.scalar, let value = Double(text), value.isFinite, value > 0 else {
            item.mistake("an objective of a thresholdMetric needs 'value', a number above 0")
            return nil
        }
        switch item["op"]?.scalar {
        case "lte", "lt":
            guard let quantile = Self.quantile(query) else {
                metric.mistake(
                    "'\(name)' does not say which quantile of latency it means",
                    "Use histogram_quantile(0.99, …), or name the metric with p99.")
                return nil
            }
            return .latency(quantile: quantile, limit: value * Self.unit(query))
        case "gte", "gt":
            if value < 1, !Self.isLatency(query) { return .success(target: value) }
            item.mistake("'\(name)' is no share of good requests", "A success ratio has op: gte and a value below 1.")
        case let other:
            (item["op"] ?? item).mistake("op \(other ?? "is missing")", "One of lte, lt, gte, gt.")
        }
        return nil
    }

    private func target(_ item: SettingsNode, _ name: String) -> Double? {
        let share = item["target"]?.scalar.flatMap { Double($0) }
        let percent = item["targetPercent"]?.scalar.flatMap { Double($0) }.map { $0 / 100 }
        guard (share == nil) != (percent == nil), let target = share ?? percent, target > 0, target < 1 else {
            item.mistake("'\(name)' needs either target between 0 and 1, or targetPercent between 0 and 100")
            return nil
        }
        return target
    }

    /// Seconds of `30d`, `4w`, `1M`, `1Q`, `1Y`; a month is thirty days, a quarter ninety.
    private func window(_ list: SettingsNode) -> Double? {
        guard let item = list.items(of: "timeWindow").first, let duration = item["duration"], let text = duration.scalar
        else { return nil }
        let days = ["M": 30.0, "Q": 90, "Y": 365]
        if let unit = text.last.flatMap({ days[String($0)] }), let count = Double(text.dropLast()), count > 0 {
            return count * unit * 86_400
        }
        if let seconds = Quantity.seconds(text), seconds > 0 { return seconds }
        duration.mistake("timeWindow '\(text)' is no duration", "Like 30d, 4w or 1M.")
        return nil
    }
}

extension OpenSLO {
    /// All texts below a node, as one: queries and the names of metrics.
    private static func words(_ node: SettingsNode?) -> String {
        func collect(_ node: Node) -> [String] {
            switch node {
            case .scalar(let scalar): [scalar.string]
            case .sequence(let items): items.flatMap(collect)
            case .mapping(let members): members.flatMap { collect($0.value) }
            case .alias: []
            }
        }
        return node.map { collect($0.node).joined(separator: " ").lowercased() } ?? ""
    }

    private static func isLatency(_ query: String) -> Bool {
        ["latency", "duration", "rq_time", "request_time", "_bucket"].contains { query.contains($0) }
    }

    /// The upper bound in milliseconds of the bucket that a query counts.
    private static func bucket(_ query: String) -> Double? {
        let parts = query.split(separator: "\"", omittingEmptySubsequences: false)
        for (mark, value) in zip(parts, parts.dropFirst()) {
            let label = mark.filter { $0 != " " }
            guard label.hasSuffix("{le=") || label.hasSuffix(",le="), let bound = Double(value), bound > 0 else {
                continue
            }
            return bound * unit(query)
        }
        return nil
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
    private static func unit(_ query: String) -> Double {
        ["millisecond", "_ms", "rq_time", "request_time"].contains { query.contains($0) } ? 1 : 1000
    }
}
