internal import Experiments
internal import MeshModel

/// Says how a run came out, so that somebody who never saw a journal understands it.
struct VerdictWords {
    let report: ExperimentReport
    /// The faults which the run started, as they are now.
    let faults: [Fault]

    func verdict(_ run: RunVerdict) -> ExperimentReport.Verdict {
        let outcome = outcome(run)
        // What a run left untested it says best itself; what is undone is said below.
        var told = run
        told.isUndone = true
        return verdict(
            outcome, isUndone: run.isUndone && isProvenOver,
            summary: outcome == .completed ? told.summary : nil)
    }

    /// A run that gave no verdict at all.
    func failure(_ why: String) -> ExperimentReport.Verdict {
        let outcome: ExperimentReport.Verdict.Outcome = report.stop == nil ? .failed : .stopped
        return verdict(outcome, isUndone: isProvenOver, summary: "It could not run: \(why)")
    }

    /// What was given up may be in its proxy still.
    private var isProvenOver: Bool { faults.allSatisfy { $0.phase.isOver && $0.ending != .forgotten } }

    private func outcome(_ run: RunVerdict) -> ExperimentReport.Verdict.Outcome {
        if report.stop != nil || run.status == .interrupted { return .stopped }
        if run.hasDeviated { return .deviated }
        if run.hasHeld { return .held }
        switch run.status {
        case .aborted: return .failed
        case .completed where run.isMet: return .completed
        case .completed, .failed, .interrupted: return report.hasPlayedMethod ? .deviated : .unsteady
        }
    }

    private func verdict(
        _ outcome: ExperimentReport.Verdict.Outcome, isUndone: Bool, summary: String?
    ) -> ExperimentReport.Verdict {
        var words = [summary ?? self.summary(outcome)]
        words += report.probes.flatMap { Self.sentences(on: $0) }
        for activity in report.activities where activity.state == .failed || activity.state == .interrupted {
            let why = activity.why.map { ": \($0)" } ?? ""
            words.append("'\(activity.name)' \(activity.state == .failed ? "failed" : "was cut short")\(why).")
        }
        for action in report.activities where action.kind == .action && action.state == .succeeded {
            if let why = action.why { words.append("Action '\(action.name)' may have had no effect: \(why).") }
        }
        words.append(undoing(isUndone))
        return ExperimentReport.Verdict(outcome, isUndone: isUndone, words: words.map { Excerpt.line($0, to: 300) })
    }

    private func summary(_ outcome: ExperimentReport.Verdict.Outcome) -> String {
        switch outcome {
        case .held: "The hypothesis held: the mesh stayed in its steady state."
        case .completed: "Completed: the hypothesis was not tested."
        case .deviated: "The hypothesis was wrong: the mesh left its steady state."
        case .unsteady: "Nothing was injected: the mesh was not in its steady state before the method."
        case .failed: "An unexpected error ended the run; the result is inconclusive."
        case .stopped:
            "Stopped by \(report.stop?.by ?? "a signal"): \(report.stop?.reason ?? "the run was interrupted")."
        case .lost: "The control plane died during the run."
        }
    }

    /// What a probe found that was not as expected, and what it had found before.
    private static func sentences(on probe: ExperimentReport.Probe) -> [String] {
        var words: [String] = []
        let wanted = "\(probe.expected) was expected"
        if let before = probe.before, before.isMet == false {
            words.append("Before: '\(probe.name)' was \(found(before)), and \(wanted).")
        }
        if probe.unmetDuring > 0 {
            let last = probe.during.map { ", last \(found($0))" } ?? ""
            words.append(
                "During: '\(probe.name)' was not met in \(probe.unmetDuring) of \(probe.checksDuring) checks\(last).")
        }
        if let after = probe.after, after.isMet == false {
            let before = probe.before?.value.map { " Before it was \($0)." } ?? ""
            words.append("After: '\(probe.name)' was \(found(after)), and \(wanted).\(before)")
        }
        return words
    }

    private static func found(_ finding: ExperimentReport.Probe.Finding) -> String {
        finding.value ?? finding.why.map { "unavailable (\($0))" } ?? "unknown"
    }

    private func undoing(_ isUndone: Bool) -> String {
        if isUndone {
            let gone = faults.count { $0.ending == .gone }
            let removed = faults.count - gone
            var words = removed > 0 ? ["\(removed) fault\(removed == 1 ? "" : "s") removed"] : []
            if gone > 0 { words.append("\(gone) ended with \(gone == 1 ? "its proxy" : "their proxies")") }
            return words.isEmpty ? "No fault is left." : words.joined(separator: ", ") + ", none left."
        }
        let stuck = faults.filter { !$0.phase.isOver }.map(\.id)
        if !stuck.isEmpty {
            return "NOT REMOVED: \(stuck.joined(separator: ", ")) not confirmed gone; retrying."
        }
        let forgotten = faults.filter { $0.ending == .forgotten }.map(\.id)
        if !forgotten.isEmpty {
            return "NOT REMOVED: \(forgotten.joined(separator: ", ")) given up, end not confirmed."
        }
        return "NOT ROLLED BACK: a rollback failed."
    }
}

extension ExperimentReport {
    fileprivate var hasPlayedMethod: Bool { activities.contains { $0.part == .method && $0.startedAt != nil } }
}
