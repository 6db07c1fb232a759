/// When the hypothesis is checked.
public enum HypothesisStrategy: String, CaseIterable, Sendable {
    case `default`
    case beforeMethodOnly = "before-method-only"
    case afterMethodOnly = "after-method-only"
    case duringMethodOnly = "during-method-only"
    case continuously
    /// Never. Only a `runtime` block can ask for it.
    case skip

    var checksBefore: Bool { self == .default || self == .beforeMethodOnly || self == .continuously }
    var checksAfter: Bool { self == .default || self == .afterMethodOnly || self == .continuously }
    var checksDuring: Bool { self == .duringMethodOnly || self == .continuously }
}

/// When the rollbacks are played.
public enum RollbackStrategy: String, CaseIterable, Sendable {
    /// Whatever happened; with `--strict` as the original does, not after an interruption or a failure.
    case `default`
    case always, never, deviated
}

/// What is only pretended.
public enum DryRun: String, CaseIterable, Sendable {
    case probes, actions, activities, pause

    func skips(_ type: String?) -> Bool {
        switch self {
        case .probes: type == "probe"
        case .actions: type == "action"
        case .activities: true
        case .pause: false
        }
    }
}

/// What a run machine has to know of an experiment: how many activities of each kind, which are in the background, and
/// the strategies.
public struct RunPlan: Sendable {
    public var hasHypothesis: Bool
    /// One item an activity: whether it runs in the background.
    public var method: [Bool]
    public var rollbacks: [Bool]
    public var hypothesisStrategy = HypothesisStrategy.default
    public var rollbackStrategy = RollbackStrategy.default
    /// Ends the method at the first unmet check of a continuous hypothesis.
    public var failsFast = false
    /// Behaves as Chaos Toolkit does, to the letter: rollbacks are given up on an interruption, and an unexpected error
    /// in a check or a rollback loses the run.
    public var isStrict = false
    /// Plays the method even when the hypothesis is not met before it.
    public var goesOnWhenUnmet = false

    public init(hasHypothesis: Bool, method: [Bool], rollbacks: [Bool]) {
        self.hasHypothesis = hasHypothesis
        self.method = method
        self.rollbacks = rollbacks
    }

    mutating func take(activitiesOf experiment: Value) {
        let runsInBackground = { (activity: Value) in activity["background"]?.isTruthy ?? false }
        method = (experiment["method"]?.list ?? []).map(runsInBackground)
        rollbacks = (experiment["rollbacks"]?.list ?? []).map(runsInBackground)
    }
}

/// Why a run is to end before its regular end.
public struct Interruption: Equatable, Sendable {
    /// How much the original makes of it, which lets it be where it is not awaited, or dies of it.
    public enum Force: Sendable {
        /// An exception of its own, which counts only between the parts of a run.
        case request
        case exit
        /// Nothing that it knows: it dies, without rollbacks and without a journal.
        case fatal
    }

    public var reason: String
    /// SIGUSR2 is the one way to stop without undoing.
    public var allowsRollbacks: Bool
    /// Ctrl-C reaches the programs of a strict run too, which share its group.
    public var reachesPrograms: Bool
    public var force: Force

    public init(
        reason: String, allowsRollbacks: Bool = true, reachesPrograms: Bool = false, force: Force = .exit
    ) {
        self.reason = reason
        self.allowsRollbacks = allowsRollbacks
        self.reachesPrograms = reachesPrograms
        self.force = force
    }
}

/// The status of a run in its journal.
public enum RunStatus: String, Sendable {
    case completed, failed, aborted, interrupted
}
