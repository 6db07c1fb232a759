/// What went through one listener of a proxy between two polls. Counts are of that interval, never running totals.
public struct TrafficSample: Equatable, Sendable {
    /// The interval that the counts cover. Whole, as on the wire, so that a rate is the same on both sides of it.
    public var milliseconds: Int64
    /// Requests that got an answer, whatever it was.
    public var completed: UInt64 = 0
    /// Answers by class of status: 2xx, 3xx, 4xx, 5xx. They may not sum to `completed` (Envoy counts resets apart).
    public var answers2xx: UInt64 = 0
    public var answers3xx: UInt64 = 0
    public var answers4xx: UInt64 = 0
    public var answers5xx: UInt64 = 0
    /// Requests given up by the caller before the answer.
    public var resets: UInt64 = 0
    /// Requests under way at the moment of the poll; nil when the proxy did not say.
    public var active: UInt64?
    /// Nil when the proxy has no histogram yet, which is not the same as an empty one.
    public var latency: LatencyHistogram?
    public var retries: UInt64 = 0
    public var timeouts: UInt64 = 0
    /// Requests turned away by a circuit breaker.
    public var overflows: UInt64 = 0
    public var connectFailures: UInt64 = 0
    public var abortsInjected: UInt64 = 0
    public var delaysInjected: UInt64 = 0
    public var rateLimitsInjected: UInt64 = 0
    /// Hosts behind the edge: how many the proxy holds healthy, of how many; nil when it did not say.
    public var healthyHosts: UInt64?
    public var totalHosts: UInt64?
    /// Of what is no HTTP: connections opened, bytes that came back, and bytes that went there.
    public var connections: UInt64 = 0
    public var bytesReceived: UInt64 = 0
    public var bytesSent: UInt64 = 0
    /// Hosts that are left out because of their failures, at the moment of the poll.
    public var ejectedHosts: UInt64 = 0

    /// Takes the interval to the nearest millisecond.
    public init(seconds: Double) {
        self.init(milliseconds: Int64(clamping: seconds * 1000))
    }

    public init(milliseconds: Int64) {
        self.milliseconds = max(0, milliseconds)
    }

    /// Requests that came to an end: with an answer, or because their caller did not wait for one.
    public var ended: UInt64 { completed.addingClamped(resets) }

    public var seconds: Double { Double(milliseconds) / 1000 }

    /// Appends a later interval of the same listener; gauges are the later ones.
    public mutating func add(_ later: TrafficSample) {
        let (sum, isTooLong) = milliseconds.addingReportingOverflow(later.milliseconds)
        milliseconds = isTooLong ? .max : sum
        count(later)
        active = later.active ?? active
        healthyHosts = later.healthyHosts ?? healthyHosts
        totalHosts = later.totalHosts ?? totalHosts
        ejectedHosts = later.ejectedHosts
    }

    /// What several listeners counted in the same time, as one: counts are summed, and so are rates. The interval is
    /// that in which the counts make the sum of the rates, for one of them may have been heard for a shorter time.
    /// Of the hosts behind an edge each listener sees all; the one that sees the fewest healthy is the news.
    public init(across listeners: [TrafficSample]) {
        self.init(milliseconds: listeners.map(\.milliseconds).max() ?? 0)
        for listener in listeners {
            count(listener)
            if let more = listener.active { active = (active ?? 0).addingClamped(more) }
            ejectedHosts = max(ejectedHosts, listener.ejectedHosts)
        }
        let rate = listeners.reduce(0) { $0 + ($1.requestRate ?? 0) }
        if rate > 0 { milliseconds = Int64(clamping: Double(completed) / rate * 1000) }
        let worst = listeners.filter { $0.totalHosts ?? 0 > 0 && $0.healthyHosts != nil }
            .min {
                Double($0.healthyHosts ?? 0) / Double($0.totalHosts ?? 1) < Double($1.healthyHosts ?? 0)
                    / Double($1.totalHosts ?? 1)
            }
        healthyHosts = worst?.healthyHosts
        totalHosts = worst?.totalHosts
    }

    private mutating func count(_ later: TrafficSample) {
        completed = completed.addingClamped(later.completed)
        answers2xx = answers2xx.addingClamped(later.answers2xx)
        answers3xx = answers3xx.addingClamped(later.answers3xx)
        answers4xx = answers4xx.addingClamped(later.answers4xx)
        answers5xx = answers5xx.addingClamped(later.answers5xx)
        resets = resets.addingClamped(later.resets)
        if let latency = later.latency {
            self.latency = self.latency ?? LatencyHistogram()
            self.latency?.add(latency)
        }
        retries = retries.addingClamped(later.retries)
        timeouts = timeouts.addingClamped(later.timeouts)
        overflows = overflows.addingClamped(later.overflows)
        connectFailures = connectFailures.addingClamped(later.connectFailures)
        abortsInjected = abortsInjected.addingClamped(later.abortsInjected)
        delaysInjected = delaysInjected.addingClamped(later.delaysInjected)
        rateLimitsInjected = rateLimitsInjected.addingClamped(later.rateLimitsInjected)
        connections = connections.addingClamped(later.connections)
        bytesReceived = bytesReceived.addingClamped(later.bytesReceived)
        bytesSent = bytesSent.addingClamped(later.bytesSent)
    }

    /// Takes in what another part of the same proxy counted in the same time, like a second cluster behind an edge: it
    /// has hosts of its own.
    public mutating func join(_ part: TrafficSample) {
        count(part)
        milliseconds = max(milliseconds, part.milliseconds)
        active = Self.sum(active, part.active)
        healthyHosts = Self.sum(healthyHosts, part.healthyHosts)
        totalHosts = Self.sum(totalHosts, part.totalHosts)
        ejectedHosts = ejectedHosts.addingClamped(part.ejectedHosts)
    }

    private static func sum(_ one: UInt64?, _ other: UInt64?) -> UInt64? {
        guard let one, let other else { return one ?? other }
        return one.addingClamped(other)
    }

    /// Requests answered a second.
    public var requestRate: Double? { milliseconds > 0 ? Double(completed) / seconds : nil }

    /// The share of answers that were not 5xx; nil when nothing was answered, which is not the same as 1.
    /// A 4xx is a proper answer to a bad request, so it is no failure of the service.
    public var successRatio: Double? {
        // One division rounds once, so that 995 of 1,000 is exactly the 0.995 of an objective.
        completed > 0 ? Double(completed - min(completed, answers5xx)) / Double(completed) : nil
    }
}

/// One poll of one proxy: what came in to its service, and what left it on each edge.
public struct TrafficReport: Equatable, Sendable {
    /// One edge that leaves the proxy. The sample is nil at the first poll, when there is nothing to subtract from.
    public struct Outbound: Equatable, Sendable {
        public var to: ServiceName
        public var sample: TrafficSample?

        public init(to: ServiceName, sample: TrafficSample?) {
            self.to = to
            self.sample = sample
        }
    }

    /// The name of the source that was polled.
    public var source: String
    public var service: ServiceName
    public var inbound: TrafficSample?
    public var outbound: [Outbound]
    /// True when the proxy's counters began anew since the last poll.
    public var restarted: Bool

    public init(
        source: String, service: ServiceName, inbound: TrafficSample?, outbound: [Outbound], restarted: Bool = false
    ) {
        self.source = source
        self.service = service
        self.inbound = inbound
        self.outbound = outbound
        self.restarted = restarted
    }

    /// Appends a later poll of the same proxy.
    public mutating func add(_ later: TrafficReport) {
        inbound = Self.sum(inbound, later.inbound)
        for more in later.outbound {
            if let place = outbound.firstIndex(where: { $0.to == more.to }) {
                outbound[place].sample = Self.sum(outbound[place].sample, more.sample)
            } else {
                outbound.append(more)
            }
        }
        restarted = restarted || later.restarted
    }

    private static func sum(_ sample: TrafficSample?, _ later: TrafficSample?) -> TrafficSample? {
        guard var sum = sample, let later else { return sample ?? later }
        sum.add(later)
        return sum
    }
}
