public import MeshClient
internal import MeshModel
internal import Synchronization

/// What the polls brought and the control plane has not taken yet. It holds little however long that takes: later
/// traffic of a source is added to what waits of it, so that no count is lost, and each change of a state is kept, since
/// a source tells it only once.
public final class TurnQueue: Sendable {
    /// So many changes of one source's state wait; of more of them the last ones are told as one.
    fileprivate static let mostStates = 16
    /// Taken at once: whatever is told to the log at once keeps its readers waiting.
    private static let mostTaken = 1000

    fileprivate struct State {
        var waiting: [Observation] = []
        var isSimulated = false
        /// Where the last report of a source about a service stands, that more traffic may be added to.
        var traffic: [String: [ServiceName: Int]] = [:]
        /// Where the changes of a source's state stand.
        var states: [String: [Int]] = [:]
        var merged: UInt64 = 0
    }

    private let state = Mutex(State())
    private let bell = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    public init() {}

    /// Adds a turn; never waits. False when some of it was put together with what nobody has taken yet.
    @discardableResult
    public func put(_ turn: AdapterTurn) -> Bool {
        let isTaken = state.withLock { state in
            state.isSimulated = state.isSimulated || turn.isSimulated
            let before = state.merged
            for observation in turn.observations { state.add(observation) }
            return state.merged == before
        }
        bell.continuation.yield()
        return isTaken
    }

    /// What waits, in the order it came; for one reader. They end when the reader's task is cancelled.
    public var turns: AsyncStream<AdapterTurn> { AsyncStream { await self.next() } }

    /// How many observations were put together with one before, since nobody took them in time.
    public var merged: UInt64 { state.withLock { $0.merged } }

    private func next() async -> AdapterTurn? {
        while true {
            if let turn = state.withLock({ $0.take(Self.mostTaken) }) { return turn }
            guard await ring() else { return nil }
        }
    }

    /// Waits for the bell; false when the task is cancelled.
    private func ring() async -> Bool {
        for await _ in bell.stream { return true }
        return false
    }
}

extension TurnQueue.State {
    fileprivate mutating func add(_ observation: Observation) {
        switch observation {
        case .traffic(let report):
            if let place = traffic[report.source]?[report.service], case .traffic(var before) = waiting[place] {
                before.add(report)
                waiting[place] = .traffic(before)
                merged += 1
                return
            }
            traffic[report.source, default: [:]][report.service] = waiting.count
        case .source(let report):
            let places = states[report.name] ?? []
            if places.count >= TurnQueue.mostStates, let last = places.last {
                waiting[last] = observation
                merged += 1
                return
            }
            states[report.name, default: []].append(waiting.count)
            // What comes later is traffic of another state.
            traffic[report.name] = nil
        default: break
        }
        waiting.append(observation)
    }

    fileprivate mutating func take(_ most: Int) -> AdapterTurn? {
        guard !waiting.isEmpty else { return nil }
        let taken = Array(waiting.prefix(most))
        waiting.removeFirst(taken.count)
        traffic = traffic.compactMapValues { places in
            let left = places.compactMapValues { $0 < taken.count ? nil : $0 - taken.count }
            return left.isEmpty ? nil : left
        }
        states = states.compactMapValues { places in
            let left = places.filter { $0 >= taken.count }.map { $0 - taken.count }
            return left.isEmpty ? nil : left
        }
        return AdapterTurn(taken, isSimulated: isSimulated)
    }
}
