/// A condition which halts everything by itself while faults are active.
public enum Guard: Hashable, Sendable {
    /// The objective of this name is broken for so many seconds without a break.
    case broken(objective: String, seconds: Double)
    /// More than half of the sources were silent for so many seconds: blind is a reason to stop.
    case stale(seconds: Double)
    /// Less than this share of the objective's error budget is left, 0...1.
    case budget(objective: String, floor: Double)
    /// Faults were active for so many seconds in all, since the last rearm.
    case duration(seconds: Double)
    /// More than this share of the requests that enter the mesh is hit, 0...1.
    case blastRadius(share: Double)
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
    /// Reads one of the session's guards; one that a run brought counts from the start of that run.
    public func reading(of guardRail: Guard, at now: Timestamp, since start: Timestamp? = nil) -> GuardReading {
        switch guardRail {
        case .broken(let name, let limit):
            let objective = objective(named: name)
            let isBroken = objective.flatMap { verdicts[$0] } == false
            let since = isBroken ? objective.flatMap { watch.tracks[$0]?.since } : nil
            let seconds = since.map { max(0, now.seconds(since: $0)) }
            return GuardReading(
                value: seconds ?? (objective.flatMap { verdicts[$0] } == nil ? nil : 0), limit: limit,
                isMet: seconds.map { $0 >= limit } ?? false,
                reason: "\(name) has been broken for \(Self.plain(seconds ?? 0)) s")
        case .stale(let limit):
            let age = silence(at: now)
            let who = sources.count > 1 ? "more than half of the proxies were" : "the proxy was"
            return GuardReading(
                value: age, limit: limit, isMet: age.map { $0 > limit } ?? false,
                reason: "\(who) stale for \(Self.plain(age ?? 0)) s")
        case .budget(let name, let floor):
            let left = objective(named: name).flatMap { budget(of: $0, at: now).left }
            let percent = { (share: Double) in "\(Self.plain(share * 100))%" }
            return GuardReading(
                value: left, limit: floor, isMet: left.map { $0 < floor } ?? false,
                reason: "\(name) has \(percent(left ?? 0)) of its error budget left, less than \(percent(floor))")
        case .duration(let limit):
            let seconds = exposure(since: start, at: now)
            return GuardReading(
                value: seconds, limit: limit, isMet: seconds >= limit,
                reason: "faults were active for \(Self.plain(seconds)) s; the limit is \(Self.plain(limit)) s")
        case .blastRadius(let limit):
            let share = observedBlast(at: now)
            let percent = { (share: Double) in "\(Self.plain(share * 100))%" }
            return GuardReading(
                value: share, limit: limit, isMet: share.map { $0 > limit } ?? false,
                reason:
                    "\(percent(share ?? 0)) of the requests at the entry point are hit; the limit is \(percent(limit))")
        }
    }

    /// Seconds in which a fault of ours was in the mesh, each counted once however many there were.
    private func exposure(since start: Timestamp?, at now: Timestamp) -> Double {
        let from = [start, watch.rearmedAt, session?.startedAt].compactMap(\.self).max()
        let spans = faults.filter { !$0.isOrphan }.compactMap { fault -> (start: Timestamp, end: Timestamp)? in
            // A dial confirms it anew, and it was in the mesh all the while.
            guard fault.acceptedAt != nil else { return nil }
            let begun = max(fault.requestedAt, from ?? fault.requestedAt)
            let end = fault.phase.isOver ? fault.endedAt ?? begun : now
            return end > begun ? (begun, end) : nil
        }.sorted { $0.start < $1.start }
        var (sum, covered) = (0.0, Timestamp?.none)
        for span in spans {
            let begun = covered.map { max($0, span.start) } ?? span.start
            guard span.end > begun else { continue }
            sum += span.end.seconds(since: begun)
            covered = span.end
        }
        return sum
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
        case .duration(let seconds): ["duration": .double(seconds)]
        case .blastRadius(let share): ["blastRadius": .double(share)]
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
        } else if fields.value("duration") != nil {
            self = .duration(seconds: try fields.double("duration"))
        } else if fields.value("blastRadius") != nil {
            self = .blastRadius(share: try fields.double("blastRadius"))
        } else {
            return nil
        }
    }
}
