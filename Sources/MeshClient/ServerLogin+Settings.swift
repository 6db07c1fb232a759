extension ServerLogin {
    /// Its keys in gameday.yaml.
    static let keys = ["bearer-file", "basic"]

    /// Reads `bearer-file: FILE` or `basic: {user: NAME, password-file: FILE}`; nil where there is neither.
    init?(_ members: [String: SettingsNode], for url: String, in folder: String) {
        if members["bearer-file"] != nil, let basic = members["basic"] {
            basic.mistake("basic and bearer-file together", "Remove one of them.")
            return nil
        }
        if let node = members["bearer-file"], let file = node.path("bearer-file", in: folder) {
            self.init(proof: .bearer(file: file))
        } else if let basic = members["basic"]?.members(of: "basic", keys: ["user", "password-file"]) {
            guard let user = basic["user"]?.text("user"),
                let file = basic["password-file"]?.path("password-file", in: folder)
            else {
                members["basic"]?.mistake(
                    "basic needs a user and a password-file", "Use basic: {user: ana, password-file: secret}.")
                return nil
            }
            self.init(proof: .basic(user: user, passwordFile: file))
        } else {
            return nil
        }
        if !url.hasPrefix("https:"), !Self.isLocal(url) {
            (members["bearer-file"] ?? members["basic"])?.mistake(
                "a secret would be sent in clear text", "Use https://.")
        }
    }

    private static func isLocal(_ url: String) -> Bool {
        let rest = url.dropFirst("http://".count)
        let host = rest.prefix { $0 != "/" }
        return host.hasPrefix("127.") || host.hasPrefix("[::1]") || host == "localhost" || host.hasPrefix("localhost:")
    }
}
