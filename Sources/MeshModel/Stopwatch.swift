/// How long an objective took to break and to recover in one fault window: the one definition, for screens, reports,
/// sentences and the API.
///
/// - Time to detect: from the moment at which the proxies confirmed a fault (or it was requested, where none confirms)
///   to the first poll with which the objective misses its target. The fault is the one that was confirmed last before
///   that poll.
/// - Time to recover: from the moment at which the removal of the last fault began to the first of three rounds of polls
///   in a row that meet the target and lie in the baseline. Only what a fault broke can recover.
public struct Stopwatch: Equatable, Sendable {
    public enum Detection: Equatable, Sendable {
        case found(fault: String, seconds: Double)
        /// The objective was broken before the first fault, so that nothing can be laid to one.
        case alreadyBroken
        /// A fault is active for so many seconds, and the objective is met.
        case awaited(seconds: Double)
        /// The faults are gone and broke nothing.
        case nothing
    }

    public enum Recovery: Equatable, Sendable {
        case done(seconds: Double)
        /// The faults are gone for so many seconds, and the objective is not back.
        case awaited(seconds: Double)
        /// Nothing broke, or a fault is still active.
        case nothing
    }

    public let detection: Detection
    public let recovery: Recovery

    /// Reads the window that began with the first fault at `startedAt` and ended at `stoppedAt`, nil while it goes on.
    public init(_ effect: FaultEffect, from startedAt: Timestamp, to stoppedAt: Timestamp?, at now: Timestamp) {
        if let found = effect.detection {
            detection = .found(fault: found.fault, seconds: found.seconds)
        } else if effect.wasBroken {
            detection = .alreadyBroken
        } else {
            detection = stoppedAt == nil ? .awaited(seconds: max(0, now.seconds(since: startedAt))) : .nothing
        }
        guard effect.detection != nil, let stoppedAt else {
            recovery = .nothing
            return
        }
        recovery =
            effect.recoveredAt.map { .done(seconds: max(0, $0.seconds(since: stoppedAt))) }
            ?? .awaited(seconds: max(0, now.seconds(since: stoppedAt)))
    }

    /// Seconds to the crossing; nil without one.
    public var secondsToDetect: Double? {
        if case .found(_, let seconds) = detection { seconds } else { nil }
    }

    /// Seconds to the recovery; nil without one.
    public var secondsToRecover: Double? {
        if case .done(let seconds) = recovery { seconds } else { nil }
    }
}

extension MeshState {
    /// The stopwatch of an objective in the last fault window; nil before the first fault.
    public func stopwatch(of objective: Objective, at now: Timestamp) -> Stopwatch? {
        guard let spell = watch.spell, let effect = watch.tracks[objective]?.effect else { return nil }
        return Stopwatch(effect, from: spell.startedAt, to: spell.stoppedAt, at: now)
    }
}
