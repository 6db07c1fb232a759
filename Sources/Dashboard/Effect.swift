public import MeshModel

/// What the dashboard wants done in the world. The loop performs it and reports back with an `Outcome`.
public enum Effect: Equatable, Sendable {
    case startFault(FaultRequest)
    /// Find out what can be injected on an edge; the answer is an outcome.
    case learnAbilities(Edge)
    /// Find out what protects an edge; the answer comes as an event, for everybody who watches.
    case learnProtection(Edge)
    /// Read what the caller's proxies logged of an edge; the answer is an outcome.
    case learnLog(Edge, onlyFailing: Bool)
    /// Put a text on the clipboard of the person's terminal.
    case copy(String)
    /// Show a page in the person's browser; a `told` message says what became of it.
    case openLink(String)
    case stopFault(id: String)
    /// Another share or another lease for a fault that stands.
    case changeFault(id: String, FaultChange)
    /// Undo everything and latch.
    case halt(reason: String)
    /// Take the latch back.
    case rearm
    case note(String, Note.Kind)
    /// Run an experiment of the catalogue, over a shut gate if so asked.
    case startExperiment(file: String, overridesGate: Bool)
    /// Stop the run that is on, and undo what it did.
    case abortExperiment(id: String)
    /// Move through the recorded day; in a live one it begins with a step back.
    case travel(Travel)
    /// Show the screen by the theme of this name from now on.
    case theme(String)
    /// Draw all of the screen again, whatever stands in it.
    case redraw
    /// Stop the program as ctrl-z does in others.
    case suspend
    /// Write what is on the screen to files; a `told` message says where.
    case screenshot
    case quit(Leaving)
}

/// How the dashboard ends, and what becomes of the faults that were started here.
public enum Leaving: Equatable, Sendable {
    /// Nothing of ours is in the mesh, or its leases are to end it: say goodbye to the control plane and go.
    case plain
    /// Halt first, wait for the proof, then go.
    case halting
    /// Asked to end from outside: go without goodbye, so that the control plane undoes what was started here.
    case lost
}
