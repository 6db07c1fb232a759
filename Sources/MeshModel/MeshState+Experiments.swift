extension MeshState {
    /// The run that is on; there is one at most.
    public var runningExperiment: ExperimentReport? { experiments.last.flatMap { $0.isOver ? nil : $0 } }

    /// The last run of a file of the catalogue in this session.
    public func lastRun(of file: String) -> ExperimentReport? { experiments.last { $0.file == file } }

    mutating func follow(_ news: ExperimentReport, at: Timestamp) {
        guard let place = experiments.lastIndex(where: { $0.id == news.id }) else {
            // By the same way as later news, so that each item stands once and in its place.
            var whole = news
            (whole.activities, whole.probes) = ([], [])
            whole.take(news)
            experiments.append(whole)
            if experiments.count > Self.keptExperiments, experiments[0].isOver {
                experiments.removeFirst()
                older.experiments += 1
            }
            let override = news.override.map { ", over the gate: \($0)" } ?? ""
            tell(.experiment, .warn, "\(news.id) \(news.title): started by \(news.by)\(override)", at: at)
            tell(news, since: nil, at: at)
            return
        }
        let before = experiments[place]
        experiments[place].take(news)
        tell(news, since: before, at: at)
    }

    /// The story of what changed in a run: its actions, what its probes found, who stopped it, and its end.
    private mutating func tell(_ run: ExperimentReport, since before: ExperimentReport?, at: Timestamp) {
        if let stop = run.stop, before?.stop == nil {
            tell(.experiment, .warn, "\(run.id) ABORT by \(stop.by): \(stop.reason)", at: at)
        }
        for activity in run.activities {
            let known = before?.activities.last { $0.id == activity.id }?.state
            guard activity.state != known else { continue }
            switch activity.state {
            case .running where activity.kind == .action:
                let undo = activity.part == .rollbacks ? "undo: " : ""
                tell(.experiment, .plain, "\(run.id) \(undo)\(activity.name)", at: at)
            case .failed, .interrupted:
                let why = activity.why.map { ": \($0)" } ?? ""
                tell(.experiment, .bad, "\(run.id) \(activity.name) \(activity.state.rawValue)\(why)", at: at)
            case .planned, .running, .succeeded, .skipped: break
            }
        }
        for probe in run.probes { tell(probe, of: run, since: before?.probes.first { $0.id == probe.id }, at: at) }
        guard let verdict = run.verdict, before?.verdict == nil else { return }
        let summary = verdict.words.first ?? ""
        tell(.experiment, verdict.tone, "\(run.id) \(verdict.outcome.word): \(summary)", at: at)
    }

    private mutating func tell(
        _ probe: ExperimentReport.Probe, of run: ExperimentReport, since before: ExperimentReport.Probe?, at: Timestamp
    ) {
        for moment in ExperimentReport.Probe.Moment.allCases {
            guard let finding = probe[moment], finding.isMet == false, before?[moment]?.isMet != false else { continue }
            let value = finding.value ?? finding.why ?? "nothing"
            tell(.experiment, .bad, "\(run.id) \(moment.rawValue): \(probe.name) is \(value)", at: at)
        }
    }
}

extension ExperimentReport.Verdict.Outcome {
    /// One word for a screen.
    public var word: String {
        switch self {
        case .held: "HELD"
        case .completed: "COMPLETED"
        case .deviated: "DEVIATED"
        case .unsteady: "NOT STEADY"
        case .failed: "ERROR"
        case .stopped: "ABORTED"
        case .lost: "LOST"
        }
    }

    public var tone: TimelineEntry.Tone {
        switch self {
        case .held: .good
        case .completed: .plain
        case .deviated, .failed, .lost: .bad
        case .unsteady, .stopped: .warn
        }
    }
}

extension ExperimentReport.Verdict {
    /// What is not undone is bad news, whatever the hypothesis.
    public var tone: TimelineEntry.Tone { isUndone ? outcome.tone : .bad }
}
