internal import MeshModel

/// One server as a poller sees it: what its answers say of its proxies. It does no I/O and has no clock.
final class ToxiproxyReader {
    /// After so many silent polls in a row a source counts as unreachable, and not as late.
    private static let patience = 3
    /// Whoever was not there at first is called new for so many answers.
    private static let newFor = 30

    /// One proxy that was seen.
    private struct Seen {
        var source: String
        var edge: Edge
        var failures = 0
        var reported: SourceReport?
        /// For so many answers more it is called new.
        var newness = 0
    }

    let url: String
    private let naming: ToxiproxyNaming
    private let directory: ToxiproxyDirectory
    /// The source that stands for the server itself.
    let source: String
    private var proxies: [String: Seen] = [:]
    private var reported: SourceReport?
    private var failures = 0
    private var hasAnswered = false
    /// Of a proxy that is seen for the first time now.
    private var newness = 0
    private var version: String?
    /// Nobody was there since the last good answer: what answers next is another process, which holds no toxic.
    private var wasAbsent = false

    init(url: String, naming: ToxiproxyNaming, directory: ToxiproxyDirectory) {
        self.url = url
        self.naming = naming
        self.directory = directory
        source = directory.source(of: nil, at: url)
        directory.put(server: url, as: source)
    }

    /// The names of the proxies that were there when the list was last answered.
    var names: [String] { proxies.keys.sorted() }
    var needsVersion: Bool { version == nil }
    var isFailing: Bool { failures > 0 }

    func take(version: String?) { self.version = version }

    /// The sources among these that are of this server.
    func proxies(of sources: Set<String>) -> [String] {
        sources.contains(source) ? names : names.filter { proxies[$0].map { sources.contains($0.source) } ?? false }
    }

    /// The whole list: what is not in it any more is gone.
    func receive(_ list: [ToxiproxyProxy]) -> [Observation] {
        let list = list.filter { !$0.name.hasPrefix(ToxiproxyMending.sparePrefix) }
        let isRestart = wasAbsent
        defer { newness = Self.newFor }
        (failures, hasAnswered, wasAbsent) = (0, true, false)
        let words = list.isEmpty ? "It has no proxies" : nil
        var observations = tellServer(.fresh, words)
        let gone = Set(proxies.keys).subtracting(list.map(\.name))
        for name in gone.sorted() {
            guard let seen = proxies.removeValue(forKey: name) else { continue }
            directory.remove(seen.source)
            observations += leave(seen)
        }
        for proxy in list { observations += receive(proxy, isRestart: isRestart) }
        return observations
    }

    /// One proxy, asked by its name because the list hangs.
    func receive(_ proxy: ToxiproxyProxy, isRestart: Bool = false) -> [Observation] {
        let edge = naming.meaning(of: proxy).edge
        var seen =
            proxies[proxy.name] ?? Seen(source: directory.source(of: proxy.name, at: url), edge: edge, newness: newness)
        seen.edge = edge
        seen.newness = max(0, seen.newness - 1)
        seen.failures = 0
        directory.put(ToxiproxyDirectory.Entry(source: seen.source, server: url, proxy: proxy, edge: edge))
        let told = tell(seen, .fresh, proxy.isEnabled ? nil : "It is switched off")
        proxies[proxy.name] = told.seen
        // It tells who is connected, and counts no requests: not known is not the same as none.
        let report = TrafficReport(
            source: seen.source, service: edge.from, inbound: nil,
            outbound: [TrafficReport.Outbound(to: edge.to, sample: nil)], restarted: isRestart)
        return told.observations + [.traffic(report)]
    }

    /// What was asked by its name did not answer, or is gone.
    func fail(_ name: String, _ error: ToxiproxyError?) -> [Observation] {
        guard var seen = proxies[name] else { return [] }
        guard let error else {
            proxies[name] = nil
            directory.remove(seen.source)
            return leave(seen)
        }
        seen.failures += 1
        let words = error.isHang ? "It hangs: a toxic is being changed, and a client may not be reading" : error.summary
        let told = tell(seen, seen.failures < Self.patience ? .stale : .unreachable, words)
        proxies[name] = told.seen
        return told.observations
    }

    /// The list did not come.
    func fail(_ error: ToxiproxyError) -> [Observation] {
        failures += 1
        if case .silent(let cause) = error, cause.isAbsence { wasAbsent = true }
        let state: SourceState = hasAnswered && failures < Self.patience ? .stale : .unreachable
        var observations = tellServer(state, error.isHang ? "The list of its proxies hangs" : error.summary)
        // While one proxy hangs the others answer by their names.
        if !error.isHang { for name in names { observations += fail(name, error) } }
        return observations
    }

    /// Each time, for it has no traffic that would say that it is alive.
    private func tellServer(_ state: SourceState, _ words: String?) -> [Observation] {
        var report = SourceReport(
            name: source, kind: .toxiproxy, endpoint: url, service: nil, state: state, explanation: words)
        report.version = version
        if report == reported, state != .fresh { return [] }
        reported = report
        return [.source(report)]
    }

    private func leave(_ seen: Seen) -> [Observation] {
        tell(seen, .unreachable, "the server no longer has this proxy", health: SourceReport.gone).observations
    }

    /// A report only if it says something new.
    private func tell(
        _ seen: Seen, _ state: SourceState, _ words: String?, health: String? = nil
    ) -> (seen: Seen, observations: [Observation]) {
        var report = SourceReport(
            name: seen.source, kind: .toxiproxy, endpoint: url, service: seen.edge.from, state: state,
            explanation: words)
        report.callee = seen.edge.to
        report.version = version
        report.health = health ?? (seen.newness > 0 ? SourceReport.new : nil)
        guard report != seen.reported else { return (seen, []) }
        var seen = seen
        seen.reported = report
        return (seen, [.source(report)])
    }
}
