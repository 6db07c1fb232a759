internal import MeshModel

/// Makes samples out of rates.
///
/// A rate is an average over a window of several scrapes, and windows of one round and the next overlap. A sample counts
/// the time since the last round only, so that sums over a day are right: of each rate, as many whole requests as are due,
/// and what is left over is carried to the next. The sample's interval is the one in which its answers make exactly the
/// rate that Prometheus told, so that the screen shows that rate. Where less than one request is due in a round, one is
/// counted: a day's sums are too high there, and the rate is right.
struct RateSampler {
    private struct Carry {
        var rest: RequestRates
        var round: UInt64
    }

    /// The quantiles that latencies are known of, each 0...1, ascending.
    let quantiles: [Double]
    private var carries: [Scope: Carry] = [:]
    private var round: UInt64 = 0

    /// What was not seen for so many rounds is forgotten.
    private static let keptRounds: UInt64 = 20

    init(quantiles: [Double]) {
        self.quantiles = quantiles
    }

    /// The reports of a round, one a service, in the order of their names; `seconds` have passed since the last.
    mutating func reports(of mesh: RateMesh, source: String, seconds: Double) -> [TrafficReport] {
        round += 1
        var reports: [ServiceName: TrafficReport] = [:]
        var incoming: [ServiceName: [TrafficSample]] = [:]
        func report(_ name: ServiceName) -> TrafficReport {
            reports[name] ?? TrafficReport(source: source, service: name, inbound: nil, outbound: [])
        }
        for (edge, reading) in mesh.edges.sorted(by: { $0.key < $1.key }) {
            let sample = sample(reading, .edge(edge), seconds)
            var from = report(edge.from)
            from.outbound.append(TrafficReport.Outbound(to: edge.to, sample: sample))
            reports[edge.from] = from
            if mesh.services[edge.to] == nil { incoming[edge.to, default: []].append(sample) }
        }
        for (name, reading) in mesh.services {
            var own = report(name)
            own.inbound = sample(reading, .service(name), seconds)
            reports[name] = own
        }
        // Nobody stands beside these: what came in is what others sent there, or what they sent on themselves.
        for (name, samples) in incoming where !mesh.gateways.contains(name) {
            var own = report(name)
            own.inbound = TrafficSample(across: samples)
            reports[name] = own
        }
        carries = carries.filter { $0.value.round + Self.keptRounds > round }
        return reports.values.sorted { $0.service < $1.service }
    }

    private mutating func sample(_ reading: RateReading, _ scope: Scope, _ seconds: Double) -> TrafficSample {
        var (due, rest) = reading.rates.due(after: seconds, carrying: carries[scope]?.rest ?? RequestRates())
        let rate = reading.rates.completed
        if due.completed == 0, let most = reading.rates.mostAnswers {
            due[most] = 1
            rest[most] = max(-1, rest[most] - 1)
        }
        carries[scope] = Carry(rest: rest, round: round)
        var sample = TrafficSample(seconds: rate > 0 ? due.completed / rate : seconds)
        if sample.milliseconds == 0 { sample.milliseconds = 1 }
        sample.take(due)
        sample.latency = latency(reading, count: due.completed)
        return sample
    }

    /// A histogram whose quantiles are exactly the known ones: at each of them stands a request alone, and the others are
    /// taken as spread evenly between, and above the highest as widely as below it. It holds whole multiples of a hundred
    /// or a thousand requests.
    private func latency(_ reading: RateReading, count: Double) -> LatencyHistogram? {
        let points = zip(quantiles, reading.latencies).compactMap { share, time in time.map { (share: share, time: $0) }
        }
        guard !points.isEmpty else { return nil }
        let unit = quantiles.allSatisfy { abs(($0 * 100).rounded() - $0 * 100) < 1e-9 } ? 100.0 : 1000
        let whole = unit * max(1, (count / unit).rounded())
        var bins: [LatencyHistogram.Bin] = []
        var (below, lower, width) = (0.0, 0.0, 0.0)
        for point in points {
            // A server that estimates may let a higher quantile come out lower.
            let time = max(point.time, lower)
            width = time - lower
            let share = (point.share * whole).rounded()
            let spread = width > 0 ? max(0, share - below - 1) : 0
            bins.append(.init(lower: lower, width: width, count: UInt64(spread)))
            bins.append(.init(lower: time, width: 0, count: UInt64(max(0, share - below - spread))))
            // No two bins begin at one place.
            (below, lower) = (share, time + max(1e-6, time * 1e-9))
        }
        bins.append(.init(lower: lower, width: width, count: UInt64(max(0, whole - below))))
        return LatencyHistogram(bins)
    }
}

extension TrafficSample {
    fileprivate mutating func take(_ due: RequestRates) {
        func whole(_ field: RequestRates.Field) -> UInt64 { UInt64(Int64(clamping: due[field])) }
        answers2xx = whole(.answers2xx)
        answers3xx = whole(.answers3xx)
        answers4xx = whole(.answers4xx)
        answers5xx = whole(.answers5xx)
        completed = UInt64(Int64(clamping: due.completed))
        resets = whole(.resets)
        retries = whole(.retries)
        timeouts = whole(.timeouts)
        overflows = whole(.overflows)
        connectFailures = whole(.connectFailures)
        abortsInjected = whole(.aborts)
        delaysInjected = whole(.delays)
    }
}
