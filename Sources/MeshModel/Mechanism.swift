/// What proxies do by themselves about trouble on an edge, as far as their counters tell.
public enum Mechanism: String, CaseIterable, Sendable {
    /// A circuit breaker turns requests away.
    case breaker
    /// Hosts are left out because of their failures.
    case ejection
    /// Requests are sent again.
    case retries
    /// Requests are given up after their time.
    case timeouts

    /// How long it has to be quiet, in seconds, before it is over: a breaker opens and closes many times a minute.
    public static let quiet = 8.0

    /// A few retries and timeouts belong to any day; from this share of requests they are the mesh's answer to trouble.
    static let leastShare = 0.05
    static let least: UInt64 = 3

    /// How much of it there is in the traffic of some seconds; nil when that is none to speak of.
    ///
    /// The amount is requests a second for breaker and timeouts, hosts for ejection, a share of requests for retries.
    public func amount(in sample: TrafficSample) -> Double? {
        switch self {
        case .breaker: return Self.rate(of: sample.overflows, sample)
        case .ejection: return sample.ejectedHosts > 0 ? Double(sample.ejectedHosts) : nil
        case .retries:
            guard sample.retries >= Self.least, Self.share(sample.retries, sample) >= Self.leastShare else {
                return nil
            }
            return Self.share(sample.retries, sample)
        case .timeouts:
            guard sample.timeouts >= Self.least, Self.share(sample.timeouts, sample) >= Self.leastShare else {
                return nil
            }
            return Self.rate(of: sample.timeouts, sample)
        }
    }

    /// What one poll adds to the sum of what it did: requests, or nothing where it is a state.
    func count(in sample: TrafficSample) -> UInt64 {
        switch self {
        case .breaker: sample.overflows
        case .ejection: 0
        case .retries: sample.retries
        case .timeouts: sample.timeouts
        }
    }

    private static func rate(of count: UInt64, _ sample: TrafficSample) -> Double? {
        count > 0 && sample.milliseconds > 0 ? Double(count) / sample.seconds : nil
    }

    private static func share(_ count: UInt64, _ sample: TrafficSample) -> Double {
        Double(count) / Double(max(1, sample.completed))
    }
}

/// A mechanism that acts on an edge.
public struct ActingMechanism: Equatable, Sendable {
    public var since: Timestamp
    /// When it was last seen to act.
    public var lastAt: Timestamp
    /// The requests that it dealt with so far.
    public var count: UInt64

    public init(since: Timestamp, lastAt: Timestamp, count: UInt64) {
        self.since = since
        self.lastAt = lastAt
        self.count = count
    }
}

extension TrafficSample {
    /// True when some mechanism may have acted: most samples of most days say no, quickly.
    var showsMechanism: Bool { overflows | ejectedHosts | retries | timeouts > 0 }
}

extension MeshState {
    /// The mechanisms that act on an edge at a moment, with how much they do; in the order of the cases.
    public func mechanisms(on edge: Edge, at now: Timestamp) -> [(mechanism: Mechanism, amount: Double?)] {
        guard let acting = watch.acting[edge] else { return [] }
        let sample = edges[edge]?.sample(until: now)
        return Mechanism.allCases.compactMap { mechanism in
            // What is no longer told of is no longer known to act.
            guard let last = acting[mechanism]?.lastAt, abs(now.seconds(since: last)) <= Mechanism.quiet else {
                return nil
            }
            return (mechanism, sample.flatMap { mechanism.amount(in: $0) })
        }
    }

    /// Follows what acts on the edge after a poll of it, and tells when something begins and when it is over.
    mutating func followMechanisms(on edge: Edge, _ sample: TrafficSample, at: Timestamp) {
        guard sample.showsMechanism || watch.acting[edge] != nil,
            let window = edges[edge]?.sample(until: at)
        else { return }
        for mechanism in Mechanism.allCases {
            let amount = mechanism.amount(in: window)
            if var acting = watch.acting[edge]?[mechanism] {
                acting.count = acting.count.addingClamped(mechanism.count(in: sample))
                if amount != nil { acting.lastAt = at }
                guard abs(at.seconds(since: acting.lastAt)) > Mechanism.quiet else {
                    watch.acting[edge]?[mechanism] = acting
                    continue
                }
                end(mechanism, acting, on: edge, window, at: at)
            } else if let amount {
                let count = mechanism.count(in: window)
                watch.acting[edge, default: [:]][mechanism] = ActingMechanism(since: at, lastAt: at, count: count)
                tell(
                    .mesh, .warn,
                    .mechanism(mechanism, isActing: true, amount: amount, of: Double(window.totalHosts ?? 0)), at: at,
                    about: .edge(edge))
            }
        }
    }

    private mutating func end(
        _ mechanism: Mechanism, _ acting: ActingMechanism, on edge: Edge, _ window: TrafficSample, at: Timestamp
    ) {
        watch.acting[edge]?[mechanism] = nil
        if watch.acting[edge]?.isEmpty ?? false { watch.acting[edge] = nil }
        let isOfHosts = mechanism == .ejection
        let total = isOfHosts ? Double(window.totalHosts ?? 0) : max(0, acting.lastAt.seconds(since: acting.since))
        tell(
            .mesh, .good, .mechanism(mechanism, isActing: false, amount: Double(acting.count), of: total), at: at,
            about: .edge(edge))
    }
}

extension Watch {
    var actingJSON: [JSON] {
        acting.sorted { $0.key < $1.key }.flatMap { edge, mechanisms in
            mechanisms.sorted { $0.key.rawValue < $1.key.rawValue }.map { mechanism, acting in
                .array([
                    .string(edge.from.text), .string(edge.to.text), .string(mechanism.rawValue),
                    .integer(acting.since.milliseconds), .integer(acting.lastAt.milliseconds), JSON(acting.count),
                ])
            }
        }
    }

    /// A mechanism that a later version knows is left out.
    static func acting(_ items: [JSON], _ fields: WireFields) throws(WireError) -> [Edge: [Mechanism: ActingMechanism]]
    {
        var acting: [Edge: [Mechanism: ActingMechanism]] = [:]
        for item in items {
            guard let parts = item.array, parts.count == 6, let from = parts[0].string, let to = parts[1].string,
                let word = parts[2].string, let since = parts[3].integer, let last = parts[4].integer,
                let count = parts[5].count
            else { throw fields.wrong("acting", "one is no edge, mechanism, two times and a count") }
            guard let mechanism = Mechanism(rawValue: word) else { continue }
            acting[Edge(from: ServiceName(from), to: ServiceName(to)), default: [:]][mechanism] = ActingMechanism(
                since: Timestamp(milliseconds: since), lastAt: Timestamp(milliseconds: last), count: count)
        }
        return acting
    }
}
