import MeshModel

/// The faults that a runtime puts on one listener, read as Envoy reads them.
struct SimulatedFaults: Equatable, Sendable {
    var abortShare = 0.0
    var abortStatus = 503
    var delayShare = 0.0
    var delayMilliseconds = 200.0
    var limitShare = 0.0
    /// The rate of the limit in KiB/s.
    var limitRate = 1_024.0

    /// Whether any request is hit.
    var isOn: Bool { abortShare > 0 || delayShare > 0 || limitShare > 0 }

    init() {}

    /// Reads the keys below a prefix such as `edge.taps`.
    init(prefix: String, runtime: [String: String]) {
        func value(_ key: String) -> String? { runtime["\(prefix).\(key)"] }
        abortShare = Self.share(value("abort_pct"))
        abortStatus = value("abort_status").flatMap { Int($0) } ?? 503
        delayShare = Self.share(value("delay_pct"))
        delayMilliseconds = value("delay_ms").flatMap { Double($0) }.map { max(0, $0) } ?? 200
        for step in EnvoyBootstrap.rateSteps.reversed() {
            let share = Self.share(value("rl_\(step)_pct"))
            if share > 0 { (limitShare, limitRate) = (share, Double(step)) }
        }
    }

    /// A percentage of the runtime as a share: a whole number, or a fraction as an object. Anything else means 0, and
    /// more than everything means everything (measured on 1.40).
    static func share(_ text: String?) -> Double {
        guard let text else { return 0 }
        if let whole = UInt32(text) { return min(1, Double(whole) / 100) }
        guard let fraction = try? JSON(parsing: text), let numerator = fraction["numerator"]?.double else { return 0 }
        let denominator: Double =
            switch fraction["denominator"]?.string {
            case "TEN_THOUSAND": 10_000
            case "MILLION": 1_000_000
            default: 100
            }
        return min(1, max(0, numerator / denominator))
    }
}
