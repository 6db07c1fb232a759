public import ChildPrograms

/// What the one who starts a run decides about it.
public struct RunOptions: Sendable {
    /// Nil leaves it to the experiment, then to the settings.
    public var hypothesisStrategy: HypothesisStrategy?
    public var rollbackStrategy: RollbackStrategy?
    /// The time between two checks of a continuous hypothesis.
    public var frequency = Duration.seconds(1)
    public var failsFast = false
    public var dry: DryRun?
    public var variables = Variables()
    /// Of the run and all it starts.
    public var environment: [String: String] = [:]
    /// Nil keeps no journal.
    public var journalPath: String?
    public var isStrict = false
    /// Plays the method even when the hypothesis is not met before it, because somebody asked for it.
    public var goesOnWhenUnmet = false
    /// What else the journal is to say about the run, under our own name in it.
    public var notes: (@Sendable () -> Fields)?
    /// The settings file of Chaos Toolkit, or null.
    public var settings = Value.null
    /// The mesh that mesh modules of Python act on natively; nil leaves them all to Python.
    public var mesh: ExperimentMesh?
    /// Whom controls and activities in Python may ask.
    public var console = Console.none
    /// What extensions log below this is not heard of.
    public var logLevel = LogRecord.Level.info
    /// Called before Python gets a turn: what observers were told by then should have been shown.
    public var settle: @Sendable () -> Void = {}
    /// Controls for every experiment, beside those of the settings.
    public var controls: [Value] = []

    /// The version of chaoslib whose journals ours are like.
    public static let libraryVersion = "1.44.0"
    /// The version of Chaos Toolkit whose command line is ours too.
    public static let toolkitVersion = "1.19.0"

    public init() {}
}
