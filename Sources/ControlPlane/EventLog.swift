internal import MeshModel
internal import Synchronization

/// The one place where events get their numbers: it stamps them, folds them into the state of the mesh, writes each as
/// a line once, and wakes whoever waits for them.
///
/// It is a lock and no actor, so that what one owner tells twice is numbered in that order, and can be read at once.
final class EventLog: Sendable {
    fileprivate struct Held {
        var state = MeshState()
        var ring: EventRing
        var writer = JSONWriter()
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
        /// Of what kinds the sources are.
        var kinds: Set<SourceKind> = []
        /// When each source's counters last began anew.
        var restarts: [String: Timestamp] = [:]
        /// Events that no recording has taken yet; nil when nobody records.
        var unrecorded: [Event]?
        /// How many more there were than are kept, since the last time they were taken and in all.
        var unrecordedLost = 0
        var allLost: UInt64 = 0
        /// How far the slowest reader was behind since that was last asked, and how often one was too far.
        var lag: UInt64 = 0
        var skips: UInt64 = 0
        var isClosed = false
    }

    /// Half a minute of a mesh of a hundred services: a recorder that does not come for so long has lost its disk.
    private static let mostUnrecorded = 4000
    /// Nor for so many polls of each proxy of a larger mesh: to lose some costs a whole state of it.
    private static let mostUnrecordedPolls = 4

    private let held: Mutex<Held>
    private let clock: DayClock

    /// Keeps the last lines in at most `capacity` bytes of memory for readers who come late, and all events for a recorder if there
    /// is to be one.
    init(clock: DayClock, capacity: Int = 16 << 20, isRecorded: Bool = false) {
        self.clock = clock
        held = Mutex(Held(ring: EventRing(capacity: capacity), unrecorded: isRecorded ? [] : nil))
    }

    /// Numbers and tells these, all at one moment.
    func append(_ observations: [Observation]) {
        guard !observations.isEmpty else { return }
        let waiting = held.withLock { held in
            let now = clock.now()
            let at = held.state.lastAt.map { max($0, now) } ?? now
            var starts: [UInt32] = []
            starts.reserveCapacity(observations.count)
            held.writer.reset()
            for told in observations {
                guard let observation = held.counted(told, at: at) else { continue }
                let event = Event(number: held.state.lastNumber + 1, at: at, observation: observation)
                if case .traffic(let report) = observation, report.restarted { held.restarts[report.source] = at }
                held.state.apply(event)
                held.keepForRecorder(
                    event, limit: max(Self.mostUnrecorded, Self.mostUnrecordedPolls * held.state.sources.count))
                starts.append(UInt32(clamping: held.writer.bytes.count))
                EventWire.write(event, to: &held.writer)
            }
            held.ring.append(held.writer.bytes, starts: starts, at: clock.elapsed())
            defer { held.waiting = [:] }
            return held.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Hands out, once, what a recording is to take: the events since the last call, how many before them are lost,
    /// and the state after them if `needsState` says so of the first one's number.
    func takeUnrecorded(
        _ needsState: (UInt64?) -> Bool
    ) -> (events: [Event], lost: Int, state: MeshState?) {
        held.withLock { held in
            let events = held.unrecorded ?? []
            let lost = held.unrecordedLost
            held.unrecordedLost = 0
            if held.unrecorded != nil { held.unrecorded = [] }
            guard lost > 0 || needsState(events.first?.number) else { return (events, lost, nil) }
            var state = held.state
            // What gameday costs is no part of the day.
            state.cost = nil
            return (events, lost, state)
        }
    }

    /// Looks at the state as it is now. The closure must be short: nothing is numbered meanwhile.
    func read<Answer, Failure: Error>(_ body: (MeshState) throws(Failure) -> Answer) throws(Failure) -> Answer {
        let result: Result<Answer, Failure> = held.withLock { held in
            do throws(Failure) {
                return .success(try body(held.state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// When a source's counters last began anew; nil if they never did.
    func restart(of source: String) -> Timestamp? {
        held.withLock { $0.restarts[source] }
    }

    /// Lets every reader come to an end after the last event.
    func close() {
        let waiting = held.withLock { held in
            held.isClosed = true
            defer { held.waiting.removeAll() }
            return held.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// The bytes of memory that the kept lines take.
    var footprint: Int { held.withLock { $0.ring.footprint } }

    var isClosed: Bool { held.withLock { $0.isClosed } }

    func lines(after number: UInt64, limit: Int) -> EventRing.Reading {
        held.withLock { held in
            let reading = held.ring.lines(after: number, limit: limit)
            switch reading {
            case .lines, .nothing: held.lag = max(held.lag, held.ring.last - number)
            // Only one that had a place has lost it.
            case .gap where number < held.ring.last && number > 0: held.skips += 1
            case .gap: break
            }
            return reading
        }
    }

    /// Adds what keeping and telling events costs. The lag is the largest since the last call.
    func add(to cost: inout OwnCost) {
        held.withLock { held in
            cost.keptLines = UInt64(held.ring.footprint)
            cost.recorderBacklog = UInt64(held.unrecorded?.count ?? 0)
            (cost.unrecorded, cost.readerLag, cost.skips) = (held.allLost, held.lag, held.skips)
            held.lag = 0
        }
    }

    /// Returns when there may be something after this number, when the log is closed, or when the task is cancelled.
    func wait(after number: UInt64) async {
        let waiter = held.withLock { held in
            held.nextWaiter += 1
            return held.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = held.withLock { held in
                    guard held.state.lastNumber <= number, !held.isClosed, !Task.isCancelled else { return false }
                    held.waiting[waiter] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            held.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume()
        }
    }
}

extension EventLog.Held {
    fileprivate mutating func keepForRecorder(_ event: Event, limit: Int) {
        guard let count = unrecorded?.count else { return }
        var event = event
        if case .beat = event.observation { event.observation = .beat(nil) }
        guard count >= limit else {
            unrecorded?.append(event)
            return
        }
        // What is newer counts more: the state that comes with it tells what the older ones came to.
        unrecordedLost += count
        allLost += UInt64(count)
        unrecorded = [event]
    }
}

extension EventLog.Held {
    /// What an observation counts for beside what other kinds of sources tell; nil when that is nothing.
    fileprivate mutating func counted(_ observation: Observation, at: Timestamp) -> Observation? {
        switch observation {
        case .source(let report):
            kinds.insert(report.kind)
            return observation
        case .traffic(let report):
            return kinds.count < 2 ? observation : state.counted(report, at: at).map { .traffic($0) }
        default: return observation
        }
    }
}
