/// What is known of the traffic of one scope: the last samples for short windows, and a longer series for charts.
public struct ScopeState: Equatable, Sendable {
    public struct TimedSample: Equatable, Sendable {
        public var at: Timestamp
        public var sample: TrafficSample

        public init(at: Timestamp, sample: TrafficSample) {
            self.at = at
            self.sample = sample
        }
    }

    /// One poll, reduced to what a chart shows. Nil is a gap, which is never drawn as zero.
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

    /// Samples of the last `keptSeconds`, oldest first.
    public private(set) var recent: [TimedSample] = []
    /// The last `keptPoints` polls, oldest first.
    public private(set) var series: [Point] = []
    /// When this scope was last heard of, with or without a sample.
    public private(set) var heardAt: Timestamp?
    /// How many samples there were in all, those no longer kept included.
    public private(set) var polls = 0

    public static let keptSeconds = 12.0
    public static let keptPoints = 300
    /// The window of the numbers on the screen, in seconds: an audience sees a change within a breath.
    public static let window = 5.0

    public init() {}

    /// Takes up a scope where a key frame or a recording left it.
    public init(recent: [TimedSample], series: [Point], heardAt: Timestamp?, polls: Int) {
        self.recent = recent
        self.series = series
        self.heardAt = heardAt
        self.polls = polls
    }

    mutating func add(_ sample: TrafficSample?, at: Timestamp) {
        heardAt = at
        guard let sample else { return }
        polls &+= 1
        // What is far ahead goes too: the clock was set back, and those samples would be kept until it caught up.
        recent.removeFirst(recent.prefix { abs(at.seconds(since: $0.at)) >= Self.keptSeconds }.count)
        recent.append(TimedSample(at: at, sample: sample))
        // Dropping a quarter at a time keeps the cost of a full ring constant on average.
        if series.count >= Self.keptPoints { series.removeFirst(Self.keptPoints / 4) }
        series.append(Point(of: sample, at: at))
    }

    /// The samples that ended in the last `seconds` before `now`, as one; nil when there is none.
    public func sample(over seconds: Double = window, until now: Timestamp) -> TrafficSample? {
        var sum: TrafficSample?
        for timed in recent where now.seconds(since: timed.at) < seconds && timed.at <= now.advanced(bySeconds: 1) {
            if sum == nil { sum = timed.sample } else { sum?.add(timed.sample) }
        }
        return sum
    }

    /// The samples whose whole interval lies after `start`, and before `end` if there is one, as one; nil when there is
    /// none.
    public func sample(since start: Timestamp, until end: Timestamp? = nil) -> TrafficSample? {
        var sum: TrafficSample?
        for timed in recent where timed.at.advanced(bySeconds: -timed.sample.seconds + 0.05) >= start {
            if let end, timed.at > end { continue }
            if sum == nil { sum = timed.sample } else { sum?.add(timed.sample) }
        }
        return sum
    }

    /// Seconds since this scope was last heard of; nil if never.
    public func age(at now: Timestamp) -> Double? {
        heardAt.map { max(0, now.seconds(since: $0)) }
    }
}
