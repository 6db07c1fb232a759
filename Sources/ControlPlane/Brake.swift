internal import MeshModel

/// Stops everything there is: the run that is on, and every fault, whoever started it.
struct Brake: Sendable {
    /// How long an answer waits for the rollbacks of a run; they go on after it.
    private static let patience = Duration.seconds(8)

    let faults: FaultDesk
    let experiments: ExperimentDesk

    /// Latches, stops the run, and takes everything back; answers with a proof a proxy. `isEnd` says that the control
    /// plane ends with it.
    func halt(by: String, because reason: String, isEnd: Bool = false) async -> Halt {
        async let run = experiments.abort(by: by, because: reason)
        let halt = await faults.halt(by: by, because: reason, isEnd: isEnd)
        var stopped = await run
        // One that slipped in before the latch was set.
        if stopped == nil { stopped = await experiments.abort(by: by, because: reason) }
        if stopped != nil { _ = await experiments.isOver(within: Self.patience) }
        return halt
    }

    /// What a guard asks for: it stops the run, and halts when there is more than that run to stop.
    func trip(because reason: String, _ log: EventLog) async {
        let isRunAlone = log.read { state in
            guard let run = state.runningExperiment else { return false }
            return state.activeFaults.allSatisfy { $0.run == run.id }
        }
        if isRunAlone {
            _ = await experiments.abort(by: "guard", because: reason)
        } else {
            _ = await halt(by: "guard", because: reason)
        }
    }
}
