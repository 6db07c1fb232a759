internal import MeshModel

extension EnvoyEndpoint {
    /// What may be said of a proxy. Paths of PEM files and of secrets are relative to the settings.
    static let keys = ["service", "admin", "version", "zone", "names", "ca", "certificate", "key"] + ServerLogin.keys

    /// One item of the `proxies` of gameday.yaml.
    init?(
        _ members: [String: SettingsNode], of item: SettingsNode, names rules: [EnvoyNameRule], in folder: String
    ) {
        guard let admin = members["admin"] else {
            item.mistake(
                "a proxy needs 'admin'",
                "Use the URL of Envoy's admin page, such as http://127.0.0.1:9901, or a list with 'file_sd' or 'dns'.")
            return nil
        }
        self.init(admin, in: folder)
        // It stands on screens and in recordings, where no secret may go.
        if !URLCredentials.all(in: place).isEmpty {
            admin.mistake(
                "admin must not contain a user name or password",
                "Use a file: bearer-file: token, or basic: {user: ana, password-file: secret}.")
        }
        version = members["version"]?.text("version")
        zone = members["zone"]?.text("zone")
        takeRest(members, names: rules, in: folder)
    }

    /// What is said of one proxy and of a list alike.
    mutating func takeRest(_ members: [String: SettingsNode], names rules: [EnvoyNameRule], in folder: String) {
        service = members["service"]?.text("service").map { ServiceName($0) }
        tls = TLSOptions(members, for: admin, in: folder)
        login = ServerLogin(members, for: admin, in: folder)
        names = (members["names"].map { EnvoyNameRule.list($0) } ?? []) + rules
    }

    /// An address as a person writes it: a URL, or `unix:` with the path of a socket.
    private init?(_ node: SettingsNode, in folder: String) {
        if let text = node.scalar, text.hasPrefix("unix:") {
            let path = "/" + text.dropFirst("unix:".count).drop { $0 == "/" }
            guard text.hasPrefix("unix:/"), path.utf8.count > 1, path.utf8.count < 108 else {
                node.mistake("invalid socket path in admin", "Use a path such as unix:/run/envoy/admin.sock.")
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
                    item.mistake(
                        "a name needs 'match' and 'service'", "Use a rule such as {match: \"web-*\", service: web}.")
                }
                return nil
            }
            let rule = EnvoyNameRule(match: match, service: service)
            if let mistake = rule.mistake {
                members["match"]?.mistake(mistake, "Use a glob such as web-*, or /a regular expression/.")
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
                "'\(name)' needs an https page, but \(url) is not one", "Use https://, or remove it.")
        }
        switch (members["certificate"], members["key"]) {
        case (let certificate?, nil): certificate.mistake("a certificate needs its 'key'")
        case (nil, let key?): key.mistake("a key needs its 'certificate'")
        default: break
        }
    }
}
