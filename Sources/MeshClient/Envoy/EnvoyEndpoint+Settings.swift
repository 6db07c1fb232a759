internal import MeshModel

extension EnvoyEndpoint {
    /// What may be said of a proxy. Paths of PEM files and of secrets are relative to the settings.
    private static let keys = ["service", "admin", "names", "ca", "certificate", "key"] + ServerLogin.keys

    /// The `proxies` of gameday.yaml.
    static func list(_ list: SettingsNode, names: SettingsNode? = nil, in folder: String) -> [EnvoyEndpoint] {
        let rules = names.map { EnvoyNameRule.list($0) } ?? []
        var seen: Set<String> = []
        let items = list.items(of: "proxies")
        if items.isEmpty { list.mistake("'proxies' is empty", "List at least one: - admin: http://127.0.0.1:9901") }
        return items.compactMap { item in
            guard let members = item.members(of: "a proxy", keys: keys) else { return nil }
            guard let admin = members["admin"] else {
                item.mistake("a proxy needs 'admin'", "The URL of Envoy's admin page, like http://127.0.0.1:9901.")
                return nil
            }
            guard var endpoint = EnvoyEndpoint(admin, in: folder) else { return nil }
            let url = endpoint.unixSocket ?? endpoint.admin
            // It stands on screens and in recordings, where no secret may go.
            if !URLCredentials.all(in: url).isEmpty {
                admin.mistake(
                    "admin has a name or password in it",
                    "Name a file: bearer-file: token, or basic: {user: ana, password-file: secret}.")
            }
            if !seen.insert(url).inserted { admin.mistake("\(url) is listed twice", "Remove one of them.") }
            endpoint.service = members["service"]?.text("service").map { ServiceName($0) }
            endpoint.tls = TLSOptions(members, for: endpoint.admin, in: folder)
            endpoint.login = ServerLogin(members, for: endpoint.admin, in: folder)
            endpoint.names = (members["names"].map { EnvoyNameRule.list($0) } ?? []) + rules
            return endpoint
        }
    }

    /// An address as a person writes it: a URL, or `unix:` with the path of a socket.
    private init?(_ node: SettingsNode, in folder: String) {
        if let text = node.scalar, text.hasPrefix("unix:") {
            let path = "/" + text.dropFirst("unix:".count).drop { $0 == "/" }
            guard text.hasPrefix("unix:/"), path.utf8.count > 1, path.utf8.count < 108 else {
                node.mistake("admin is no path of a socket", "Write it like unix:/run/envoy/admin.sock.")
                return nil
            }
            self.init(admin: "http://localhost", unixSocket: path)
        } else {
            guard let url = node.url("admin", like: "http://127.0.0.1:9901") else { return nil }
            self.init(admin: url)
        }
    }
}

extension EnvoyNameRule {
    /// The `names` of all proxies or of one.
    static func list(_ list: SettingsNode) -> [EnvoyNameRule] {
        list.items(of: "names").compactMap { item in
            guard let members = item.members(of: "a name", keys: ["match", "service"]) else { return nil }
            guard let match = members["match"]?.text("match"), let service = members["service"]?.text("service") else {
                if members["match"] == nil || members["service"] == nil {
                    item.mistake("a name needs 'match' and 'service'", "Like {match: \"web-*\", service: web}.")
                }
                return nil
            }
            let rule = EnvoyNameRule(match: match, service: service)
            if let mistake = rule.mistake {
                members["match"]?.mistake(mistake, "Write a glob like web-*, or /a regular expression/.")
                return nil
            }
            return rule
        }
    }
}

extension TLSOptions {
    /// Reads `ca`, `certificate` and `key` of a server behind TLS.
    init(_ members: [String: SettingsNode], for url: String, in folder: String) {
        self.init(
            authorityFile: members["ca"]?.path("ca", in: folder),
            certificateFile: members["certificate"]?.path("certificate", in: folder),
            keyFile: members["key"]?.path("key", in: folder))
        for name in ["ca", "certificate", "key"] where !url.hasPrefix("https:") {
            members[name]?.mistake(
                "'\(name)' is for an https page, and \(url) is none", "Write https:// or leave it out.")
        }
        switch (members["certificate"], members["key"]) {
        case (let certificate?, nil): certificate.mistake("a certificate needs its 'key'")
        case (nil, let key?): key.mistake("a key needs its 'certificate'")
        default: break
        }
    }
}
