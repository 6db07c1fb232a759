internal import MeshModel

/// Stops everything there is: the run that is on, and every fault, whoever started it.
struct Brake: Sendable {
    /// How long an answer waits for the rollbacks of a run; they go on after it.
    private static let patience = Duration.seconds(8)

    let faults: FaultDesk
    let experiments: ExperimentDesk

    private var log: EventLog { faults.tools.log }

    /// Latches, stops the run, and takes everything back; answers with a proof a proxy. `isEnd` says that the control
    /// plane ends with it.
    func halt(by: String, because reason: String, isEnd: Bool = false) async -> Halt {
        let isRunning = log.read { $0.runningExperiment != nil }
        let (stopped, end) = AsyncStream.makeStream(of: Void.self)
        // No child: a desk that waits for a disk must not keep the answer from whoever waits for it.
        let stopping = Task { await experiments.abort(by: by, because: reason) }
        let halt = await faults.halt(by: by, because: reason, isEnd: isEnd)
        Task {
            defer { end.finish() }
            // The second time is for one that slipped in before the latch was set.
            var run = await stopping.value
            if run == nil { run = await experiments.abort(by: by, because: reason) }
            if run != nil { _ = await experiments.isOver(within: Self.patience) }
        }
        if isRunning { await Self.wait(for: stopped, within: Self.patience, faults.tools.clock) }
        return halt
    }

    private static func wait(for end: AsyncStream<Void>, within patience: Duration, _ clock: DayClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in end {} }
            group.addTask { await clock.sleep(patience) }
            await group.next()
            group.cancelAll()
        }
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
