internal import MeshModel

/// Reads lists of targets in the form of Prometheus's `file_sd`, JSON or YAML: a list of `{targets: [HOST:PORT, …],
/// labels: {…}}`. Of the labels it takes `service` (else `app`, else `job`), `version`, `zone`, `__scheme__`, and `admin`
/// for an address other than the target's.
enum FileSD {
    /// More than a mesh has; a list of more is not believed.
    static let most = 50_000

    /// The targets in the order of a file; nil when it has a mistake, which is told.
    static func targets(_ text: String, in file: String, of list: TargetList, log: SettingsMistakes) -> [FoundTarget]? {
        let before = log.all.count
        func mistake(_ message: String, _ remedy: String) {
            log.add(SettingsMistake(line: 1, message: message, remedy: remedy, file: file))
        }
        // JSON is YAML, and so its mistakes have lines too.
        guard let documents = SettingsNode.documents(yaml: text, file: file, log: log) else { return nil }
        // A file of nothing is being written, or was emptied by mistake: a list says [] when it means it.
        guard let root = documents.first else {
            mistake("it is empty", "Use [] for an empty list.")
            return nil
        }
        if documents.count > 1 { mistake("it has \(documents.count) documents", "Use one list per file.") }
        var targets: [FoundTarget] = []
        var seen: Set<String> = []
        for group in root.items(of: "the list") {
            guard let members = group.members(of: "a group", keys: ["targets", "labels"]) else { continue }
            guard let items = members["targets"] else {
                group.mistake("a group needs 'targets'", "Use a list such as targets: [\"10.0.0.5:9901\"].")
                continue
            }
            let labels = members["labels"].map(labels) ?? [:]
            for item in items.items(of: "targets") {
                guard let target = target(item, labels, list) else { continue }
                guard seen.insert(target.url).inserted else {
                    item.mistake("\(target.url) is listed twice", "Remove one of them.")
                    continue
                }
                targets.append(target)
            }
            guard targets.count <= most else {
                group.mistake("more than \(most) targets")
                return nil
            }
        }
        return log.all.count == before ? targets : nil
    }

    private static func labels(_ node: SettingsNode) -> [String: SettingsNode] {
        let labels = node.mapping(of: "labels")
        return labels.filter { _, value in
            guard value.scalar == nil else { return true }
            value.mistake("a label must be a string")
            return false
        }
    }

    private static func target(
        _ item: SettingsNode, _ labels: [String: SettingsNode], _ list: TargetList
    ) -> FoundTarget? {
        guard let text = item.text("a target") else { return nil }
        func label(_ names: String...) -> String? {
            names.lazy.compactMap { labels[$0]?.scalar }.first { !$0.isEmpty }
        }
        let scheme = label("__scheme__") ?? list.scheme
        guard ["http", "https"].contains(scheme) else {
            (labels["__scheme__"] ?? item).mistake("the scheme '\(scheme)' is neither http nor https")
            return nil
        }
        let node = labels["admin"] ?? item
        guard let url = url(label("admin") ?? text, scheme, port: labels["admin"] == nil ? list.port : nil) else {
            node.mistake("invalid address '\(text.prefix(60))'", "Use HOST:PORT, such as 10.0.0.5:9901.")
            return nil
        }
        return FoundTarget(
            url: url, service: (label("service", "app", "job")).map { ServiceName($0) } ?? list.service,
            version: label("version"), zone: label("zone"))
    }

    /// The base URL of `HOST:PORT`, or of what is one already.
    private static func url(_ text: String, _ scheme: String, port: UInt16?) -> String? {
        if text.hasPrefix("http://") || text.hasPrefix("https://") { return SettingsNode.url(text) }
        let colon = text.lastIndex(of: ":").flatMap { text[$0...].contains("]") ? nil : $0 }
        let host = colon.map { String(text[..<$0]) } ?? text
        let said = colon.flatMap { UInt16(text[text.index(after: $0)...]) }
        guard !host.isEmpty, colon == nil || said != nil, let port = port ?? said, port > 0,
            host.hasPrefix("[") || !host.contains(":"), !host.contains("/"), !host.contains("@")
        else { return nil }
        return SettingsNode.url("\(scheme)://\(host):\(port)")
    }
}
