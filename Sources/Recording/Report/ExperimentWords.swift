import MeshModel

/// A run of an experiment in the words of a report, the same in every form of it.
struct ExperimentWords {
    let run: ExperimentReport
    let report: DayReport

    var title: String { "\(run.id) \(run.title)" }
    var verdict: String { run.verdict?.outcome.word ?? "NOT ENDED" }

    /// Nil when it proved nothing either way.
    var isHeld: Bool? {
        switch run.verdict?.outcome {
        case .held: true
        case .deviated, .failed, .lost: false
        case .completed, .unsteady, .stopped, nil: nil
        }
    }

    var sentences: [String] {
        let length = run.endedAt.map { ", duration \(ReportText.seconds($0.seconds(since: run.startedAt)))" } ?? ""
        var sentences = [
            "\(run.file), started by \(run.by) at \(ReportText.offset(run.startedAt, since: report.start))\(length)."
        ]
        if let override = run.override { sentences.append("Gate overridden: \(override).") }
        if let stop = run.stop { sentences.append("Stopped by \(stop.by): \(stop.reason).") }
        sentences += run.verdict?.words ?? []
        if run.verdict?.isUndone == false { sentences.append("NOT EVERYTHING WAS ROLLED BACK.") }
        return sentences
    }

    static let probeHeads = ["hypothesis", "expected", "before", "during", "after"]

    var probes: [[String]] {
        run.probes.map { probe in
            var during = Self.words(probe.during)
            if probe.checksDuring > 0 { during += ", \(probe.unmetDuring) of \(probe.checksDuring) not met" }
            return [probe.name, probe.expected, Self.words(probe.before), during, Self.words(probe.after)]
        }
    }

    private static let longest = 72

    private static func words(_ finding: ExperimentReport.Probe.Finding?) -> String {
        guard let finding else { return "–" }
        let verdict =
            switch finding.isMet {
            case true?: "met"
            case false?: "NOT MET"
            case nil: "not evaluated"
            }
        // A whole page may have been the answer; the recording has it.
        return "\(verdict): \(Markup.clipped(finding.value ?? finding.why ?? "nothing", longest))"
    }

    static let activityHeads = ["activity", "kind", "on", "from", "duration", "result"]

    var activities: [[String]] {
        run.activities.map { activity in
            let from = activity.startedAt
            let undo = activity.part == .rollbacks ? "rollback: " : ""
            return [
                undo + activity.name, activity.kind.rawValue, activity.touches,
                from.map { ReportText.offset($0, since: report.start) } ?? "–",
                ReportText.seconds(from.flatMap { from in activity.endedAt.map { $0.seconds(since: from) } }),
                activity.state.rawValue + (activity.why.map { ": \($0)" } ?? ""),
            ]
        }
    }
}
