internal import MeshModel

/// One toxic as a Toxiproxy shows and takes it; `type` is its word, of which plug-ins may bring others.
struct ToxiproxyToxic: Equatable, Sendable {
    static let downstream = "downstream"
    static let upstream = "upstream"

    var name: String
    var type: String
    /// `downstream`, towards the client, or `upstream`.
    var stream: String
    /// The share of connections that it acts on. The server takes any number, so it may lie outside 0...1.
    var toxicity: Double
    var attributes: [JSON.Member]

    func attribute(_ name: String) -> Int64? { attributes.first { $0.name == name }?.value.integer }

    var json: JSON {
        // A whole number is read back as one.
        let whole = Int64(exactly: toxicity)
        return [
            "name": .string(name), "type": .string(type), "stream": .string(stream),
            "toxicity": whole.map { .integer($0) } ?? .double(toxicity),
            "attributes": .object(attributes),
        ]
    }

    /// True when a server that was told of one shows the other: attributes that it does not know are left out, and of
    /// the toxicity it keeps a number of 32 bits.
    func isShown(as other: ToxiproxyToxic) -> Bool {
        name == other.name && type == other.type && stream == other.stream
            && abs(toxicity - other.toxicity) < 1e-6
            && other.attributes.allSatisfy { member in
                attributes.first { $0.name == member.name }.map { $0.value == member.value } ?? true
            }
    }
}

/// One proxy with its toxics, as `GET /proxies/NAME` of Toxiproxy 2.0 to 2.12 shows it.
struct ToxiproxyProxy: Equatable, Sendable {
    var name: String
    /// Where clients connect, with the port that the system chose.
    var listen: String
    var upstream: String
    var isEnabled: Bool
    var toxics: [ToxiproxyToxic]

    func toxic(_ name: String) -> ToxiproxyToxic? { toxics.first { $0.name == name } }
}

/// Reads the answers of a Toxiproxy's API. What is unknown in them is skipped; what is missing is told with its path.
enum ToxiproxyWire {
    /// More proxies, or toxics of one, than a person has; a server that shows more is not believed.
    static let most = 10_000

    /// `GET /proxies`: an object by name. The proxies come in the order of their names.
    static func proxies(_ bytes: [UInt8]) throws(WireError) -> [ToxiproxyProxy] {
        let page = "/proxies"
        guard case .object(let members) = try json(bytes, page) else {
            throw WireError(page: page, path: "", found: "expected an object")
        }
        guard members.count <= most else {
            throw WireError(page: page, path: "", found: "it has more than \(most) proxies")
        }
        var proxies: [ToxiproxyProxy] = []
        for member in members { proxies.append(try proxy(member.value, page, path: member.name)) }
        return proxies.sorted { $0.name < $1.name }
    }

    /// `GET /proxies/NAME`.
    static func proxy(_ bytes: [UInt8]) throws(WireError) -> ToxiproxyProxy {
        let page = "/proxies/NAME"
        return try proxy(try json(bytes, page), page, path: "")
    }

    /// A proxy as we keep it ourselves, in the ledger.
    static func proxy(_ value: JSON, _ page: String, path: String) throws(WireError) -> ToxiproxyProxy {
        guard case .object = value else { throw WireError(page: page, path: path, found: "expected an object") }
        let fields = WireFields(value, page: page, path: path)
        let listed = try fields.objects("toxics")
        guard listed.count <= most else { throw WireError(page: page, path: path, found: "it has too many toxics") }
        var toxics: [ToxiproxyToxic] = []
        for toxic in listed { toxics.append(try self.toxic(toxic)) }
        return ToxiproxyProxy(
            name: try fields.string("name"), listen: try fields.string("listen"),
            upstream: try fields.string("upstream"), isEnabled: try fields.bool("enabled"), toxics: toxics)
    }

    static func toxic(_ fields: WireFields) throws(WireError) -> ToxiproxyToxic {
        var attributes: [JSON.Member] = []
        if case .object(let members)? = fields.value("attributes") { attributes = members }
        let toxicity = fields.value("toxicity") == nil ? 1 : try fields.double("toxicity")
        return ToxiproxyToxic(
            name: try fields.string("name"), type: try fields.string("type"),
            stream: fields.value("stream")?.string ?? ToxiproxyToxic.downstream, toxicity: toxicity,
            attributes: attributes)
    }

    /// `GET /version`: a plain number until 2.6, and `{"version": "2.12.0"}` from then on, which is no good JSON in some.
    static func version(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        let version = text.drop { !$0.isASCII || !$0.isNumber }.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        return version.contains(".") ? String(version) : nil
    }

    /// The sentence of `{"error": …, "status": …}`, else the beginning of what was said.
    static func complaint(_ bytes: [UInt8]) -> String {
        let said = (try? JSON(parsing: Array(bytes.prefix(10_000))))?["error"]?.string
        return String((said ?? String(decoding: bytes.prefix(120), as: UTF8.self)).prefix(300))
    }

    private static func json(_ bytes: [UInt8], _ page: String) throws(WireError) -> JSON {
        do { return try JSON(parsing: bytes) } catch {
            throw WireError(page: page, path: "", found: error.message)
        }
    }
}

extension ToxiproxyProxy {
    /// As the API takes it and the ledger keeps it.
    var json: JSON {
        [
            "name": .string(name), "listen": .string(listen), "upstream": .string(upstream),
            "enabled": .bool(isEnabled), "toxics": .array(toxics.map(\.json)),
        ]
    }
}
