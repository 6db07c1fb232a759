import MeshModel
import TerminalCanvas

/// How the figures of a service or an edge differ from where they lay in the minute before the faults.
struct Difference: Equatable, Sendable {
    enum Measure: CaseIterable, Sendable {
        case success, p99, rate, p50
    }

    /// One figure against its band.
    struct Figure: Equatable, Sendable {
        enum Tendency: Sendable {
            case same, better, worse
            /// Neither is good or bad by itself: the number of requests.
            case other
        }

        /// By how much it is more than the middle of its band; negative is less. Success is in percentage points.
        var amount: Double
        var tendency: Tendency
    }

    private var figures: [Measure: Figure] = [:]

    subscript(_ measure: Measure) -> Figure? { figures[measure] }

    /// Nothing lies beyond its band.
    var isNone: Bool { figures.values.allSatisfy { $0.tendency == .same } }

    init(_ reading: Reading, since baseline: Baseline) {
        figures[.rate] = Self.figure(reading.rate, baseline.rate, whenMore: .other, whenLess: .other)
        figures[.success] = reading.errors.flatMap { Self.success(1 - $0, baseline.success) }
        figures[.p50] = Self.latency(reading.p50, baseline.p50)
        figures[.p99] = Self.latency(reading.p99, baseline.p99)
    }

    /// The value of an objective's indicator against its own band; nil when one of them is not known.
    static func figure(of objective: Objective, _ value: Double?, since band: Band?) -> Figure? {
        switch objective.indicator {
        case .success: success(value, band)
        case .latency: latency(value, band)
        }
    }

    static func success(_ ratio: Double?, _ band: Band?) -> Figure? {
        guard let ratio, let band else { return nil }
        let errors = Band(low: 1 - band.high, middle: 1 - band.middle, high: 1 - band.low)
        return figure(1 - ratio, errors, whenMore: .worse, whenLess: .better).map {
            Figure(amount: -100 * $0.amount, tendency: $0.tendency)
        }
    }

    static func latency(_ milliseconds: Double?, _ band: Band?) -> Figure? {
        figure(milliseconds, band, whenMore: .worse, whenLess: .better)
    }

    static func rate(_ value: Double?, _ band: Band?) -> Figure? {
        figure(value, band, whenMore: .other, whenLess: .other)
    }

    /// A fifth beyond the band is still the same, as it is for the recovery: no two minutes are the same.
    private static func figure(
        _ value: Double?, _ band: Band?, whenMore more: Figure.Tendency, whenLess less: Figure.Tendency
    ) -> Figure? {
        guard let value, let band else { return nil }
        let tendency: Figure.Tendency =
            value > band.high * 1.2 + 1e-9 ? more : value < band.low / 1.2 - 1e-9 ? less : .same
        return Figure(amount: value - band.middle, tendency: tendency)
    }
}

extension DashboardState {
    /// True while figures stand on the screen as differences: asked for, and there is something to compare with.
    var showsDifferences: Bool { isComparing && shown.watch.spell != nil }

    /// How a scope differs from before the faults; nil where nothing is known of before.
    func difference(of scope: Scope) -> Difference? {
        guard let baseline = shown.watch.spell?.baselines[scope] else { return nil }
        let reading =
            switch scope {
            case .service(let name): shownReadings[name]
            case .edge(let edge): shownReadings[edge]
            }
        return Difference(reading, since: baseline)
    }

    static let noBaseline = "No baseline yet: it is the minute before the first fault"

    /// Shows figures as differences, or as they are again.
    mutating func compare() {
        isComparing.toggle()
        guard isComparing else { return say("Showing current values") }
        guard let spell = shown.watch.spell else {
            return say(Self.noBaseline, .warn)
        }
        say("DIFF: change since the minute before \(spell.faults.first ?? "the fault"); = unchanged")
    }
}
