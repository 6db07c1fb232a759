public import MeshClient
public import MeshModel

/// Where observations come from: the adapters, or a test's script.
public struct Observatory: Sendable {
    /// What the regular polls bring, until the day ends.
    public var turns: AsyncStream<AdapterTurn>
    /// Polls these sources now, out of turn; what that brings comes with the turns. Returns when they were asked.
    public var poll: @Sendable ([String]) async -> Void
    /// Adds what observing has cost so far.
    public var addCost: @Sendable (inout OwnCost) -> Void

    public init(
        turns: AsyncStream<AdapterTurn>, poll: @escaping @Sendable ([String]) async -> Void,
        addCost: @escaping @Sendable (inout OwnCost) -> Void = { _ in }
    ) {
        self.turns = turns
        self.poll = poll
        self.addCost = addCost
    }
}
