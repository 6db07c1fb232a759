extension ScopeState {
    /// One round of polls, reduced to what a chart shows. Nil is a gap, which is never drawn as zero.
    ///
    /// Rates and times are held to a hundredth, ratios to a hundred-thousandth: no chart shows more, and key frames and
    /// recordings carry many points.
    public struct Point: Equatable, Sendable {
        public var at: Timestamp
        public var rate: Double?
        public var successRatio: Double?
        /// Milliseconds.
        public var p50: Double?
        public var p99: Double?

        public init(at: Timestamp, rate: Double?, successRatio: Double?, p50: Double?, p99: Double?) {
            self.at = at
            self.rate = Self.rounded(rate, to: 100)
            self.successRatio = Self.rounded(successRatio, to: 100_000)
            self.p50 = Self.rounded(p50, to: 100)
            self.p99 = Self.rounded(p99, to: 100)
        }

        init(of sample: TrafficSample, at: Timestamp) {
            self.init(
                at: at, rate: sample.requestRate, successRatio: sample.successRatio,
                p50: sample.latency?.quantile(0.5), p99: sample.latency?.quantile(0.99))
        }

        private static func rounded(_ value: Double?, to parts: Double) -> Double? {
            guard let value, abs(value) < 1e12 else { return value }
            return (value * parts).rounded() / parts
        }
    }

    /// The polls of several sources that belong together: those that came in the same stretch of the clock, as long as
    /// the time between two polls. It is made out of the recent samples, so that whoever has these has the round.
    struct Round: Sendable {
        /// The newest sample of each source, by name.
        private var latest: [(source: String, at: Timestamp, rate: Double?)] = []
        /// The stretch, counted from 1970.
        private(set) var number: Int64?
        /// What was counted in it.
        private(set) var sample = TrafficSample(milliseconds: 0)
        private var at = Timestamp(milliseconds: 0)

        init(_ recent: [TimedSample], pace: Double) {
            for timed in recent { take(timed, pace: pace) }
        }

        /// True when more than one source tells of the scope.
        var isShared: Bool { latest.count > 1 }

        static func number(of at: Timestamp, pace: Double) -> Int64 {
            let size = max(1, Int64(clamping: pace * 1000))
            return at.milliseconds / size - (at.milliseconds % size < 0 ? 1 : 0)
        }

        mutating func take(_ timed: TimedSample, pace: Double) {
            at = timed.at
            let patience = ScopeState.patience(pace: pace)
            let place = latest.firstIndex { $0.source >= timed.source } ?? latest.count
            if place < latest.count, latest[place].source == timed.source {
                latest[place] = (timed.source, timed.at, timed.sample.requestRate)
            } else {
                latest.insert((timed.source, timed.at, timed.sample.requestRate), at: place)
            }
            if latest.count > 1 { latest.removeAll { abs(timed.at.seconds(since: $0.at)) > patience } }
            let number = Self.number(of: timed.at, pace: pace)
            if number == self.number {
                sample = TrafficSample(across: [sample, timed.sample])
            } else {
                self.number = number
                sample = timed.sample
            }
        }

        /// The rates of all sources that are heard, and what was counted in the round.
        var point: Point {
            let rates = latest.compactMap(\.rate)
            return Point(
                at: at, rate: rates.isEmpty ? nil : rates.reduce(0, +), successRatio: sample.successRatio,
                p50: sample.latency?.quantile(0.5), p99: sample.latency?.quantile(0.99))
        }
    }
}
