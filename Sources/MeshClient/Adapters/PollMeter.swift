internal import Synchronization

/// What polling has cost so far, and the pace it keeps: told by the loops of a fleet, read by whoever shows it.
///
/// Where turns begin late again and again, or most of a large turn time out, the machine or the network can't do what is
/// asked of it: each question that times out costs a new connection, so that it would never get out of that by itself.
/// Then all sources are polled less often by the same factor, so that none starves, and as often as wished again once turns
/// have been in time for long.
public final class PollMeter: Sendable {
    /// The sums so far.
    public struct Sums: Equatable, Sendable {
        /// Answers that were read, and those of them in turns that began late.
        public var polls: UInt64 = 0
        public var late: UInt64 = 0
        /// Questions without a good answer.
        public var failed: UInt64 = 0
        /// Bytes of all answers.
        public var bytes: UInt64 = 0
    }

    private struct State {
        var sums = Sums()
        var slowdown = 1.0
        var lateTurns = 0
        var calmTurns = 0
        var crowdedTurns = 0

        mutating func slowDown() { slowdown = min(PollMeter.most, slowdown * PollMeter.step) }
    }

    /// Polls are never less frequent than that: data would be too old to act on.
    static let most = 4.0
    private static let step = 1.5
    /// So many late turns in a row slow the polls down: a machine that slept is late once.
    private static let tooManyLate = 3
    /// So many turns in time make them faster again.
    private static let enoughCalm = 20
    /// In a turn of fewer than that, silence is the fault of those who are silent.
    private static let crowd = 100

    private let state = Mutex(State())

    public init() {}

    public var sums: Sums { state.withLock { $0.sums } }
    /// By what the time between two polls is longer than wished; 1 when it is not.
    public var slowdown: Double { state.withLock { $0.slowdown } }

    /// Says that what the polls bring is not taken in time: as good as a late turn.
    public func isBehind() { turn(isLate: true) }

    /// A turn begins.
    func turn(isLate: Bool) {
        state.withLock { state in
            state.lateTurns = isLate ? state.lateTurns + 1 : 0
            state.calmTurns = isLate ? 0 : state.calmTurns + 1
            if state.lateTurns >= Self.tooManyLate {
                state.slowDown()
                state.lateTurns = 0
            } else if state.calmTurns >= Self.enoughCalm, state.slowdown > 1 {
                state.slowdown = max(1, state.slowdown / Self.step)
                state.calmTurns = 0
            }
        }
    }

    /// A turn is over: so many were asked, and so many of them did not answer in time.
    func turnEnded(asked: Int, timedOut: Int) {
        state.withLock { state in
            guard asked >= Self.crowd, timedOut * 2 > asked else {
                state.crowdedTurns = 0
                return
            }
            state.calmTurns = 0
            state.crowdedTurns += 1
            guard state.crowdedTurns >= Self.tooManyLate else { return }
            state.slowDown()
            state.crowdedTurns = 0
        }
    }

    func add(_ more: Sums) {
        state.withLock { state in
            state.sums.polls &+= more.polls
            state.sums.late &+= more.late
            state.sums.failed &+= more.failed
            state.sums.bytes &+= more.bytes
        }
    }

    /// One question was answered, or not.
    func count(isGood: Bool) {
        var sums = Sums()
        if isGood { sums.polls = 1 } else { sums.failed = 1 }
        add(sums)
    }
}
