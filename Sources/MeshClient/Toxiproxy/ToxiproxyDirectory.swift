internal import MeshModel
internal import Synchronization

/// Which proxies of which servers stand for which edges: filled as they are seen, read by whoever wants to reach one.
final class ToxiproxyDirectory: Sendable {
    /// One proxy as it was last seen.
    struct Entry: Equatable, Sendable {
        /// The name of the source.
        var source: String
        /// The base URL of its server.
        var server: String
        var proxy: ToxiproxyProxy
        var edge: Edge
    }

    private struct State {
        /// By the names of their sources.
        var entries: [String: Entry] = [:]
        /// The names that were given, by server and proxy.
        var sources: [String: String] = [:]
        /// The sources that stand for whole servers, with their base URLs.
        var servers: [String: String] = [:]
    }

    private let state = Mutex(State())
    private let names: SourceNames

    init(names: SourceNames = SourceNames()) {
        self.names = names
    }

    /// The name of the source of a proxy, or with none of the server itself. It keeps it when it goes and comes back.
    func source(of proxy: String?, at server: String) -> String {
        let place = server + "\n" + (proxy ?? "")
        if let known = state.withLock({ $0.sources[place] }) { return known }
        let host = server.firstRange(of: "://").map { String(server[$0.upperBound...]) } ?? server
        let name = names.unique(proxy ?? "toxiproxy \(host)")
        state.withLock { $0.sources[place] = name }
        return name
    }

    func put(_ entry: Entry) {
        state.withLock { $0.entries[entry.source] = entry }
    }

    func put(server url: String, as source: String) {
        state.withLock { $0.servers[source] = url }
    }

    func remove(_ source: String) {
        state.withLock { $0.entries[source] = nil }
    }

    func entries(on edge: Edge) -> [Entry] {
        state.withLock { state in
            state.entries.values.filter { $0.edge == edge }.sorted { $0.source < $1.source }
        }
    }

    /// The proxies of these sources, or all.
    func entries(named sources: Set<String>?) -> [Entry] {
        state.withLock { state in
            let found = sources.map { $0.compactMap { state.entries[$0] } } ?? Array(state.entries.values)
            return found.sorted { $0.source < $1.source }
        }
    }

    /// Those of these sources that stand for whole servers, or all such.
    func servers(named sources: Set<String>?) -> [(source: String, url: String)] {
        state.withLock { state in
            state.servers.filter { sources?.contains($0.key) ?? true }.sorted { $0.key < $1.key }
                .map { (source: $0.key, url: $0.value) }
        }
    }

    /// The proxy of a server as it was last seen.
    func lastSeen(_ proxy: String, at server: String) -> ToxiproxyProxy? {
        state.withLock { state in
            state.entries.values.first { $0.server == server && $0.proxy.name == proxy }?.proxy
        }
    }
}
