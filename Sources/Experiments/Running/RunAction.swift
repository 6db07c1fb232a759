/// Something that happened in a run, told to its machine.
enum RunEvent: Equatable, Sendable {
    case begin
    /// The check before or after the method is over.
    case checked(CheckMoment, CheckEnd)
    /// One check of the continuous hypothesis is over.
    case watched(CheckEnd)
    /// The continuous hypothesis is not checked any more.
    case watchEnded
    case finished(ActivityPlace, StepEnd)
    /// The controls of a level have been applied on the way in, or on the way out; one may have asked for the end.
    case entered(RunLevel, Interruption?)
    case left(RunLevel, Interruption?)
    case interrupt(Interruption)
}

enum CheckMoment: String, Sendable {
    case before, after
}

enum CheckEnd: Equatable, Sendable {
    case met
    /// A tolerance was not met, or a probe could not even look.
    case unmet(probeFailed: Bool)
    case crashed(String)
    case interrupted(Interruption?)
}

enum StepEnd: Equatable, Sendable {
    /// It ran to its end, whatever that was; the journal says whether it succeeded.
    case done
    case crashed(String)
    /// With a reason when something in the run asked for it, without when the machine did.
    case interrupted(Interruption?)
}

/// A part of the run which controls surround.
enum RunLevel: String, Sendable {
    case experiment, hypothesis, method, rollback, activity
}

/// Something to do, in this order; what takes time is reported back as an event.
enum RunAction: Equatable, Sendable {
    case enter(RunLevel)
    case leave(RunLevel)
    case check(CheckMoment)
    case startWatching
    case stopWatching
    case start(ActivityPlace, inBackground: Bool)
    /// Stops what the run waits for; it is reported as finished all the same.
    case cancelForeground
    case cancelBackground
    /// Waits no longer for what runs in the background, and lets it be.
    case abandonBackground
    case note(RunStatus)
    case noteDeviation
    /// The run is over; nothing follows.
    case conclude
    /// The run is over as the original would end it: with an error and without a journal.
    case lose(String)
}
