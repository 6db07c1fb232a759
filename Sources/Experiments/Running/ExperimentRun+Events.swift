/// What is told to the handlers that controls registered with `event_registry`, at the moments of the original.
extension ExperimentRun {
    /// Tells one event; its arguments are named, and found among `values` or in what the controls share.
    func tell(
        _ event: String, _ names: [String], _ values: @autoclosure () -> Fields = Fields(), isForeground: Bool = true
    ) async {
        guard hasListeners else { return }
        var values = values()
        if names.contains("journal") { values["journal"] = journal.value(experiment: experiment, notes: nil) }
        let answer = await controls.bridge.ask(
            "event",
            Fields([
                ("event", .text(event)), ("names", .list(names.map { .text($0) })), ("values", .mapping(values)),
            ]), isForeground: isForeground)
        if let changed = answer["value"]?["journal"] { takeJournal(changed) }
        if let stop = PythonStop(answer, of: "a handler of '\(event)'") { report(.interrupt(stop.interruption)) }
    }

    func tellRunning() async {
        let schedule: Value = [
            "continuous_hypothesis_frequency": .number(options.frequency / .seconds(1)),
            "fail_fast": .bool(options.failsFast), "fail_fast_ratio": 0,
        ]
        await tell(
            "running", ["experiment", "journal", "configuration", "secrets", "schedule", "settings"],
            Fields([("schedule", schedule)]))
    }

    func tellEntering(_ level: RunLevel) async {
        switch level {
        case .method: await tell("start_method", ["experiment"])
        case .rollback: await tell("start_rollbacks", ["experiment"])
        case .experiment, .hypothesis, .activity: break
        }
    }

    func tellLeaving(_ level: RunLevel) async {
        switch level {
        case .method:
            let isWhole = !machine.isInterrupted && !machine.methodCrashed
            let runs = Value.list(journal.run.map { $0.value(activity: experiment[$0.place]) })
            await tell("method_completed", ["experiment", "state"], Fields([("state", isWhole ? runs : .null)]))
        case .rollback: await tell("rollbacks_completed", ["experiment", "journal"])
        case .experiment, .hypothesis, .activity: break
        }
    }

    /// Tells once that something ended the run before its time.
    func tellInterruption() async {
        guard hasListeners, !hasToldInterruption else { return }
        hasToldInterruption = true
        if interruption?.isExit ?? true {
            await tell("signal_exit", [])
        } else {
            await tell("interrupted", ["experiment", "journal"])
        }
    }
}

extension Interruption {
    /// Whether the original takes it as a wish to leave; what its controls and SIGTERM ask for is an interruption.
    var isExit: Bool { force != .request && !reason.hasSuffix("SIGTERM") }
}

extension RunEvent {
    /// What ended the run with this event, or a part of it.
    var interruption: Interruption? {
        switch self {
        case .interrupt(let interruption): interruption
        case .entered(_, let interruption), .left(_, let interruption): interruption
        case .checked(_, .interrupted(let interruption)), .watched(.interrupted(let interruption)): interruption
        case .finished(_, .interrupted(let interruption)): interruption
        case .begin, .checked, .watched, .watchEnded, .finished: nil
        }
    }
}
