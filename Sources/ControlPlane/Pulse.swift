internal import MeshModel

/// What the control plane does by the clock beside the desk: it beats for its guard and its readers, watches the
/// guards of gameday.yaml, and misses lost dashboards. It never waits for a proxy, so that the beat never stops for one.
struct Pulse: Sendable {
    let desk: FaultDesk
    let experiments: ExperimentDesk
    let brake: Brake
    let log: EventLog
    let watchers: Watchers
    let clock: DayClock
    let guardProcess: GuardProcess?
    let cost: CostMeter

    /// Beats from one word about our own cost to the next.
    private static let costInterval = 5

    /// Runs until the task is cancelled.
    func run() async {
        var second = clock.elapsed()
        var cost = cost
        var beats = 0
        var watch = WallWatch()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                if let text = await guardProcess?.beat() { log.append([.note(Note(by: "gameday", text: text))]) }
                if clock.elapsed() >= second {
                    second = clock.elapsed() + .seconds(1)
                    log.append([.beat(beats % Self.costInterval == 0 ? cost.take(at: clock.elapsed()) : nil)])
                    beats += 1
                    if let step = watch.step(by: clock) { log.append([.note(Note(by: "gameday", text: step))]) }
                    if let reason = log.read({ Tripwires.reasonToHalt($0, at: clock.now()) }) {
                        group.addTask { await brake.trip(because: reason, log) }
                    }
                }
                let (lost, anyoneLeft) = watchers.takeLost()
                if !lost.isEmpty { group.addTask { await takeBack(from: lost, anyoneLeft: anyoneLeft) } }
                await clock.sleep(.milliseconds(250))
            }
        }
    }

    /// Nobody goes on with what a lost dashboard started, and nothing goes on while nobody watches.
    private func abortRun(of lost: [String], anyoneLeft: Bool) async {
        guard let run = log.read({ $0.runningExperiment }) else { return }
        if let name = lost.first(where: { run.by.hasPrefix($0) }) {
            _ = await experiments.abort(run.id, by: "gameday", because: "dashboard \(name), which started it, was lost")
        } else if !anyoneLeft {
            _ = await experiments.abort(run.id, by: "gameday", because: "the last dashboard was lost")
        }
    }

    private func takeBack(from lost: [String], anyoneLeft: Bool) async {
        await abortRun(of: lost, anyoneLeft: anyoneLeft)
        guard log.read({ !$0.activeFaults.isEmpty }) else { return }
        let names = lost.joined(separator: ", ")
        if anyoneLeft {
            log.append([.note(Note(by: "gameday", text: "dashboard \(names) was lost: removing what it started"))])
            for name in lost { await desk.undo(startedBy: name, because: "its dashboard was lost") }
        } else {
            log.append([.note(Note(by: "gameday", text: "the last dashboard was lost: removing every fault"))])
            await desk.undoAll(because: "the last dashboard was lost")
        }
    }
}
