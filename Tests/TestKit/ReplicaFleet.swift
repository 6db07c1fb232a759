public import MeshModel

/// A service of several replicas which all call another, made up from a seed: polled out of step, some late to join, some
/// restarted, some slow to answer, some polls lost. It tells what a control plane hears, and knows what is true.
public struct ReplicaFleet {
    /// What one poll of one replica brought.
    public struct Poll {
        public var replica: Int
        public var seconds: Double
        public var interval: Double
        public var completed: UInt64
        /// The counters began anew in the interval.
        public var restarted: Bool
    }

    /// Requests a second that truly come in at each replica.
    public let rates: [Int]
    public private(set) var polls: [Poll] = []
    public private(set) var events: [Event] = []
    public static let start = Timestamp(milliseconds: 1_764_000_000_000)

    public init(seed: UInt64, seconds: Int, pace: Double = 1) {
        var generator = SeededGenerator(seed: seed)
        rates = (0..<generator.int(in: 1...20)).map { _ in generator.int(in: 1...60) }
        for replica in rates.indices {
            let joins = generator.chance(0.2) ? generator.double(in: 0...Double(seconds) / 2) : 0
            let leaves = generator.chance(0.1) ? generator.double(in: Double(seconds) / 2...Double(seconds)) : .infinity
            // One that lags is polled when it answered at last.
            let own = generator.chance(0.1) ? 2 * pace : pace
            var (born, last) = (joins, -1.0)
            var at = joins + generator.double(in: 0...own)
            while at < min(leaves, Double(seconds)) {
                let isRestarted = last >= 0 && generator.chance(0.004)
                if isRestarted { born = generator.double(in: last...at) }
                if !generator.chance(0.03) {
                    if last >= 0 {
                        let before = isRestarted || born > last ? 0 : Self.count(rates[replica], last - born)
                        polls.append(
                            Poll(
                                replica: replica, seconds: at, interval: at - last,
                                completed: Self.count(rates[replica], at - born) - before,
                                restarted: born > last))
                    }
                    last = at
                }
                at += own + generator.double(in: -0.02...0.02)
            }
        }
        polls.sort { $0.seconds < $1.seconds }
        tell(pace)
    }

    private static func count(_ rate: Int, _ seconds: Double) -> UInt64 { UInt64(Double(rate) * max(0, seconds)) }

    private mutating func tell(_ pace: Double) {
        let session = Session(
            id: "fleet", name: "fleet", mode: .live, startedAt: Self.start, entrance: "front", pollInterval: pace,
            objectives: [Objective(name: "quick", service: "front", indicator: .latency(quantile: 0.9, limit: 40))])
        events = [Event(number: 1, at: Self.start, observation: .session(session))]
        for (place, poll) in polls.enumerated() {
            var sample = TrafficSample(seconds: poll.interval)
            sample.completed = poll.completed
            sample.answers5xx = poll.completed / 10
            sample.latency = LatencyHistogram([
                LatencyHistogram.Bin(lower: Double(10 + poll.replica), width: 1, count: poll.completed)
            ])
            let name = poll.replica == 0 ? "front" : "front \(poll.replica + 1)"
            let report = TrafficReport(
                source: name, service: "front", inbound: sample,
                outbound: [TrafficReport.Outbound(to: "pay", sample: sample)], restarted: poll.restarted)
            let at = Self.start.advanced(bySeconds: poll.seconds)
            events.append(Event(number: UInt64(place + 2), at: at, observation: .traffic(report)))
        }
    }
}
