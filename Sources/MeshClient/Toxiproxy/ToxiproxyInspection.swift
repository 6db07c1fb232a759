internal import MeshModel

/// A look at some Toxiproxies, once: which edge each of their proxies is taken for, and why. It changes nothing.
struct ToxiproxyInspection: Sendable {
    let targets: [ToxiproxyTarget]
    let transport: any HTTPTransport
    var deadline = Duration.seconds(3)

    /// All that is known, a line each.
    func lines() async -> [String] {
        await each(targets) { await lines(of: $0) }.flatMap(\.self)
    }

    private func lines(of target: ToxiproxyTarget) async -> [String] {
        let server = ToxiproxyServer(url: target.url, transport: transport, deadline: deadline)
        let proxies: [ToxiproxyProxy]
        do throws(ToxiproxyError) {
            proxies = try await server.proxies().filter { !$0.name.hasPrefix(ToxiproxyMending.sparePrefix) }
        } catch {
            return [target.url, "    not read: \(error.summary)"]
        }
        let version = (try? await server.version()).flatMap(\.self)
        let head = target.url + (version.map { ": Toxiproxy \($0)" } ?? "")
        guard !proxies.isEmpty else { return [head, "    it has no proxies; each new proxy becomes an edge"] }
        return [head] + proxies.map { "    " + Self.line($0, target.naming.meaning(of: $0)) }
    }

    private static func line(_ proxy: ToxiproxyProxy, _ meaning: ToxiproxyNaming.Meaning) -> String {
        var line = "\(proxy.name): \(meaning.edge.from)>\(meaning.edge.to) (\(meaning.why))"
        line += ", \(proxy.listen) to \(proxy.upstream)"
        if !proxy.isEnabled { line += ", switched off" }
        if !proxy.toxics.isEmpty { line += ", toxics: \(proxy.toxics.map(\.name).joined(separator: ", "))" }
        return line
    }
}
