internal import MeshModel

/// What `/clusters?format=json` counts at each host, as running totals. A host that leaves takes its totals along, so each
/// is followed by itself.
struct EnvoyHosts: Equatable {
    /// The totals of one host, of attempts: a request that was tried again counts twice.
    struct Totals: Equatable {
        var success: UInt64 = 0
        var error: UInt64 = 0
        var timeout: UInt64 = 0
    }

    /// By the statistics' name of the cluster, then by the address of the host.
    private(set) var clusters: [String: [String: Totals]] = [:]

    init(_ page: JSON) {
        for status in page["cluster_statuses"]?.array ?? [] {
            guard let name = status["name"]?.string else { continue }
            let cluster = EnvoyOutline.statName(status["observability_name"]?.string ?? name)
            for host in status["host_statuses"]?.array ?? [] {
                let address = host["address"].flatMap { EnvoyOutline.Host(address: $0) }
                let key = "\(address?.address ?? "?"):\(address?.port ?? 0)"
                clusters[cluster, default: [:]][key] = Totals(host["stats"]?.array ?? [])
            }
        }
    }

    /// What is new of a cluster since an earlier page; nil when that had no such cluster.
    func new(_ cluster: String, since earlier: EnvoyHosts) -> Totals? {
        guard let hosts = clusters[cluster], let known = earlier.clusters[cluster] else { return nil }
        return hosts.reduce(into: Totals()) { sum, host in
            let before = known[host.key] ?? Totals()
            func more(_ path: KeyPath<Totals, UInt64>) -> UInt64 {
                // A host that began anew counts from zero.
                host.value[keyPath: path] >= before[keyPath: path]
                    ? host.value[keyPath: path] - before[keyPath: path] : host.value[keyPath: path]
            }
            sum.success &+= more(\.success)
            sum.error &+= more(\.error)
            sum.timeout &+= more(\.timeout)
        }
    }
}

extension EnvoyHosts.Totals {
    /// Values that are zero are left out.
    fileprivate init(_ stats: [JSON]) {
        for stat in stats {
            let value = UInt64(stat["value"]?.string ?? "") ?? UInt64(max(0, stat["value"]?.integer ?? 0))
            switch stat["name"]?.string {
            case "rq_success": success = value
            case "rq_error": error = value
            case "rq_timeout": timeout = value
            default: break
            }
        }
    }
}

extension TrafficReport {
    /// Adds what the hosts tell and the statistics do not: failures inside answers with 200, and all of it of those scopes
    /// whose statistics are hidden.
    mutating func take(
        _ hosts: EnvoyHosts, since earlier: EnvoyHosts, _ names: EnvoyStatNames, hidden: Set<EnvoyStatsWire.Scope>,
        seconds: Double
    ) {
        var sums: [EnvoyStatsWire.Scope: EnvoyHosts.Totals] = [:]
        for (cluster, meaning) in names.clusters {
            guard let new = hosts.new(cluster, since: earlier) else { continue }
            sums[meaning.scope, default: .init()].success &+= new.success
            sums[meaning.scope, default: .init()].error &+= new.error
            sums[meaning.scope, default: .init()].timeout &+= new.timeout
        }
        for (scope, new) in sums {
            let isHidden = hidden.contains(scope)
            switch scope {
            case .inbound: inbound = isHidden ? Self.sample(new, seconds) : inbound.map { Self.with(new, $0) }
            case .edge(let to):
                if let place = outbound.firstIndex(where: { $0.to == to }) {
                    let known = outbound[place].sample
                    outbound[place].sample = isHidden ? Self.sample(new, seconds) : known.map { Self.with(new, $0) }
                } else {
                    outbound.append(Outbound(to: to, sample: Self.sample(new, seconds)))
                }
            }
        }
    }

    private static func sample(_ new: EnvoyHosts.Totals, _ seconds: Double) -> TrafficSample {
        var sample = TrafficSample(seconds: seconds)
        sample.completed = new.success &+ new.error
        sample.answers2xx = new.success
        sample.answers5xx = new.error
        sample.timeouts = new.timeout
        return sample
    }

    private static func with(_ new: EnvoyHosts.Totals, _ sample: TrafficSample) -> TrafficSample {
        var sample = sample
        // Of the attempts that failed, those that were tried again nobody saw.
        let seen = new.error > sample.retries ? new.error - sample.retries : 0
        sample.answers5xx = max(sample.answers5xx, min(sample.completed, seen))
        return sample
    }
}
