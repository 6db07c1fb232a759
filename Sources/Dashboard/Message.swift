public import MeshModel
public import TerminalCanvas

/// Everything that can happen to the dashboard. It learns the time from here only, so a replay is the same program.
public enum Message: Sendable {
    /// Something was seen or done in the mesh.
    case event(Event)
    /// Another control plane answers: what was known is no longer true. Its key frame follows.
    case anew
    case key(Key)
    /// No key came for a moment. The loop sends it where `awaitsQuiet` says so.
    case quiet
    /// The time goes on; the loop sends one a second, and more while something counts down.
    case tick(Timestamp)
    case size(Size)
    /// A replay went to another moment of its day: this was known then.
    case sought(MeshState, at: Timestamp)
    /// Show what was known at a moment of this session; nil goes back to what is so now.
    case past(Past?)
    case connection(Connection)
    /// What became of an effect.
    case outcome(Outcome)
    /// A word to the person from outside of the mesh.
    case told(String)
}

/// Whether the control plane is heard.
public enum Connection: Equatable, Sendable {
    case connecting
    case connected
    /// It was heard, and is no longer; the loop keeps trying.
    case lost(why: String)
}

/// What became of an effect. What it did to the mesh is told by events, never by this.
public enum Outcome: Equatable, Sendable {
    case done(Effect)
    /// What can be injected on an edge, or why not.
    case learnt(Edge, [FaultAbility])
    /// What proxies logged of an edge, all of it or what failed.
    case logged(EdgeLog, onlyFailing: Bool)
    /// Why it failed, in a line, and what a person can do about it.
    case failed(Effect, summary: String, remedy: String?)
}
