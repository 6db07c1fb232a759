public import MeshModel

/// Where observations come from: the fleet of proxies, or a test's script.
public struct Observatory: Sendable {
    /// What one turn of polling brought, from one or many proxies.
    public struct Turn: Sendable {
        public var observations: [Observation]
        /// A simulator answered, so nothing of this session is real.
        public var isSimulated: Bool

        public init(_ observations: [Observation], isSimulated: Bool = false) {
            self.observations = observations
            self.isSimulated = isSimulated
        }
    }

    /// What the regular polls bring, until the day ends.
    public var turns: AsyncStream<Turn>
    /// Polls these sources now, out of turn; what that brings comes with the turns. Returns when they were asked.
    public var poll: @Sendable ([String]) async -> Void
    /// Adds what observing has cost so far.
    public var addCost: @Sendable (inout OwnCost) -> Void

    public init(
        turns: AsyncStream<Turn>, poll: @escaping @Sendable ([String]) async -> Void,
        addCost: @escaping @Sendable (inout OwnCost) -> Void = { _ in }
    ) {
        self.turns = turns
        self.poll = poll
        self.addCost = addCost
    }
}
