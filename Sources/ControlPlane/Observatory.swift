public import MeshClient
public import MeshModel

/// Where observations come from: the adapters, or a test's script.
public struct Observatory: Sendable {
    /// What the regular polls bring, until the day ends.
    public var turns: AsyncStream<AdapterTurn>
    /// Polls these sources now, out of turn; what that brings comes with the turns. Returns when they were asked.
    public var poll: @Sendable ([String]) async -> Void
    /// Asks the mesh what protects an edge.
    public var knowledge: @Sendable (Edge) async -> [EdgeReport]
    /// Asks what changes by itself on edges.
    public var standings: @Sendable ([Edge]) async -> [EdgeReport]
    /// Reads what the mesh logged of an edge.
    public var logs: @Sendable (Edge) async -> [ProxyLog]
    /// Adds what observing has cost so far.
    public var addCost: @Sendable (inout OwnCost) -> Void

    public init(
        turns: AsyncStream<AdapterTurn>, poll: @escaping @Sendable ([String]) async -> Void,
        knowledge: @escaping @Sendable (Edge) async -> [EdgeReport] = { _ in [] },
        standings: @escaping @Sendable ([Edge]) async -> [EdgeReport] = { _ in [] },
        logs: @escaping @Sendable (Edge) async -> [ProxyLog] = { _ in [] },
        addCost: @escaping @Sendable (inout OwnCost) -> Void = { _ in }
    ) {
        self.knowledge = knowledge
        self.standings = standings
        self.logs = logs
        self.turns = turns
        self.poll = poll
        self.addCost = addCost
    }
}
