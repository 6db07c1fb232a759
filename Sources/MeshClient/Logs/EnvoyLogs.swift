internal import MeshModel
internal import Synchronization

/// Reads what the proxies of a caller logged of an edge, where they run on this machine and write to files.
final class EnvoyLogs: Sendable {
    /// More proxies of one caller are not read at a time.
    private static let most = 6
    /// How long a proxy's word on where it logs is believed.
    private static let belief = Duration.seconds(10)

    private struct Key: Hashable {
        var source: String
        var edge: Edge
    }

    /// What a proxy said, and when.
    private struct Told {
        var places: EnvoyLogPlaces
        var hosts: Set<String>
        var at: ContinuousClock.Instant
    }

    private let directory: EnvoyDirectory
    private let transport: any HTTPTransport
    private let deadline: Duration
    private let told = Mutex<[Key: Told]>([:])

    init(directory: EnvoyDirectory, transport: any HTTPTransport, deadline: Duration) {
        self.directory = directory
        self.transport = transport
        self.deadline = deadline
    }

    /// The newest lines of each proxy.
    func logs(of edge: Edge) async -> [ProxyLog] {
        let proxies = Array(directory.sidecars(of: edge.from).prefix(Self.most))
        return await each(proxies) { await self.log(of: edge, from: $0) }
    }

    private func log(of edge: Edge, from proxy: EnvoyDirectory.Entry) async -> ProxyLog {
        let leads = directory.leads(from: proxy, to: edge.to)
        guard let told = await places(of: edge, from: proxy, leads) else {
            return ProxyLog(source: proxy.source, problem: "its admin page does not answer")
        }
        guard told.places.problem == nil else { return ProxyLog(source: proxy.source, problem: told.places.problem) }
        guard proxy.endpoint.isOnThisMachine else {
            return ProxyLog(source: proxy.source, problem: "its access log is on another machine")
        }
        var log = ProxyLog(source: proxy.source)
        for place in told.places.places {
            do throws(LogTail.Unreadable) {
                let lines = place.format.lines(in: try LogTail.read(place.path))
                log.lines += lines.filter { line in
                    if let cluster = line.cluster { return leads(cluster) }
                    // Who was sent nowhere belongs to no edge, unless the log has no other.
                    guard !place.format.tellsCluster else { return false }
                    return place.isEdgeAlone || line.host.map(told.hosts.contains) ?? false
                }
            } catch {
                log.problem = "cannot read \(place.path): \(error.cause)"
            }
        }
        return log
    }

    private func places(
        of edge: Edge, from proxy: EnvoyDirectory.Entry, _ leads: @escaping @Sendable (String) -> Bool
    ) async -> Told? {
        let key = Key(source: proxy.source, edge: edge)
        if let known = told.withLock({ $0[key] }), known.at.duration(to: .now) < Self.belief { return known }
        let paths = EnvoyLogPlaces.pages.map { "/config_dump?resource=\($0)" } + ["/clusters?format=json"]
        let pages = await each(paths) { path in
            try? await self.transport.send(proxy.endpoint.request("GET", path, deadline: self.deadline))
        }.jsonPages
        guard !pages.isEmpty else { return nil }
        let new = Told(
            places: EnvoyLogPlaces(pages, leads: leads), hosts: EnvoyGuide.hosts(pages, leads), at: .now)
        told.withLock { told in
            told = told.filter { $0.value.at.duration(to: new.at) < Self.belief }
            told[key] = new
        }
        return new
    }
}

extension EnvoyEndpoint {
    /// Whether its files are those that are seen here; what a container calls loopback is its own affair.
    fileprivate var isOnThisMachine: Bool {
        unixSocket != nil || host.hasPrefix("127.") || host == "localhost" || host == "::1"
    }
}
