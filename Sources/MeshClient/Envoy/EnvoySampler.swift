internal import MeshModel

/// Makes samples out of running totals: what is new in a page since the one before.
///
/// Totals begin anew when the proxy restarts, and the counters alone when somebody resets them. What fell is counted
/// from zero, so that neither shows as a spike or a negative. The proxy's uptime alone tells nothing: it is made from
/// the clock on its host's wall, and goes back, or wraps, when that is set back.
struct EnvoySampler {
    /// How a page follows the one before it.
    enum Continuity: Equatable {
        /// The same process went on counting, or it is the first page.
        case same
        /// The same process, whose counters were set to zero.
        case reset
        /// A process that began since.
        case restarted
        /// Another process: neither does it go on, nor did it begin since. Nothing can be subtracted.
        case other
    }

    /// Whether the pages are those of an Envoy whose names are its own, which tell more.
    private let isPlain: Bool
    private let clusterStats: [EnvoyStat]
    private var before = EnvoyStatsPage()
    private var hasBefore = false

    init(isPlain: Bool = false) {
        self.isPlain = isPlain
        clusterStats = isPlain ? EnvoyStat.ofPlainCluster : EnvoyStat.ofCluster
    }

    /// Envoy tells its uptime at a flush, which is every five seconds unless it is told otherwise.
    private static let flush = 7.0
    /// Between two polls nobody asks an admin page more often.
    private static let mostAsked: UInt64 = 10_000

    /// How the page follows the one before, which was so many seconds ago.
    func continuity(_ page: EnvoyStatsPage, seconds: Double) -> Continuity {
        guard hasBefore else { return .same }
        let isYoung = page.uptime.map { Double($0) <= seconds + 2 } ?? true
        guard hasFallen(page) else {
            if isOlderThanThat(page, seconds) { return .other }
            // One that was hardly used may have counted more by now than before; the admin page's own count decides.
            let isNew =
                (page.asked == nil || before.asked == nil) && isYoung && page.uptime ?? .max < before.uptime ?? 0
            return isNew ? .restarted : .same
        }
        guard page.uptime != nil, before.uptime != nil, !isYoung else { return .restarted }
        return isUptimeSteady(page, seconds) ? .reset : .other
    }

    /// True unless the uptime went on by the time that passed.
    func isUptimeOdd(_ page: EnvoyStatsPage, seconds: Double) -> Bool {
        hasBefore && page.uptime != nil && before.uptime != nil && !isUptimeSteady(page, seconds)
    }

    private func isUptimeSteady(_ page: EnvoyStatsPage, _ seconds: Double) -> Bool {
        guard let now = page.uptime, let known = before.uptime else { return true }
        // Both may be close to the largest number, which stands for a little less than zero.
        return abs(Double(Int64(bitPattern: now &- known)) - seconds) <= Self.flush
    }

    /// Its uptime leapt and it was asked more than anybody asks: a process that has been there for longer.
    private func isOlderThanThat(_ page: EnvoyStatsPage, _ seconds: Double) -> Bool {
        guard let now = page.asked, let known = before.asked, now >= known else { return false }
        return now - known > Self.mostAsked && !isUptimeSteady(page, seconds)
    }

    /// The samples of a page, in the order of its scopes; `page` becomes memory for the next one.
    ///
    /// `seconds` is the time since the last page. At the first page there is nothing to subtract from, so every sample
    /// is nil; so is that of a scope which was not there before.
    ///
    /// `knowsAll` says that the scopes are all that there are: then one that the page does not mention is at zero, for
    /// counters come into being with the first thing that they count. What `faultParts` aborted reached no cluster, and is
    /// answered with a failure all the same.
    mutating func sample(
        _ page: inout EnvoyStatsPage, scopes: [EnvoyStatsWire.Scope], source: String, service: ServiceName,
        seconds: Double, knowsAll: Bool = false, faultParts: Set<Int> = []
    ) -> TrafficReport {
        var report = TrafficReport(source: source, service: service, inbound: nil, outbound: [])
        let continuity = continuity(page, seconds: seconds)
        report.restarted = continuity == .restarted || continuity == .other
        report.outbound.reserveCapacity(max(0, scopes.count - 1))
        for (number, scope) in scopes.enumerated() where knowsAll || page.mentions(number) {
            var sample =
                hasBefore && continuity != .other && (knowsAll || before.mentions(number))
                ? self.sample(number, page, seconds, continuity == .restarted, &report.restarted) : nil
            if !faultParts.isEmpty, faultParts.contains(number), let aborts = sample?.abortsInjected {
                sample?.completed += aborts
                sample?.answers5xx += aborts
            }
            switch scope {
            case .inbound: report.inbound = Self.join(report.inbound, sample)
            case .edge(let to): add(sample, to, knowsAll, &report)
            }
        }
        swap(&before, &page)
        hasBefore = true
        return report
    }

    /// Only what is known by clusters may have several of them behind an edge.
    private func add(_ sample: TrafficSample?, _ to: ServiceName, _ hasParts: Bool, _ report: inout TrafficReport) {
        if hasParts, let place = report.outbound.firstIndex(where: { $0.to == to }) {
            report.outbound[place].sample = Self.join(report.outbound[place].sample, sample)
        } else {
            report.outbound.append(TrafficReport.Outbound(to: to, sample: sample))
        }
    }

    private static func join(_ sample: TrafficSample?, _ part: TrafficSample?) -> TrafficSample? {
        guard var joined = sample, let part else { return sample ?? part }
        joined.join(part)
        return joined
    }

    private func sample(
        _ scope: Int, _ page: EnvoyStatsPage, _ seconds: Double, _ isRestarted: Bool, _ hasReset: inout Bool
    ) -> TrafficSample {
        var sample = TrafficSample(seconds: seconds)
        let listener = isRestarted || isReset(EnvoyStat.ofListener, scope, page)
        let cluster = isRestarted || isReset(clusterStats, scope, page)
        hasReset = hasReset || listener || cluster
        func new(_ stat: EnvoyStat, _ isReset: Bool) -> UInt64 {
            let (now, known) = (page[scope, stat] ?? 0, isReset ? 0 : before[scope, stat] ?? 0)
            return now > known ? now - known : 0
        }
        sample.completed = new(.completed, listener)
        sample.answers2xx = new(.answers2xx, listener)
        sample.answers3xx = new(.answers3xx, listener)
        sample.answers4xx = new(.answers4xx, listener)
        sample.answers5xx = new(.answers5xx, listener)
        sample.resets = new(.resets, listener)
        sample.abortsInjected = new(.aborts, listener)
        sample.delaysInjected = new(.delays, listener)
        sample.rateLimitsInjected = new(.rateLimits, listener)
        sample.timeouts = new(.timeouts, cluster)
        sample.retries = new(.retries, cluster)
        sample.overflows = new(.activeOverflows, cluster) &+ new(.pendingOverflows, cluster)
        sample.connectFailures = new(.connectFailures, cluster)
        if isPlain { addMore(to: &sample, scope, page) { new($0, cluster) } }
        sample.active = page[scope, .active]
        sample.healthyHosts = page[scope, .healthyHosts]
        sample.totalHosts = page[scope, .totalHosts]
        sample.ejectedHosts = page[scope, .ejectedHosts] ?? 0
        if page.hasLatency(scope) {
            let known = before.hasLatency(scope) && !isRestarted ? before.latencies[scope] : []
            sample.latency = Self.new(page.latencies[scope], since: known)
        }
        return sample
    }

    private func addMore(
        to sample: inout TrafficSample, _ scope: Int, _ page: EnvoyStatsPage, _ new: (EnvoyStat) -> UInt64
    ) {
        sample.abortsInjected += new(.maintenance)
        sample.answers5xx = Self.failures(
            sample, grpc: new(.grpcFailures), ofGRPC: new(.grpcTotal))
        sample.connections = new(.connections)
        sample.bytesReceived = new(.bytesReceived)
        sample.bytesSent = new(.bytesSent)
    }

    /// A failure of gRPC is an answer with 200. One that Envoy itself made up counts as a 5xx as well, so of those only
    /// as many are added as there were answers without gRPC.
    private static func failures(_ sample: TrafficSample, grpc: UInt64, ofGRPC: UInt64) -> UInt64 {
        guard grpc > 0 else { return sample.answers5xx }
        let others = sample.completed > ofGRPC ? sample.completed - ofGRPC : 0
        return max(sample.answers5xx, min(sample.completed, grpc &+ min(sample.answers5xx, others)))
    }

    private func hasFallen(_ page: EnvoyStatsPage) -> Bool {
        if let now = page.asked, let known = before.asked, now < known { return true }
        return (0..<page.scopes).contains { scope in
            // A scope that is gone was taken out of the proxy's configuration; nothing else fell by that.
            page.mentions(scope) && before.mentions(scope)
                && (hasFallen(EnvoyStat.ofListener, scope, page) || hasFallen(clusterStats, scope, page))
        }
    }

    /// With `usedonly` a counter that is absent is zero.
    private func hasFallen(_ stats: [EnvoyStat], _ scope: Int, _ page: EnvoyStatsPage) -> Bool {
        stats.contains { (page[scope, $0] ?? 0) < (before[scope, $0] ?? 0) }
    }

    /// They began anew together when the largest of them fell. One alone that fell is a mistake of somebody's, and all
    /// the others since the beginning are not of this second.
    private func isReset(_ stats: [EnvoyStat], _ scope: Int, _ page: EnvoyStatsPage) -> Bool {
        var (largest, hasFallen) = (UInt64(0), false)
        for stat in stats {
            let known = before[scope, stat] ?? 0
            guard known > largest else { continue }
            largest = known
            hasFallen = (page[scope, stat] ?? 0) < known
        }
        return hasFallen
    }

    /// What came into each bin. Bins that lost something, of a process that went on, tell nothing.
    private static func new(
        _ totals: [LatencyHistogram.Bin], since known: [LatencyHistogram.Bin]
    ) -> LatencyHistogram {
        if totals == known { return LatencyHistogram() }
        var result: [LatencyHistogram.Bin] = []
        var next = 0
        for var bin in totals {
            if next < known.count, known[next].lower == bin.lower {
                guard known[next].count <= bin.count else { return LatencyHistogram() }
                bin.count -= known[next].count
                next += 1
            }
            if bin.count > 0 { result.append(bin) }
        }
        return next == known.count ? LatencyHistogram(result) : LatencyHistogram()
    }
}
