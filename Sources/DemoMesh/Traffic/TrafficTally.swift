import MeshModel
import Synchronization

/// What became of the requests of a traffic source, by journey.
final class TrafficTally: Sendable {
    struct Counts: Equatable, Sendable {
        var sent = 0
        /// Answered with 2xx or 3xx.
        var served = 0
        /// Answered with 4xx.
        var refused = 0
        /// Answered with 5xx.
        var failed = 0
        /// Not answered.
        var silent = 0
    }

    private struct State {
        var journeys: [String: Counts] = [:]
        var underWay = 0
        var heldBack = 0
    }

    private let state = Mutex(State())

    /// Counts a request as sent, unless too many are under way already.
    func begin(_ journey: String, atMost limit: Int) -> Bool {
        state.withLock { state in
            guard state.underWay < limit else {
                state.heldBack += 1
                return false
            }
            state.underWay += 1
            state.journeys[journey, default: Counts()].sent += 1
            return true
        }
    }

    /// Counts the answer to a request by its status; nil is none.
    func end(_ journey: String, status: Int?) {
        state.withLock { state in
            state.underWay -= 1
            switch status {
            case .some(..<400): state.journeys[journey, default: Counts()].served += 1
            case .some(..<500): state.journeys[journey, default: Counts()].refused += 1
            case .some: state.journeys[journey, default: Counts()].failed += 1
            case .none: state.journeys[journey, default: Counts()].silent += 1
            }
        }
    }

    func counts(of journey: String) -> Counts {
        state.withLock { $0.journeys[journey] ?? Counts() }
    }

    /// Everything since the start, in one line of JSON; `time` is in seconds since 1970.
    func line(at time: Int) -> [UInt8] {
        let state = state.withLock { $0 }
        let journeys = state.journeys.sorted { $0.key < $1.key }.map { name, counts in
            JSON.Member(
                name,
                [
                    "sent": JSON(counts.sent), "served": JSON(counts.served), "refused": JSON(counts.refused),
                    "failed": JSON(counts.failed), "silent": JSON(counts.silent),
                ])
        }
        let line: JSON = [
            "at": JSON(time), "underWay": JSON(state.underWay), "heldBack": JSON(state.heldBack),
            "journeys": .object(journeys),
        ]
        return line.bytes + [UInt8(ascii: "\n")]
    }
}
