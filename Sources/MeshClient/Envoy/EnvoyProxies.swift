internal import MeshModel

/// The `proxies` of gameday.yaml: those that it names itself, and lists of others.
struct EnvoyProxies: Sendable {
    /// One list, and what is the same of all that it names.
    struct Listed: Sendable {
        var list: TargetList
        var pattern: EnvoyEndpoint

        func endpoint(_ target: FoundTarget) -> EnvoyEndpoint {
            var endpoint = pattern
            endpoint.admin = target.url
            endpoint.service = target.service
            (endpoint.version, endpoint.zone) = (target.version, target.zone)
            return endpoint
        }
    }

    var fixed: [EnvoyEndpoint] = []
    var lists: [Listed] = []

    var summary: String {
        let count = fixed.isEmpty && !lists.isEmpty ? [] : ["\(fixed.count) proxies"]
        return (count + lists.map(\.list.name)).joined(separator: ", ")
    }

    /// Reads all items, and the names of all of them; every mistake is told.
    init(_ list: SettingsNode, names: SettingsNode? = nil, in folder: String) {
        let rules = names.map { EnvoyNameRule.list($0) } ?? []
        let items = list.items(of: "proxies")
        if items.isEmpty { list.mistake("'proxies' is empty", "List at least one: - admin: http://127.0.0.1:9901") }
        var seen: Set<String> = []
        for item in items {
            guard let members = item.members(of: "a proxy", keys: EnvoyEndpoint.keys + TargetList.keys) else {
                continue
            }
            if TargetList.isNamed(in: members) {
                members["admin"]?.mistake("a list already has the addresses of its proxies", "Use two items.")
                for key in ["version", "zone"] {
                    members[key]?.mistake("a list already has the \(key) of its proxies", "Remove it.")
                }
                if let listed = Listed(members, names: rules, in: folder) { lists.append(listed) }
                continue
            }
            for key in TargetList.keys {
                members[key]?.mistake("'\(key)' needs 'file_sd' or 'dns'", "Remove it.")
            }
            guard let endpoint = EnvoyEndpoint(members, of: item, names: rules, in: folder) else { continue }
            if !seen.insert(endpoint.place).inserted {
                members["admin"]?.mistake("\(endpoint.place) is listed twice", "Remove one of them.")
            }
            fixed.append(endpoint)
        }
    }
}

extension EnvoyProxies.Listed {
    fileprivate init?(_ members: [String: SettingsNode], names rules: [EnvoyNameRule], in folder: String) {
        guard let list = TargetList(members, in: folder) else { return nil }
        var pattern = EnvoyEndpoint(admin: "\(list.scheme)://host")
        pattern.takeRest(members, names: rules, in: folder)
        self.init(list: list, pattern: pattern)
    }
}
