internal import MeshModel

/// How many requests a second go into a service or over an edge, by what became of them.
struct RequestRates: Equatable, Sendable {
    /// What is counted apart. The first four are answers, by class of status.
    enum Field: Int, CaseIterable, Sendable {
        case answers2xx, answers3xx, answers4xx, answers5xx
        case resets, retries, timeouts, overflows, connectFailures, aborts, delays
    }

    /// By the numbers of the fields; the others are zero.
    private(set) var values = SIMD16<Double>()

    init() {}

    fileprivate init(_ values: SIMD16<Double>) { self.values = values }

    subscript(field: Field) -> Double {
        get { values[field.rawValue] }
        set { values[field.rawValue] = newValue }
    }

    /// Answers of any kind.
    var completed: Double { values[0] + values[1] + values[2] + values[3] }

    mutating func add(_ other: RequestRates) { values += other.values }

    /// A rate that can be counted with; nil for what a division made, and for what no mesh does.
    static func usable(_ rate: Double) -> Double? { rate.isFinite && rate >= 0 && rate < 1e12 ? rate : nil }

    /// Adds answers of one class, 2 to 5; others are no answers.
    mutating func add(_ rate: Double, ofClass digit: Int) {
        if (2...5).contains(digit) { values[digit - 2] += rate }
    }

    /// The field of most answers; nil without any.
    var mostAnswers: Field? {
        let answers = Field.allCases.prefix(4)
        return completed > 0 ? answers.max { self[$0] < self[$1] } : nil
    }

    /// Whole counts of what is due after so many seconds, and what is left of it for the next time, or was too much.
    func due(after seconds: Double, carrying rest: RequestRates) -> (due: RequestRates, rest: RequestRates) {
        let wanted = values * seconds + rest.values
        let whole = pointwiseMax(wanted.rounded(.toNearestOrAwayFromZero), SIMD16(repeating: 0))
        let left = pointwiseMin(pointwiseMax(wanted - whole, SIMD16(repeating: -1)), SIMD16(repeating: 1))
        return (RequestRates(whole), RequestRates(left))
    }
}

/// What is known of one scope after a round: rates, and the latencies that a share of the requests did not exceed.
struct RateReading: Equatable, Sendable {
    var rates = RequestRates()
    /// Milliseconds, by the places of the quantiles that were asked for; nil for one that is not known.
    var latencies: [Double?] = []

    mutating func setLatency(_ value: Double, at place: Int) {
        guard value.isFinite, value >= 0 else { return }
        while latencies.count <= place { latencies.append(nil) }
        latencies[place] = value
    }
}

/// A whole mesh after a round.
struct RateMesh: Equatable, Sendable {
    /// Of services that tell of themselves, what came in.
    var services: [ServiceName: RateReading] = [:]
    var edges: [Edge: RateReading] = [:]
    /// Services through which the world's requests enter: all that they send on came in.
    var gateways: Set<ServiceName> = []

    var isEmpty: Bool { services.isEmpty && edges.isEmpty }
}
