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

    /// Where it is and how to ask it. Certificates stand there by their paths, which are no secrets.
    fileprivate var members: [JSON.Member] {
        [
            JSON.Member("admin", .string(admin)), JSON.Member("socket", JSON(unixSocket)),
            JSON.Member("tls", tls == TLSOptions() ? .null : tls.json),
        ]
    }

    init(undoing fields: WireFields) throws(WireError) {
        self.init(admin: try fields.string("admin"), unixSocket: fields.value("socket")?.string)
        if fields.value("tls") != nil { tls = try TLSOptions(try fields.object("tls")) }
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
