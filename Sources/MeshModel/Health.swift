/// How a service or an edge does, as a judgement that a person can follow.
public enum Health: String, CaseIterable, Sendable {
    case ok, warn, bad
    /// Nothing heard for too long: what was known is no longer true.
    case stale
    /// Never heard of, or no traffic to judge by.
    case unknown

    /// Above this share of 5xx answers something is worth a look.
    public static let warnErrors = 0.01
    /// Above this share something is broken.
    public static let badErrors = 0.05
    /// Fewer failures than these prove nothing: a quiet edge must not turn red by one bad answer.
    public static let leastFailures: UInt64 = 3

    /// Judges by errors alone; objectives are judged apart.
    public init(of sample: TrafficSample?) {
        guard let sample else {
            self = .unknown
            return
        }
        if let total = sample.totalHosts, total > 0, sample.healthyHosts == 0 {
            self = .bad
            return
        }
        guard let success = sample.successRatio else {
            self = .unknown
            return
        }
        guard sample.answers5xx >= Self.leastFailures || sample.answers5xx == sample.completed else {
            self = .ok
            return
        }
        self = success < 1 - Self.badErrors ? .bad : success < 1 - Self.warnErrors ? .warn : .ok
    }
}
