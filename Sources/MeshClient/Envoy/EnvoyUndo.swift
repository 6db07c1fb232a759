internal import MeshModel

/// One runtime setting of an Envoy.
struct EnvoySetting: Equatable, Sendable {
    var key: String
    var value: String

    static func json(_ settings: [EnvoySetting]) -> JSON {
        .object(settings.map { JSON.Member($0.key, .string($0.value)) })
    }
}

extension FaultPlan {
    /// The settings that make the fault, in a plan for Envoys.
    var settings: [EnvoySetting] {
        guard case .object(let members) = work else { return [] }
        return members.map { EnvoySetting(key: $0.name, value: $0.value.string ?? "") }
    }

    /// Those of one proxy: replicas that are configured differently have keys of their own.
    func settings(of part: FaultUndo.Part) -> [EnvoySetting] {
        settings.filter { part.keys.contains($0.key) }
    }
}

extension FaultUndo.Part {
    init(_ entry: EnvoyDirectory.Entry, keys: [String]) {
        let endpoint = entry.endpoint
        self.init(
            injector: SourceKind.envoy.rawValue, source: entry.source, place: endpoint.place, keys: keys,
            payload: endpoint.members)
    }
}

extension EnvoyEndpoint {
    /// Where it is, for whoever compares places.
    var place: String { unixSocket ?? admin }

    /// Where it is and how to ask it. Certificates and secrets stand there by their paths, which are none.
    fileprivate var members: [JSON.Member] {
        [
            JSON.Member("admin", .string(admin)), JSON.Member("socket", JSON(unixSocket)),
            JSON.Member("tls", tls == TLSOptions() ? .null : tls.json),
        ] + (login.map { [JSON.Member("login", $0.json)] } ?? [])
    }

    init(undoing fields: WireFields) throws(WireError) {
        self.init(admin: try fields.string("admin"), unixSocket: fields.value("socket")?.string)
        if fields.value("tls") != nil { tls = try TLSOptions(try fields.object("tls")) }
        if fields.value("login") != nil { login = try ServerLogin(try fields.object("login")) }
    }
}

extension TLSOptions {
    fileprivate var json: JSON {
        [
            "verifies": .bool(verifies), "authority": JSON(authorityFile), "certificate": JSON(certificateFile),
            "key": JSON(keyFile),
        ]
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init(
            verifies: try fields.bool("verifies"), authorityFile: fields.value("authority")?.string,
            certificateFile: fields.value("certificate")?.string, keyFile: fields.value("key")?.string)
    }
}

extension ServerLogin {
    /// The paths of the secrets, and none of them.
    fileprivate var json: JSON {
        switch proof {
        case .bearer(let file): ["bearer": .string(file)]
        case .basic(let user, let file): ["user": .string(user), "password": .string(file)]
        }
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        if fields.value("bearer") != nil {
            self.init(proof: .bearer(file: try fields.string("bearer")))
        } else {
            self.init(
                proof: .basic(user: try fields.string("user"), passwordFile: try fields.string("password")))
        }
    }
}
