internal import MeshModel

/// Makes reports out of what a sidecar's `/clusters` counts, where nothing else tells of its traffic: attempts, and not
/// requests. A request that was tried again counts twice, and one that a fault aborted does not count at all.
struct IstioAttempts {
    /// Why the figures are what they are, in words for a person.
    static let explanation = "counts attempts, not requests: the pod has no istio_requests_total"

    private var before: [String: [String: IstioClusters.Host]]?

    /// What is new since the page before; at the first page every sample is nil. A sidecar knows all services of its mesh:
    /// edges are those that were ever tried.
    mutating func sample(
        _ page: IstioClusters, source: String, service: ServiceName, isGateway: Bool, seconds: Double
    ) -> TrafficReport {
        var report = TrafficReport(source: source, service: service, inbound: nil, outbound: [])
        var edges: [ServiceName: Tried] = [:]
        var incoming: Tried?
        var now: [String: [String: IstioClusters.Host]] = [:]
        for cluster in page.clusters {
            let name = EnvoyClusterName(cluster.name)
            guard name.maker == .istio else { continue }
            now[cluster.name] = Dictionary(cluster.hosts.map { ($0.address, $0) }) { one, _ in one }
            var tried = Tried(cluster.hosts, since: before?[cluster.name], seconds)
            report.restarted = report.restarted || tried.hasFallen
            if name.isLocal {
                tried.hosts = [:]
                incoming = incoming.map { $0.joined(tried) } ?? tried
            } else {
                let to = ServiceName(name.service)
                edges[to] = edges[to].map { $0.joined(tried) } ?? tried
            }
        }
        let isFirst = before == nil
        before = now
        for (to, tried) in edges.sorted(by: { $0.key < $1.key }) where tried.isUsed {
            let sample = tried.sampleWithHosts
            report.outbound.append(.init(to: to, sample: isFirst ? nil : sample))
            if isGateway, !isFirst { incoming = incoming.map { $0.joined(tried) } ?? tried }
        }
        if !isFirst { report.inbound = incoming?.sample }
        return report
    }
}

/// What the clusters of one service count together.
private struct Tried {
    var sample: TrafficSample
    /// By address, since a subset's endpoints are those of its service too: whether each gets requests, and is left out.
    var hosts: [String: (isUsable: Bool, isEjected: Bool)] = [:]
    var isUsed = false
    var hasFallen = false

    init(_ hosts: [IstioClusters.Host], since before: [String: IstioClusters.Host]?, _ seconds: Double) {
        sample = TrafficSample(seconds: seconds)
        sample.active = 0
        for host in hosts {
            let known = before?[host.address] ?? IstioClusters.Host()
            self.hosts[host.address] = (host.isHealthy && !host.isEjected, host.isEjected)
            isUsed = isUsed || host.attempts > 0 || host.errors > 0
            sample.active = (sample.active ?? 0) + min(host.active, Self.most)
            let isNew = host.attempts < known.attempts || host.successes < known.successes
            hasFallen = hasFallen || isNew
            func new(_ count: KeyPath<IstioClusters.Host, UInt64>) -> UInt64 {
                let (now, then) = (host[keyPath: count], isNew ? 0 : known[keyPath: count])
                return min(now >= then ? now - then : now, Self.most)
            }
            // Those that were never sent are no attempts, and errors all the same.
            sample.answers2xx += new(\.successes)
            sample.answers5xx += new(\.errors)
            sample.timeouts += new(\.timeouts)
            sample.connectFailures += new(\.connectFailures)
        }
        // Of a cluster that was not there before nobody knows since when it counts.
        if before == nil { (sample, hasFallen) = (TrafficSample(seconds: seconds), false) }
        sample.completed = sample.answers2xx + sample.answers5xx
    }

    /// More than any sidecar sees, and so few that sums of them fit.
    private static let most: UInt64 = 1 << 40

    func joined(_ other: Tried) -> Tried {
        var joined = self
        joined.sample.join(other.sample)
        joined.hosts.merge(other.hosts) { one, more in
            (one.isUsable && more.isUsable, one.isEjected || more.isEjected)
        }
        joined.isUsed = isUsed || other.isUsed
        joined.hasFallen = hasFallen || other.hasFallen
        return joined
    }

    var sampleWithHosts: TrafficSample {
        var sample = sample
        sample.totalHosts = UInt64(hosts.count)
        sample.healthyHosts = UInt64(hosts.values.count { $0.isUsable })
        sample.ejectedHosts = UInt64(hosts.values.count { $0.isEjected })
        return sample
    }
}
