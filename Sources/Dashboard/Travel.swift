public import MeshModel

/// A move through the recorded day: in a replay, and while looking back from a live one.
public enum Travel: Equatable, Sendable {
    case playOrPause
    case slower, faster
    /// Five seconds on or back; a poll of them while it is paused.
    case step(isForward: Bool)
    /// A tenth of the day.
    case tenth(isForward: Bool)
    /// The line of the story before or after.
    case event(isForward: Bool)
    case to(Timestamp)
    /// Marks this moment, or takes its mark away.
    case mark
    case nextMark
    /// Looks for words of the story, or for a condition like `p99 of taps > 300ms`, and goes to the first after this.
    case find(String)
    /// The next or the last moment that was looked for.
    case hit(isForward: Bool)
    /// Back from the past to what is so now.
    case now
}

/// What was known at a moment of the past, for somebody who looks back.
public struct Past: Sendable {
    public var mesh: MeshState
    public var at: Timestamp
    public var isPlaying: Bool
    public var speed: Double

    public init(mesh: MeshState, at: Timestamp, isPlaying: Bool, speed: Double) {
        self.mesh = mesh
        self.at = at
        self.isPlaying = isPlaying
        self.speed = speed
    }
}
