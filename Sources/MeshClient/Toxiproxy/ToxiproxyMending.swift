internal import MeshModel

/// Takes toxics of ours from one proxy, and switches it on again where we switched it off. Others' toxics stay.
///
/// A server waits for ever in every change of toxics while a client of the proxy does not read (Shopify/toxiproxy#558),
/// switched off or not: tried with 2.1.5 and 2.12.0. What still works then is to remove the whole proxy. It is made
/// anew as it was, without what is ours; until that is done its like stands beside it, switched off and under another
/// name, so that whoever comes after a crash can go on.
struct ToxiproxyMending: Sendable {
    static let sparePrefix = "gameday-spare-"
    /// In a spare: the proxy it is of was switched off.
    private static let restMark = "gameday-rest"

    let server: ToxiproxyServer
    let name: String
    /// The names of toxics, and `enabled`.
    let keys: [String]
    /// As it was last seen by anybody, for the case that it does not answer.
    let lastSeen: ToxiproxyProxy

    private var spareName: String { Self.sparePrefix + name }
    private var toxics: [String] { keys.filter { $0 != ToxiproxyPart.enabled } }

    /// What is worth saying of how it went; throws when it is not done.
    func run() async throws(ToxiproxyError) -> String? {
        var seen = lastSeen
        do {
            return try await letGo(&seen)
        } catch  where error.isHang {
            // Late or hung? A server that answers nothing at all is late, or stopped.
            _ = try await server.version()
            do {
                return try await letGo(&seen)
            } catch  where error.isHang {
                try await remake(seen)
                let kept = seen.toxics.count { !toxics.contains($0.name) }
                return "it hung, as happens while a client does not read: recreated"
                    + (kept == 0 ? "" : " with \(kept) toxics of others") + ", its connections were closed"
            }
        }
    }

    private func letGo(_ seen: inout ToxiproxyProxy) async throws(ToxiproxyError) -> String? {
        try await finishRemaking()
        guard let proxy = try await server.proxy(name) else { return "the server does not have this proxy" }
        seen = proxy
        if !proxy.isEnabled, isOurs(proxy) { try await server.enable(name, true) }
        for toxic in toxics where proxy.toxic(toxic) != nil { try await server.remove(toxic, from: name) }
        return nil
    }

    /// True when it was we who switched it off, or when it is asked for all the same.
    private func isOurs(_ proxy: ToxiproxyProxy) -> Bool {
        keys.contains(ToxiproxyPart.enabled)
            || keys.contains(ToxiproxyPart.offMark) && proxy.toxic(ToxiproxyPart.offMark) != nil
    }

    private func remake(_ seen: ToxiproxyProxy) async throws(ToxiproxyError) {
        var spare = seen
        spare.name = spareName
        spare.toxics.removeAll { toxics.contains($0.name) }
        if !seen.isEnabled, !isOurs(seen) {
            spare.toxics.append(ToxiproxyToxic(mark: Self.restMark))
        }
        try await server.make(spare)
        try await replace(by: spare)
    }

    /// Goes on where somebody stopped in the middle.
    private func finishRemaking() async throws(ToxiproxyError) {
        guard let spare = try await server.proxy(spareName) else { return }
        if let proxy = try await server.proxy(name), proxy.isEnabled {
            try await server.remove(proxy: spareName)
        } else {
            try await replace(by: spare)
        }
    }

    private func replace(by spare: ToxiproxyProxy) async throws(ToxiproxyError) {
        var proxy = spare
        proxy.name = name
        proxy.toxics.removeAll { $0.name == Self.restMark }
        try await server.remove(proxy: name)
        try await server.make(proxy)
        if spare.toxic(Self.restMark) == nil { try await server.enable(name, true) }
        try await server.remove(proxy: spareName)
    }
}

extension ToxiproxyToxic {
    /// A toxic that does nothing and says something by its name.
    init(mark name: String) {
        self.init(name: name, type: "noop", stream: Self.downstream, toxicity: 0, attributes: [])
    }
}
