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
            let start = TimelineEntry.RunTurn.started(title: news.title, by: news.by, override: news.override)
            tell(.experiment, .warn, .run(id: news.id, start), at: at)
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
            tell(.experiment, .warn, .run(id: run.id, .stopped(by: stop.by, reason: stop.reason)), at: at)
        }
        for activity in run.activities {
            let known = before?.activities.last { $0.id == activity.id }?.state
            guard activity.state != known else { continue }
            switch activity.state {
            case .running where activity.kind == .action:
                let isUndo = activity.part == .rollbacks
                tell(.experiment, .plain, .run(id: run.id, .action(activity.name, isUndo: isUndo)), at: at)
            case .failed, .interrupted:
                let end = TimelineEntry.RunTurn.failed(activity.name, state: activity.state, why: activity.why)
                tell(.experiment, .bad, .run(id: run.id, end), at: at)
            case .planned, .running, .succeeded, .skipped: break
            }
        }
        for probe in run.probes { tell(probe, of: run, since: before?.probes.first { $0.id == probe.id }, at: at) }
        guard let verdict = run.verdict, before?.verdict == nil else { return }
        let summary = verdict.words.first ?? ""
        tell(.experiment, verdict.tone, .run(id: run.id, .ended(verdict.outcome, summary: summary)), at: at)
    }

    private mutating func tell(
        _ probe: ExperimentReport.Probe, of run: ExperimentReport, since before: ExperimentReport.Probe?, at: Timestamp
    ) {
        for moment in ExperimentReport.Probe.Moment.allCases {
            guard let finding = probe[moment], finding.isMet == false, before?[moment]?.isMet != false else { continue }
            let value = finding.value ?? finding.why ?? "nothing"
            tell(.experiment, .bad, .run(id: run.id, .probe(probe.name, moment: moment, value: value)), at: at)
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
