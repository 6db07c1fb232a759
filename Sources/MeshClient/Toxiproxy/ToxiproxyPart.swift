internal import MeshModel

/// What an undo says of one proxy: where it is, what of it has to go, and what it was like before.
struct ToxiproxyPart: Sendable {
    /// What the names of our toxics begin with, and nobody else's.
    static let prefix = "gameday-"
    /// The name of the toxic that marks a proxy which we switched off; it does nothing.
    static let offMark = "gameday-off"
    /// The key of a proxy that somebody else switched off.
    static let enabled = "enabled"

    let server: String
    /// As it was seen last before the fault.
    let proxy: ToxiproxyProxy
    /// The names of toxics, and `enabled`.
    let keys: [String]

    var name: String { proxy.name }

    init(_ part: FaultUndo.Part) throws(WireError) {
        server = try part.fields.string("server")
        proxy = try ToxiproxyWire.proxy(part.fields.value("proxy") ?? .null, "ledger", path: "proxy")
        keys = part.keys
    }

    static func undo(_ entry: ToxiproxyDirectory.Entry, keys: [String]) -> FaultUndo.Part {
        FaultUndo.Part(
            injector: SourceKind.toxiproxy.rawValue, source: entry.source, place: place(of: entry), keys: keys,
            payload: [JSON.Member("server", .string(entry.server)), JSON.Member("proxy", entry.proxy.json)])
    }

    private static func place(of entry: ToxiproxyDirectory.Entry) -> String {
        entry.server + "/proxies/" + ControlPlaneRoute.escaped(entry.proxy.name)
    }

    /// Those of the keys that the proxy shows.
    func shown(by proxy: ToxiproxyProxy) -> [String] {
        keys.filter { key in key == Self.enabled ? !proxy.isEnabled : proxy.toxic(key) != nil }
    }
}
