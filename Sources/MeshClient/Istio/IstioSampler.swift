internal import MeshModel

/// Makes reports out of the running totals of one pod: what is new in a page since the one before.
///
/// Every label set is followed by itself, since Istio forgets those that are not used for long. Totals begin anew when the
/// sidecar restarts, and the counters alone when somebody resets them; what fell is counted from zero, so that neither
/// shows as a spike or a negative.
struct IstioSampler {
    /// Who stands on either side of the pod's traffic.
    struct Surroundings {
        /// The service that the pod serves.
        var service: ServiceName
        /// Requests enter the mesh here: what it sends on is what came in.
        var isGateway = false
        /// What a caller is called; nil for one that can't be told.
        var name: (IstioCaller) -> ServiceName?
        /// True for a service whose own pods tell of the same requests.
        var isHeard: (ServiceName) -> Bool
        /// Those that are heard to send here.
        var senders: Set<ServiceName> = []
    }

    /// By then it is known who else is polled.
    private static let settled = 3

    /// What was new in the last page, by the scopes of its reader, each with how many requests told whether both sides
    /// proved who they are and how many of those did.
    private(set) var counted: [IstioEdgeFigures.Counted] = []
    private var before = IstioPage()
    private var hasBefore = false
    private var pages = 0

    /// The reports of a page: the pod's own first, then of callers that nobody else tells of. `page` becomes memory for
    /// the next one. At the first page there is nothing to subtract from, so every sample is nil.
    mutating func sample(
        _ page: inout IstioPage, of wire: IstioPageWire, source: String, seconds: Double, in surroundings: Surroundings
    ) -> [TrafficReport] {
        let samples = hasBefore ? samples(page, wire, seconds) : nil
        let hasBegunAnew = samples?.hasBegunAnew ?? false
        if samples == nil { counted = [] }
        swap(&before, &page)
        hasBefore = true
        pages = min(pages + 1, Self.settled)
        var reports = IstioReports(source: source, service: surroundings.service)
        reports.tellsOfCallers = pages == Self.settled
        reports.knowsStranger = isStrangerKnown(wire, surroundings)
        for (number, scope) in wire.scopes.enumerated() {
            reports.add(samples?.scopes[number], scope, surroundings)
        }
        return reports.all(areRestarted: hasBegunAnew)
    }

    /// Where one is heard to send here, and the pod names others only, that one is the unknown: it did not say who it is.
    private func isStrangerKnown(_ wire: IstioPageWire, _ around: Surroundings) -> Bool {
        let named = wire.scopes.compactMap { scope -> ServiceName? in
            if case .received(let caller) = scope { around.name(caller) } else { nil }
        }
        return !around.senders.subtracting(named).isEmpty
    }

    private mutating func samples(
        _ page: IstioPage, _ wire: IstioPageWire, _ seconds: Double
    ) -> (scopes: [TrafficSample], hasBegunAnew: Bool) {
        var samples = [TrafficSample](repeating: TrafficSample(seconds: seconds), count: wire.scopes.count)
        let order = wire.bounds.indices.sorted { wire.bounds[$0] < wire.bounds[$1] }
        let last = order.last
        let counters = hasBegunAnew(wire) {
            page.requests(of: $0)
        } before: {
            before.requests(of: $0)
        }
        let histograms =
            last.map { last in
                hasBegunAnew(wire) {
                    page.bucket(last, of: $0)
                } before: {
                    before.bucket(last, of: $0)
                }
            } ?? false
        var histogram = IstioHistogram(order: order, bounds: wire.bounds)
        var bins = [[UInt64]?](repeating: nil, count: wire.scopes.count)
        counted = zip(wire.scopes, samples).map { IstioEdgeFigures.Counted(scope: $0, sample: $1) }
        for (number, series) in wire.series.enumerated() {
            if let now = page.requests(of: number) {
                let new = Self.new(now, counters ? nil : before.requests(of: number))
                samples[series.scope].count(new, of: series)
                if let isMutual = series.isMutualTLS {
                    counted[series.scope].told &+= new
                    if isMutual { counted[series.scope].mutual &+= new }
                }
            }
            histogram.add(page, since: histograms ? nil : before, series: number, to: &bins[series.scope])
        }
        for scope in samples.indices {
            samples[scope].latency = bins[scope].map(histogram.latency(of:))
            counted[scope].sample = samples[scope]
        }
        return (samples, counters || histograms)
    }

    /// More than any sidecar sees, and so few that sums of them fit.
    fileprivate static let most: UInt64 = 1 << 48

    /// One that fell was made anew, whatever became of the others.
    private static func new(_ now: UInt64, _ known: UInt64?) -> UInt64 {
        guard let known, known <= now else { return min(now, most) }
        return min(now - known, most)
    }

    /// All began anew together when one fell and the largest is less than it was: one alone is a set that was forgotten.
    private func hasBegunAnew(
        _ wire: IstioPageWire, now: (Int) -> UInt64?, before: (Int) -> UInt64?
    ) -> Bool {
        var (largest, hasLargestFallen, hasFallen) = (UInt64(0), false, false)
        for number in wire.series.indices {
            guard let known = before(number) else { continue }
            let now = now(number)
            if let now, now < known { hasFallen = true }
            if known > largest { (largest, hasLargestFallen) = (known, now ?? 0 < known) }
        }
        return hasFallen && hasLargestFallen
    }
}

/// What buckets gained, by the bounds of one reader's pages.
private struct IstioHistogram {
    /// The places of the bounds, from the lowest to the highest.
    let order: [Int]
    let bounds: [Double]
    private var gained: [UInt64] = []

    init(order: [Int], bounds: [Double]) {
        self.order = order
        self.bounds = bounds
    }

    /// Adds what a series gained to the bins of its scope, which are made if the page holds any of it.
    mutating func add(_ page: IstioPage, since before: IstioPage?, series: Int, to bins: inout [UInt64]?) {
        gained.removeAll(keepingCapacity: true)
        var (isThere, isMade) = (false, before == nil)
        for place in order {
            guard let now = page.bucket(place, of: series) else {
                gained.append(gained.last ?? 0)
                continue
            }
            isThere = true
            let known = before?.bucket(place, of: series) ?? 0
            if known > now { isMade = true }
            gained.append(min(now >= known ? now - known : now, IstioSampler.most))
        }
        guard isThere else { return }
        if isMade, before != nil { return add(page, since: nil, series: series, to: &bins) }
        var sum = bins ?? [UInt64](repeating: 0, count: order.count)
        var below: UInt64 = 0
        for (place, upTo) in gained.enumerated() where upTo > below {
            sum[place] &+= upTo - below
            below = upTo
        }
        bins = sum
    }

    /// The highest bin has no end, so that its requests are taken to stand at its beginning.
    func latency(of bins: [UInt64]) -> LatencyHistogram {
        var lower = 0.0
        var found: [LatencyHistogram.Bin] = []
        for (place, count) in zip(order, bins) {
            let upper = bounds[place]
            if count > 0 {
                found.append(.init(lower: lower, width: upper.isFinite ? max(0, upper - lower) : 0, count: count))
            }
            if upper.isFinite { lower = max(lower, upper) }
        }
        return LatencyHistogram(found)
    }
}

/// The reports of one page while they are put together.
private struct IstioReports {
    private let source: String
    private var own: TrafficReport
    private var others: [ServiceName: TrafficReport] = [:]
    /// Of those that nobody polls.
    var tellsOfCallers = false
    /// The unknown caller is one that is polled.
    var knowsStranger = false

    init(source: String, service: ServiceName) {
        self.source = source
        own = TrafficReport(source: source, service: service, inbound: nil, outbound: [])
    }

    mutating func add(_ sample: TrafficSample?, _ scope: IstioScope, _ around: IstioSampler.Surroundings) {
        switch scope {
        case .sent(let to, _):
            Self.join(sample, to, &own.outbound)
            if around.isGateway { Self.join(sample, &own.inbound) }
        case .received(let caller):
            // What a gateway's own listener counts again is in what it sends on.
            if !around.isGateway { Self.join(sample, &own.inbound) }
            if let from = around.name(caller), isNews(from, caller, around), from != own.service {
                add(sample, from: from, to: own.service)
            }
        case .passed(let caller, let to):
            var callee = others[to] ?? report(to)
            Self.join(sample, &callee.inbound)
            others[to] = callee
            if let from = around.name(caller), isNews(from, caller, around) { add(sample, from: from, to: to) }
        }
    }

    private func isNews(_ from: ServiceName, _ caller: IstioCaller, _ around: IstioSampler.Surroundings) -> Bool {
        tellsOfCallers && !around.isHeard(from) && !(caller.service == nil && knowsStranger)
    }

    private mutating func add(_ sample: TrafficSample?, from: ServiceName, to: ServiceName) {
        var caller = others[from] ?? report(from)
        Self.join(sample, to, &caller.outbound)
        others[from] = caller
    }

    private func report(_ service: ServiceName) -> TrafficReport {
        TrafficReport(source: source, service: service, inbound: nil, outbound: [])
    }

    private static func join(_ part: TrafficSample?, _ sample: inout TrafficSample?) {
        guard let part else { return }
        if sample == nil { sample = part } else { sample?.join(part) }
    }

    private static func join(
        _ part: TrafficSample?, _ to: ServiceName, _ outbound: inout [TrafficReport.Outbound]
    ) {
        if let place = outbound.firstIndex(where: { $0.to == to }) {
            join(part, &outbound[place].sample)
        } else {
            outbound.append(TrafficReport.Outbound(to: to, sample: part))
        }
    }

    func all(areRestarted: Bool) -> [TrafficReport] {
        var own = own
        own.restarted = areRestarted
        return [own] + others.values.sorted { $0.service < $1.service }
    }
}

extension TrafficSample {
    /// Adds requests that had all of a series in common.
    fileprivate mutating func count(_ new: UInt64, of series: IstioSeries) {
        guard new > 0 else { return }
        switch series.answerClass {
        case 2: answers2xx &+= new
        case 3: answers3xx &+= new
        case 4: answers4xx &+= new
        case 5: answers5xx &+= new
        default: break
        }
        if series.answerClass >= 2 { completed &+= new }
        let flags = series.flags
        if flags.contains(.aborted) { abortsInjected &+= new }
        if flags.contains(.delayed) { delaysInjected &+= new }
        if flags.contains(.overflowed) { overflows &+= new }
        if flags.contains(.timedOut) { timeouts &+= new }
        if flags.contains(.notConnected) { connectFailures &+= new }
        if flags.contains(.callerLeft), series.answerClass < 2 { resets &+= new }
        if flags.contains(.retried) { retries &+= new }
    }
}
