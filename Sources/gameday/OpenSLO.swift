import Experiments
import MeshClient
import MeshModel

/// Objectives out of OpenSLO files: version `openslo/v1` of the specification in the README of OpenSLO/OpenSLO.
///
/// gameday sees the answers and the latencies of a service, so an SLO can be taken whose indicator is one of these: a
/// ratio of good or bad requests, a ratio of requests within a bucket (`le="0.3"`), or a threshold on a quantile. What
/// can't be taken is told with its line. Its query only tells what is meant; one that gameday has no counts for is run as it
/// is where there is a Prometheus. Nothing is passed over: a key, a label or a function that would change the meaning is
/// refused.
struct OpenSLO {
    private let service: ServiceName?
    /// There is a Prometheus to run them.
    private let runsQueries: Bool
    /// Every document of kind SLI, by its name.
    private var indicators: [String: SettingsNode] = [:]
    /// The types of the documents of kind DataSource, by their names.
    private var sources: [String: String] = [:]

    /// Kinds of OpenSLO v1 that hold no objective.
    private static let others: Set = [
        "DataSource", "Service", "AlertPolicy", "AlertCondition", "AlertNotificationTarget",
    ]

    /// Reads the files that these nodes name, relative to the folder of `file`. `service` stands in for the documents'
    /// own name of it.
    static func objectives(
        of paths: [SettingsNode], beside file: String, service: ServiceName?, runsQueries: Bool
    ) -> [Objective] {
        objectives(in: paths.flatMap { read($0, beside: file) }, service: service, runsQueries: runsQueries)
    }

    static func objectives(
        in documents: [SettingsNode], service: ServiceName?, runsQueries: Bool
    ) -> [Objective] {
        var reader = OpenSLO(service: service, runsQueries: runsQueries)
        for document in documents {
            guard let name = document["metadata"]?["name"]?.scalar else { continue }
            switch document["kind"]?.scalar {
            case "SLI": reader.indicators[name] = document
            case "DataSource": reader.sources[name] = document["spec"]?["type"]?.scalar
            default: continue
            }
        }
        return documents.filter { $0["kind"]?.scalar == "SLO" }.flatMap { reader.objectives(of: $0) }
    }

    private init(service: ServiceName?, runsQueries: Bool) {
        self.service = service
        self.runsQueries = runsQueries
    }

    private static func read(_ path: SettingsNode, beside file: String) -> [SettingsNode] {
        guard let name = path.text("openslo") else { return [] }
        let folder = file.lastIndex(of: "/").map { file[...$0] } ?? ""
        let place = name.hasPrefix("/") ? name : folder + name
        let text: String
        do { text = try FileContent.readText(place, upTo: FileContent.largestYAML) } catch {
            path.mistake("\(place) cannot be read: \(error)", "Paths are relative to the folder of this file.")
            return []
        }
        return documents(in: text, at: place, for: path)
    }

    /// The documents of a file that `path` asked for.
    static func documents(in text: String, at place: String, for path: SettingsNode) -> [SettingsNode] {
        guard let documents = SettingsNode.documents(yaml: text, file: place, log: path.log) else { return [] }
        if !documents.contains(where: { $0["kind"]?.scalar == "SLO" }) {
            path.mistake("\(place) has no document of kind SLO")
        }
        return documents.filter { isKnown($0) }
    }

    private static func isKnown(_ document: SettingsNode) -> Bool {
        let kind = document["kind"]?.scalar ?? "none"
        if others.contains(kind) { return kind == "DataSource" }
        guard ["SLO", "SLI"].contains(kind) else {
            (document["kind"] ?? document).mistake(
                "unsupported kind \(kind)", "Use one of SLO, SLI, DataSource, Service.")
            return false
        }
        let version = document["apiVersion"]?.scalar ?? "none"
        if version != "openslo/v1" {
            (document["apiVersion"] ?? document).mistake(
                "unsupported apiVersion \(version)", "Use apiVersion: openslo/v1.")
        }
        return version == "openslo/v1"
    }

    private func objectives(of document: SettingsNode) -> [Objective] {
        let metadata = document["metadata"]
        _ = document.members(of: "an SLO", keys: ["apiVersion", "kind", "metadata", "spec"])
        guard let name = metadata?["displayName"]?.scalar ?? metadata?["name"]?.scalar, let spec = document["spec"]
        else {
            document.mistake("an SLO needs 'metadata' with 'name', and 'spec'")
            return []
        }
        let isKnown =
            spec.members(
                of: "the spec of an SLO",
                keys: [
                    "description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod",
                    "objectives",
                    "alertPolicies",
                ]) != nil
        guard isKnown, let service = service ?? spec["service"]?.scalar.map({ ServiceName($0) }) else {
            spec.mistake("'\(name)' names no service", "Add spec.service, or service beside openslo in gameday.yaml.")
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
        var window = Objective.usualWindow
        if let list = spec["timeWindow"] {
            guard let told = self.window(list, name) else { return [] }
            window = told
        }
        return list.compactMap { item in
            guard isWhole(item, name), let bound = bound(item, indicator, name) else { return nil }
            let own = item["displayName"]?.scalar
            let title =
                list.count > 1 ? own ?? "\(name) \(list.firstIndex { $0.line == item.line }.map { $0 + 1 } ?? 0)" : name
            return Objective(
                name: title, service: service, indicator: bound.indicator, window: window, query: bound.query)
        }
    }

    /// An objective with an indicator or slices of its own is another one than we would make of it.
    private func isWhole(_ item: SettingsNode, _ name: String) -> Bool {
        for key in ["indicator", "indicatorRef", "compositeWeight", "timeSliceTarget", "timeSliceWindow"] {
            guard let node = item[key] else { continue }
            node.mistake(
                "'\(name)' has an objective with '\(key)', which gameday does not support",
                "Write a separate SLO for it, with one indicator and budgetingMethod: Occurrences.")
            return false
        }
        let known = ["displayName", "op", "value", "target", "targetPercent"]
        return item.members(of: "an objective", keys: known)?.count == item.memberCount
    }

    private func indicator(of spec: SettingsNode, _ name: String) -> SettingsNode? {
        if spec["indicator"] != nil, let reference = spec["indicatorRef"] {
            reference.mistake("'\(name)' has both indicator and indicatorRef", "Remove one of them.")
            return nil
        }
        if let inline = spec["indicator"] { return inline["spec"] ?? inline }
        guard let reference = spec["indicatorRef"], let wanted = reference.scalar else {
            spec.mistake("'\(name)' has neither indicator nor indicatorRef")
            return nil
        }
        guard let found = indicators[wanted] else {
            let near = Quantity.nearest(to: wanted, among: Array(indicators.keys)).map { "Did you mean '\($0)'?" }
            reference.mistake("unknown SLI '\(wanted)'", near ?? "List its file under openslo, too.")
            return nil
        }
        return found["spec"]
    }

    /// By gameday's own counts where they are meant, else by the query; what is wrong is told when neither can be.
    private func bound(_ item: SettingsNode, _ indicator: SettingsNode, _ name: String) -> ObjectiveBound? {
        let known = ["description", "ratioMetric", "thresholdMetric", "metadata"]
        guard let members = indicator.members(of: "an indicator", keys: known), members.count == indicator.memberCount
        else { return nil }
        let mistakes = SettingsMistakes()
        let told = members.mapValues { $0.telling(mistakes) }
        if let own = counted(item.telling(mistakes), indicator.telling(mistakes), told, name) {
            return ObjectiveBound(indicator: own)
        }
        let asked = asked(item, members, name)
        if runsQueries, let asked { return asked }
        let hint =
            asked == nil ? nil : "Or name a Prometheus under prometheus in gameday.yaml: it runs the query as it is."
        for var mistake in mistakes.all {
            mistake.remedy = [mistake.remedy, hint].compactMap(\.self).joined(separator: " ")
            if mistake.remedy?.isEmpty == true { mistake.remedy = nil }
            item.log.add(mistake)
        }
        return nil
    }

    private func asked(_ item: SettingsNode, _ members: [String: SettingsNode], _ name: String) -> ObjectiveBound? {
        let queries = OpenSLOQueries(name: name, sources: sources)
        let silent = SettingsMistakes()
        switch (members["ratioMetric"], members["thresholdMetric"]) {
        case (let ratio?, nil) where item["op"] == nil && item["value"] == nil:
            return target(item.telling(silent), name).flatMap { queries.ratio(ratio, target: $0) }
        case (nil, let threshold?): return queries.threshold(threshold, item)
        default: return nil
        }
    }

    private func counted(
        _ item: SettingsNode, _ indicator: SettingsNode, _ members: [String: SettingsNode], _ name: String
    ) -> Objective.Indicator? {
        let meaning = OpenSLOMeaning(name: name, sources: sources)
        switch (members["ratioMetric"], members["thresholdMetric"]) {
        case (let ratio?, nil):
            if let stray = item["op"] ?? item["value"] {
                stray.mistake(
                    "'\(name)' has the threshold of a thresholdMetric beside a ratioMetric", "Remove op and value.")
                return nil
            }
            return target(item, name).flatMap { meaning.ratio(ratio, target: $0) }
        case (nil, let threshold?): return meaning.threshold(threshold, item)
        case (nil, nil): indicator.mistake("'\(name)' has neither ratioMetric nor thresholdMetric")
        case (.some, .some): indicator.mistake("'\(name)' has both ratioMetric and thresholdMetric")
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

    /// Seconds of `30d`, `4w`, `1M`, `1Q`, `1Y`; a month is thirty days, a quarter ninety. Nil when it was refused.
    private func window(_ list: SettingsNode, _ name: String) -> Double? {
        let items = list.items(of: "timeWindow")
        guard let item = items.first, items.count == 1 else {
            list.mistake("'\(name)' has \(items.count) time windows", "Use one.")
            return nil
        }
        if let calendar = item["calendar"] ?? item["isRolling"].flatMap({ $0.scalar == "true" ? nil : $0 }) {
            calendar.mistake(
                "'\(name)' has a calendar window; gameday supports rolling windows only",
                "Use isRolling: true, and no calendar.")
            return nil
        }
        guard item.members(of: "a time window", keys: ["duration", "isRolling"])?.count == item.memberCount,
            let duration = item["duration"], let text = duration.scalar
        else {
            if item["duration"] == nil {
                item.mistake("missing duration of the time window of '\(name)'", "Use a duration such as 30d or 4w.")
            }
            return nil
        }
        let days = ["M": 30.0, "Q": 90, "Y": 365]
        if let unit = text.last.flatMap({ days[String($0)] }), let count = Double(text.dropLast()), count > 0 {
            return count * unit * 86_400
        }
        if let seconds = Quantity.seconds(text), seconds > 0 { return seconds }
        duration.mistake("invalid timeWindow '\(text)'", "Use a duration such as 30d, 4w or 1M.")
        return nil
    }
}
