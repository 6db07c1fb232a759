/// The strategies in force: those of the command line, else of the experiment, else of the settings.
struct RunStrategies {
    let hypothesis: HypothesisStrategy
    let rollbacks: RollbackStrategy

    init(_ experiment: Value, _ options: RunOptions) throws(RunFailure) {
        var runtime = options.settings["runtime"] ?? .null
        // A block of the experiment counts as a whole: what it leaves out is the default again.
        if let own = experiment["runtime"], own.isTruthy { runtime = own }
        guard !runtime.isTruthy || runtime.fields != nil else {
            throw .preparation("The runtime of the experiment must be a mapping")
        }
        for name in ["hypothesis", "rollbacks"] {
            guard let part = runtime[name], part.fields == nil else { continue }
            throw .preparation("The \(name) in the runtime of the experiment must be a mapping")
        }
        let wantedStrategy = runtime["hypothesis"]?["strategy"]
        let named = wantedStrategy.map(PythonText.string) ?? "default"
        if let wanted = options.hypothesisStrategy {
            hypothesis = wanted
        } else {
            guard let known = HypothesisStrategy(rawValue: named == "continously" ? "continuously" : named) else {
                throw .preparation("Unknown strategy '\(named)' for the hypothesis")
            }
            hypothesis = known
        }
        let rollbacksNamed = runtime["rollbacks"]?["strategy"].map(PythonText.string) ?? "default"
        // As in the original, a strategy nobody knows plays none.
        rollbacks = options.rollbackStrategy ?? RollbackStrategy(rawValue: rollbacksNamed) ?? .never
    }
}

/// What signals mean to a run.
public enum RunSignal {
    /// The interruption that a signal asks for.
    public static func interruption(for number: Int32) -> Interruption {
        switch number {
        case 2: Interruption(reason: "Ctrl-C", reachesPrograms: true)
        case 10: Interruption(reason: "SIGUSR1")
        case 12: Interruption(reason: "SIGUSR2: without rollbacks", allowsRollbacks: false)
        case 15: Interruption(reason: "SIGTERM")
        default: Interruption(reason: "signal \(number)")
        }
    }
}
