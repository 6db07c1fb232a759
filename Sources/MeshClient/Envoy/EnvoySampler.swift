internal import MeshModel

/// Makes samples out of running totals: what is new in a page since the one before.
///
/// Totals begin anew when the proxy restarts, and the counters alone when somebody resets them. What fell is counted
/// from zero, so that neither shows as a spike or a negative.
struct EnvoySampler {
    private var before = EnvoyStatsPage()
    private var hasBefore = false

    /// The samples of a page, in the order of its scopes; `page` becomes memory for the next one.
    ///
    /// `seconds` is the time since the last page. At the first page there is nothing to subtract from, so every sample
    /// is nil; so is that of a scope which was not there before.
    mutating func sample(
        _ page: inout EnvoyStatsPage, scopes: [EnvoyStatsWire.Scope], source: String, service: ServiceName,
        seconds: Double
    ) -> TrafficReport {
        var report = TrafficReport(source: source, service: service, inbound: nil, outbound: [])
        let isRestarted = hasBefore && (page.uptime ?? .max) < (before.uptime ?? 0)
        report.restarted = isRestarted
        report.outbound.reserveCapacity(max(0, scopes.count - 1))
        for (number, scope) in scopes.enumerated() where page.mentions(number) {
            let sample =
                hasBefore && before.mentions(number)
                ? self.sample(number, page, seconds, isRestarted, &report.restarted) : nil
            switch scope {
            case .inbound: report.inbound = sample
            case .edge(let to): report.outbound.append(TrafficReport.Outbound(to: to, sample: sample))
            }
        }
        swap(&before, &page)
        hasBefore = true
        return report
    }

    private func sample(
        _ scope: Int, _ page: EnvoyStatsPage, _ seconds: Double, _ isRestarted: Bool, _ hasReset: inout Bool
    ) -> TrafficSample {
        var sample = TrafficSample(seconds: seconds)
        let listener = isRestarted || hasFallen(EnvoyStat.ofListener, scope, page)
        let cluster = isRestarted || hasFallen(EnvoyStat.ofCluster, scope, page)
        hasReset = hasReset || listener || cluster
        func new(_ stat: EnvoyStat, _ isReset: Bool) -> UInt64 {
            (page[scope, stat] ?? 0) - (isReset ? 0 : before[scope, stat] ?? 0)
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
        sample.active = page[scope, .active]
        sample.healthyHosts = page[scope, .healthyHosts]
        sample.totalHosts = page[scope, .totalHosts]
        if page.hasLatency(scope) {
            let known = before.hasLatency(scope) && !isRestarted ? before.latencies[scope] : []
            sample.latency = Self.new(page.latencies[scope], since: known)
        }
        return sample
    }

    /// With `usedonly` a counter that is absent is zero.
    private func hasFallen(_ stats: [EnvoyStat], _ scope: Int, _ page: EnvoyStatsPage) -> Bool {
        stats.contains { (page[scope, $0] ?? 0) < (before[scope, $0] ?? 0) }
    }

    /// What came into each bin. A bin which lost something means that the totals began anew.
    private static func new(
        _ totals: [LatencyHistogram.Bin], since known: [LatencyHistogram.Bin]
    ) -> LatencyHistogram {
        if totals == known { return LatencyHistogram() }
        var result: [LatencyHistogram.Bin] = []
        var next = 0
        for var bin in totals {
            if next < known.count, known[next].lower == bin.lower {
                guard known[next].count <= bin.count else { return LatencyHistogram(totals) }
                bin.count -= known[next].count
                next += 1
            }
            if bin.count > 0 { result.append(bin) }
        }
        return LatencyHistogram(next == known.count ? result : totals)
    }
}
