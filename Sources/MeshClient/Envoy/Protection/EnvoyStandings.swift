internal import MeshModel
internal import Synchronization

/// What changes by itself on edges, asked of the callers' proxies from time to time: how long the certificate lasts that
/// they show, and which zone answers them.
///
/// A proxy without certificates and without zones is asked once in a minute only.
final class EnvoyStandings: Sendable {
    /// One proxy of a caller, and how it is asked.
    struct Proxy: Sendable {
        var source: String
        var edges: [Edge]
        /// The page at a path; nil when there is none.
        var ask: @Sendable (String) async -> HTTPResponse?
        /// Says of a cluster's name whether it leads along an edge.
        var leads: @Sendable (Edge, String) -> Bool
        /// Whether its configuration says which certificate is for whom; else it has one for all.
        var hasSecrets = true
        /// Whether its hosts are asked for: of a large mesh that page is large.
        var hasZones = true
        /// Between two questions at least. A proxy with one is asked less often while its certificate lasts long.
        var pause = Duration.zero
    }

    private struct Known {
        var due: ContinuousClock.Instant
        var certificates: EnvoyCertificates?
        var secrets: EnvoyClusterSecrets?
        /// As they were when the zone that is meant to answer did so last.
        var zones: [Edge: EnvoyZones] = [:]
        var serving: [Edge: EdgeServing] = [:]
    }

    private static let rest = Duration.seconds(60)
    private static let longestPause = Duration.seconds(600)

    private let bound: Duration?
    private let now: @Sendable () -> Timestamp
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let known = Mutex<[String: Known]>([:])

    /// `bound` is how long before its end a certificate is told as near.
    init(
        bound: Duration?, now: @escaping @Sendable () -> Timestamp = KubeTime.now,
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.bound = bound
        self.now = now
        self.clock = clock
    }

    func reports(of proxies: [Proxy]) async -> [EdgeReport] {
        let time = clock()
        let due = known.withLock { known in
            proxies.filter { proxy in known[proxy.source].map { $0.due <= time } ?? true }
        }
        return await each(due, atOnce: 16) { await self.reports(of: $0) }.flatMap(\.self)
    }

    private func reports(of proxy: Proxy) async -> [EdgeReport] {
        let before = known.withLock { $0[proxy.source] }
        var next = before ?? Known(due: clock())
        if let answer = await proxy.ask(EnvoyCertificates.page), answer.status == 200,
            let page = try? JSON(parsing: answer.body)
        {
            let certificates = EnvoyCertificates(page)
            if proxy.hasSecrets, !certificates.own.isEmpty, certificates != before?.certificates || next.secrets == nil
            {
                next.secrets = EnvoyClusterSecrets(
                    await each(EnvoyCertificates.pages) { await proxy.ask("/config_dump?resource=\($0)") }.jsonPages)
            }
            next.certificates = certificates
        }
        if proxy.hasZones, let page = [await proxy.ask("/clusters?format=json")].jsonPages.first {
            for edge in proxy.edges {
                let hosts = EnvoyGuide.statuses([page]) { proxy.leads(edge, $0) } ?? []
                let zones = EnvoyZones(hosts: hosts)
                guard zones.home != nil else { continue }
                let serving = next.zones[edge].flatMap { zones.serving(since: $0) }
                next.serving[edge] = serving ?? next.serving[edge]
                if next.zones[edge] == nil || serving?.isAway == false { next.zones[edge] = zones }
            }
        }
        let isIdle = next.certificates?.own.isEmpty ?? true && next.zones.isEmpty
        next.due = clock() + (isIdle ? Self.rest : pause(of: proxy, next.certificates))
        known.withLock { [next] in $0[proxy.source] = next }
        return proxy.edges.compactMap { report(of: $0, next, proxy) }
    }

    /// A question that is dear is put as often as the certificate can surprise: it is known within a twentieth of what is
    /// left of its life.
    private func pause(of proxy: Proxy, _ certificates: EnvoyCertificates?) -> Duration {
        guard proxy.pause > .zero, let ends = certificates?.own.map(\.ends).min() else { return proxy.pause }
        return max(proxy.pause, min(Self.longestPause, .seconds(ends.seconds(since: now()) / 20)))
    }

    private func report(of edge: Edge, _ known: Known, _ proxy: Proxy) -> EdgeReport? {
        var report = EdgeReport(source: proxy.source, edge: edge)
        report.serving = known.serving[edge]
        let shown = known.certificates?.shown(by: proxy.hasSecrets ? known.secrets : nil) { proxy.leads(edge, $0) }
        report.certificate = shown.map { EdgeCertificate($0, at: now(), bound: bound) }
        return report.isEmpty ? nil : report
    }
}
