/// A service level objective: an indicator of a service and the bound it is to keep.
public struct Objective: Hashable, Sendable {
    public enum Indicator: Hashable, Sendable {
        /// The share of answers that are not 5xx is at least `target` (0...1).
        case success(target: Double)
        /// The quantile `quantile` (0...1) of latency is at most `limit` milliseconds.
        case latency(quantile: Double, limit: Double)
    }

    /// What a server of figures is asked for, where proxies do not count what is meant.
    public struct Query: Hashable, Sendable {
        /// In PromQL; its answer is one number.
        public var text: String
        /// What the answer is multiplied by to be milliseconds, or a ratio.
        public var factor: Double

        public init(_ text: String, factor: Double = 1) {
            self.text = text
            self.factor = factor
        }
    }

    public var name: String
    public var service: ServiceName
    public var indicator: Indicator
    /// Asked for the indicator's value; nil for what the proxies of the service count. Of a latency the quantile is then
    /// the share of the time in which the bound is to be kept.
    public var query: Query?
    /// The seconds that the error budget is for; thirty days unless somebody says otherwise.
    public var window: Double
    /// The share of the budget that was left when the day began, 0...1: we have seen nothing of the days before.
    public var budgetAtStart: Double

    public static let usualWindow = 30 * 86_400.0

    public init(
        name: String, service: ServiceName, indicator: Indicator, window: Double = usualWindow,
        budgetAtStart: Double = 1, query: Query? = nil
    ) {
        self.name = name
        self.service = service
        self.indicator = indicator
        self.window = window
        self.budgetAtStart = budgetAtStart
        self.query = query
    }

    /// The scope whose samples the objective is judged by: its service, or one of its own for what a query answers.
    public var scope: ServiceName { query == nil ? service : Self.scope(ofQuery: name) }

    /// The scope of a query, by the name of its objective; no service is shown under it.
    public static func scope(ofQuery name: String) -> ServiceName { ServiceName(scopePrefix + name) }

    /// The other way round; nil for a service.
    public static func name(ofScope scope: ServiceName) -> String? {
        scope.text.hasPrefix(scopePrefix) ? String(scope.text.dropFirst(scopePrefix.count)) : nil
    }

    private static let scopePrefix = "query: "

    /// A sample that makes the objective's indicator exactly this answer of its query. Its counts are no requests: a ratio
    /// is told in millionths, and a latency as one of one.
    public func sample(ofAnswer answer: Double, milliseconds: Int64) -> TrafficSample? {
        guard let query, answer.isFinite else { return nil }
        let value = answer * query.factor
        guard value.isFinite, abs(value) < 1e12 else { return nil }
        var sample = TrafficSample(milliseconds: milliseconds)
        switch indicator {
        case .success:
            sample.completed = 1_000_000
            sample.answers5xx = UInt64(max(0, Int64(clamping: (1 - min(1, max(0, value))) * 1_000_000)))
            sample.answers2xx = sample.completed - sample.answers5xx
        case .latency:
            sample.completed = 1
            sample.answers2xx = 1
            sample.latency = LatencyHistogram([.init(lower: value, width: 0, count: 1)])
        }
        return sample
    }

    /// The quantile of which the charts of the service have no values, so that they are kept for this objective; else nil.
    public var ownQuantile: Double? {
        switch indicator {
        case .latency(0.5, _), .latency(0.99, _), .success: nil
        case .latency(let quantile, _): quantile
        }
    }

    /// The share of requests that must be good: the target, or the quantile of a latency bound.
    public var target: Double {
        switch indicator {
        case .success(let target): target
        case .latency(let quantile, _): quantile
        }
    }
}

/// What an objective comes to at a moment.
public struct ObjectiveReading: Equatable, Sendable {
    /// The indicator now: a ratio for success, milliseconds for latency; nil without traffic.
    public var value: Double?
    /// Nil when nothing is known: no traffic is not the same as met.
    public var isMet: Bool?
    /// How many times faster than allowed the error budget is spent now; 1 spends it exactly.
    public var burnRate: Double?
    /// How many requests the reading rests on.
    public var requests: UInt64

    public init(value: Double?, isMet: Bool?, burnRate: Double?, requests: UInt64) {
        self.value = value
        self.isMet = isMet
        self.burnRate = burnRate
        self.requests = requests
    }
}

extension Objective {
    /// Judges traffic of the objective's service.
    public func reading(of sample: TrafficSample) -> ObjectiveReading {
        let good: Double?
        let value: Double?
        let isMet: Bool?
        switch indicator {
        case .success(let target):
            good = sample.successRatio
            value = good
            isMet = good.map { $0 >= target }
        case .latency(let quantile, let limit):
            good = sample.latency?.share(within: limit)
            value = sample.latency?.quantile(quantile)
            isMet = value.map { $0 <= limit }
        }
        let allowed = 1 - target
        let burn = good.flatMap { allowed > 0 ? (1 - $0) / allowed : nil }
        return ObjectiveReading(value: value, isMet: isMet, burnRate: burn, requests: sample.completed)
    }

    /// The value of the indicator alone; nil without traffic.
    public func value(of sample: TrafficSample) -> Double? {
        switch indicator {
        case .success: sample.successRatio
        case .latency(let quantile, _): sample.latency?.quantile(quantile)
        }
    }

    /// How many requests the objective counts in a sample, and how many of them it calls bad.
    func tally(of sample: TrafficSample) -> BudgetTally {
        switch indicator {
        case .success:
            return BudgetTally(
                requests: sample.completed, bad: Double(min(sample.completed, sample.answers5xx)))
        case .latency(_, let limit):
            guard let latency = sample.latency, let within = latency.share(within: limit) else { return BudgetTally() }
            return BudgetTally(requests: latency.count, bad: (1 - within) * Double(latency.count))
        }
    }
}
