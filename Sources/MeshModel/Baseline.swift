/// Where a value mostly lay while nothing was broken on purpose: from its 5th to its 95th percentile.
public struct Band: Equatable, Sendable {
    public var low: Double
    public var middle: Double
    public var high: Double

    public init(low: Double, middle: Double, high: Double) {
        self.low = low
        self.middle = middle
        self.high = high
    }

    /// Nil of no values.
    init?(_ values: [Double]) {
        let sorted = values.filter(\.isFinite).sorted()
        guard !sorted.isEmpty else { return nil }
        func rank(_ share: Double) -> Double { sorted[Int((share * Double(sorted.count - 1)).rounded())] }
        self.init(low: rank(0.05), middle: rank(0.5), high: rank(0.95))
    }
}

/// How a scope did in the minute before a spell of faults.
public struct Baseline: Equatable, Sendable {
    public var rate: Band?
    public var success: Band?
    /// Milliseconds.
    public var p50: Band?
    public var p99: Band?
    /// Of the other quantiles that objectives are bound to.
    public private(set) var others: [Double: Band] = [:]

    /// So many seconds before the first fault are looked at.
    public static let seconds = 60.0
    /// Fewer polls than these tell nothing.
    static let fewestPolls = 5

    /// Nil when there were too few polls in that time.
    init?(_ series: ScopeState.Series, from start: Timestamp, until end: Timestamp) {
        let quiet = series.filter { $0.at >= start && $0.at < end }
        guard quiet.count >= Self.fewestPolls else { return nil }
        rate = Band(quiet.compactMap(\.rate))
        success = Band(quiet.compactMap(\.successRatio))
        p50 = Band(quiet.compactMap(\.p50))
        p99 = Band(quiet.compactMap(\.p99))
    }

    /// Adds the band of an objective's own quantile.
    mutating func add(
        _ values: [ObjectiveTrack.Value], of objective: Objective, from start: Timestamp, until end: Timestamp
    ) {
        guard let quantile = objective.ownQuantile else { return }
        let quiet = values.filter { $0.at >= start && $0.at < end }
        if quiet.count >= Self.fewestPolls { others[quantile] = Band(quiet.compactMap(\.value)) }
    }

    /// The band of what an objective looks at; nil for a quantile that was not kept.
    public func band(of indicator: Objective.Indicator) -> Band? {
        switch indicator {
        case .success: success
        case .latency(0.5, _): p50
        case .latency(0.99, _): p99
        case .latency(let quantile, _): others[quantile]
        }
    }

    /// Lists of three, null for a band that is not known; after them a list for each other quantile, which comes first.
    var json: JSON {
        func numbers(_ band: Band) -> [JSON] { [.double(band.low), .double(band.middle), .double(band.high)] }
        let bands: [JSON] = [rate, success, p50, p99].map { $0.map { .array(numbers($0)) } ?? .null }
        return .array(bands + others.sorted { $0.key < $1.key }.map { .array([.double($0.key)] + numbers($0.value)) })
    }

    init(_ json: JSON) {
        func band(_ place: Int) -> Band? {
            guard let items = json.array, place < items.count, let numbers = items[place].array?.compactMap(\.double),
                numbers.count == 3
            else { return nil }
            return Band(low: numbers[0], middle: numbers[1], high: numbers[2])
        }
        rate = band(0)
        success = band(1)
        p50 = band(2)
        p99 = band(3)
        for item in (json.array ?? []).dropFirst(4) {
            guard let numbers = item.array?.compactMap(\.double), numbers.count == 4 else { continue }
            others[numbers[0]] = Band(low: numbers[1], middle: numbers[2], high: numbers[3])
        }
    }
}

/// A time in which something was broken on purpose, from the first fault until the last was taken back. Faults that
/// follow one another before all has recovered belong to one spell: what lies between them is no baseline.
public struct FaultSpell: Equatable, Sendable {
    public var startedAt: Timestamp
    /// When nothing was left that nobody was taking back: the abort, the halt, the end of the last lease.
    public var stoppedAt: Timestamp?
    /// The faults in it, by id, in the order of their coming.
    public var faults: [String]
    public var baselines: [Scope: Baseline]

    /// In a mesh of more scopes than these, only those that matter to objectives and faults have a baseline.
    static let mostScopes = 256
}
