public import MeshClient
internal import MeshModel
internal import Synchronization

/// What the polls brought and the control plane has not taken yet. It holds little however long that takes: later
/// traffic of a source is added to what waits of it, so that no count is lost, and each change of a state is kept, since
/// a source tells it only once.
public final class TurnQueue: Sendable {
    /// So many changes of one source's state wait; of more of them the last ones are told as one.
    fileprivate static let mostStates = 16
    /// So many sources are known by name while nothing waits.
    fileprivate static let mostKnown = 32_768
    /// Taken at once: whatever is told to the log at once keeps its readers waiting.
    private static let mostTaken = 1000

    fileprivate struct State {
        var waiting: [Observation] = []
        var isSimulated = false
        /// How many were taken before those that wait: places are counted from the first of all.
        var taken = 0
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
            let last = traffic[report.source]?[report.service]
            if let last, last >= taken, case .traffic(var before) = waiting[last - taken] {
                before.add(report)
                waiting[last - taken] = .traffic(before)
                merged += 1
                return
            }
            traffic[report.source, default: [:]][report.service] = taken + waiting.count
        case .source(let report):
            let places = (states[report.name] ?? []).filter { $0 >= taken }
            if places.count >= TurnQueue.mostStates, let last = places.last {
                waiting[last - taken] = observation
                merged += 1
                return
            }
            states[report.name] = places + [taken + waiting.count]
            // What comes later is traffic of another state.
            traffic[report.name] = nil
        default: break
        }
        waiting.append(observation)
    }

    fileprivate mutating func take(_ most: Int) -> AdapterTurn? {
        guard !waiting.isEmpty else { return nil }
        let turn = Array(waiting.prefix(most))
        waiting.removeFirst(turn.count)
        taken += turn.count
        if waiting.isEmpty {
            states = [:]
            // Names of sources that are gone are not kept for ever.
            if traffic.count > TurnQueue.mostKnown { traffic = [:] }
        }
        return AdapterTurn(turn, isSimulated: isSimulated)
    }
}
