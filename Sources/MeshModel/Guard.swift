/// A condition which halts everything by itself while faults are active.
public enum Guard: Hashable, Sendable {
    /// The objective of this name is broken for so many seconds without a break.
    case broken(objective: String, seconds: Double)
    /// The newest data is older than so many seconds: blind is a reason to stop.
    case stale(seconds: Double)
    /// Less than this share of the objective's error budget is left, 0...1.
    case budget(objective: String, floor: Double)
}

/// How near a guard is to halting everything.
public struct GuardReading: Equatable, Sendable {
    /// What is measured: seconds for a time, a share 0...1 for a budget; nil when nothing is known.
    public var value: Double?
    /// The value at which it halts.
    public var limit: Double
    /// The condition is there, so that it would halt now if a fault were active.
    public var isMet: Bool
    /// Why it would halt, in words for the timeline.
    public var reason: String
}

extension MeshState {
    /// Reads one of the session's guards.
    public func reading(of guardRail: Guard, at now: Timestamp) -> GuardReading {
        switch guardRail {
        case .broken(let name, let limit):
            let objective = objective(named: name)
            let isBroken = objective.flatMap { verdicts[$0] } == false
            let since = isBroken ? objective.flatMap { watch.tracks[$0]?.since } : nil
            let seconds = since.map { max(0, now.seconds(since: $0)) }
            return GuardReading(
                value: seconds ?? (objective.flatMap { verdicts[$0] } == nil ? nil : 0), limit: limit,
                isMet: seconds.map { $0 >= limit } ?? false,
                reason: "\(name) is broken for \(Self.plain(seconds ?? 0)) s")
        case .stale(let limit):
            let age = sources.values.compactMap(\.heardAt).max().map { max(0, now.seconds(since: $0)) }
            return GuardReading(
                value: age, limit: limit, isMet: age.map { $0 > limit } ?? false,
                reason: "the newest data is \(Self.plain(age ?? 0)) s old")
        case .budget(let name, let floor):
            let left = objective(named: name).flatMap { budget(of: $0, at: now).left }
            let percent = { (share: Double) in "\(Self.plain(share * 100)) %" }
            return GuardReading(
                value: left, limit: floor, isMet: left.map { $0 < floor } ?? false,
                reason: "\(name) has \(percent(left ?? 0)) of its budget left, below \(percent(floor))")
        }
    }

    public func objective(named name: String) -> Objective? {
        session?.objectives.first { $0.name == name }
    }

    /// A number without a needless fraction.
    private static func plain(_ value: Double) -> String {
        let tenths = Int64(clamping: value * 10)
        return tenths % 10 == 0
            ? "\(tenths / 10)" : "\(tenths < 0 && tenths > -10 ? "-" : "")\(tenths / 10).\(abs(tenths % 10))"
    }
}

extension Guard {
    public var json: JSON {
        switch self {
        case .broken(let objective, let seconds): ["broken": .string(objective), "for": .double(seconds)]
        case .stale(let seconds): ["stale": .double(seconds)]
        case .budget(let objective, let floor): ["budget": .string(objective), "below": .double(floor)]
        }
    }

    /// Nil for a kind that this version does not know.
    init?(_ fields: WireFields) throws(WireError) {
        if fields.value("broken") != nil {
            self = .broken(objective: try fields.string("broken"), seconds: try fields.double("for"))
        } else if fields.value("stale") != nil {
            self = .stale(seconds: try fields.double("stale"))
        } else if fields.value("budget") != nil {
            self = .budget(objective: try fields.string("budget"), floor: try fields.double("below"))
        } else {
            return nil
        }
    }
}
