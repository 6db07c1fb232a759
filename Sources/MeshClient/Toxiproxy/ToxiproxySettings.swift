internal import MeshModel

/// The part `toxiproxy` of gameday.yaml.
enum ToxiproxySettings {
    private static let example = "http://127.0.0.1:8474"

    static func targets(_ list: SettingsNode) -> [ToxiproxyTarget] {
        let items = list.items(of: "toxiproxy")
        if items.isEmpty { list.mistake("'toxiproxy' is empty", "List at least one: - url: \(example)") }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let members = item.members(of: "a Toxiproxy", keys: ["url", "from", "names"]) else { return nil }
            guard let node = members["url"] else {
                item.mistake("a Toxiproxy needs 'url'", "Use the URL of its API, such as \(example).")
                return nil
            }
            guard let url = node.url("url", like: example) else { return nil }
            // It stands on screens and in recordings, where no secret may go.
            if !URLCredentials.all(in: url).isEmpty {
                node.mistake("url must not contain a user name or password", "Remove it: Toxiproxy has no login.")
            }
            if !seen.insert(url).inserted { node.mistake("\(url) is listed twice", "Remove one of them.") }
            var naming = ToxiproxyNaming(from: members["from"]?.text("from").map { ServiceName($0) })
            naming.rules = (members["names"]?.items(of: "names") ?? []).compactMap(rule)
            return ToxiproxyTarget(url: url, naming: naming)
        }
    }

    private static func rule(_ item: SettingsNode) -> ToxiproxyNaming.Rule? {
        guard let members = item.members(of: "a name", keys: ["match", "from", "to"]) else { return nil }
        guard let match = members["match"] else {
            item.mistake("a name needs 'match'", "Use the name of a proxy; * matches any text, ? one character.")
            return nil
        }
        let from = members["from"]?.text("from")
        let to = members["to"]?.text("to")
        if members["from"] == nil, members["to"] == nil {
            item.mistake("a name needs 'from' or 'to'", "Use a rule such as {match: redis*, from: cart, to: redis}.")
        }
        return match.text("match").map {
            ToxiproxyNaming.Rule(match: $0, from: from.map { ServiceName($0) }, to: to.map { ServiceName($0) })
        }
    }
}
