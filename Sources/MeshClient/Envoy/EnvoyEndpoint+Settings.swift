internal import MeshModel

extension EnvoyEndpoint {
    /// What may be said of a proxy. The last three are paths of PEM files, relative to the settings.
    private static let keys = ["service", "admin", "ca", "certificate", "key"]

    /// The `proxies` of gameday.yaml.
    static func list(_ list: SettingsNode, in folder: String) -> [EnvoyEndpoint] {
        var seen: Set<String> = []
        let items = list.items(of: "proxies")
        if items.isEmpty { list.mistake("'proxies' is empty", "List at least one: - admin: http://127.0.0.1:9901") }
        return items.compactMap { item in
            guard let members = item.members(of: "a proxy", keys: keys) else { return nil }
            guard let admin = members["admin"] else {
                item.mistake("a proxy needs 'admin'", "The URL of Envoy's admin page, like http://127.0.0.1:9901.")
                return nil
            }
            guard let url = admin.url("admin", like: "http://127.0.0.1:9901") else { return nil }
            // It stands on screens and in recordings, where no secret may go.
            if !URLCredentials.all(in: url).isEmpty {
                admin.mistake("admin has a name or password in it", "Envoy's admin page asks for none: leave it out.")
            }
            if !seen.insert(url).inserted { admin.mistake("\(url) is listed twice", "Remove one of them.") }
            var endpoint = EnvoyEndpoint(
                admin: url, service: members["service"]?.text("service").map { ServiceName($0) })
            endpoint.tls = TLSOptions(members, for: url, in: folder)
            return endpoint
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
