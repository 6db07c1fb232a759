import Experiments

/// Tells a person, or a program, what happens in a run.
struct RunReport: Sendable {
    let isJSON: Bool
    private let log: ToolkitLog
    private let outbox = Outbox { Output.line($0) }
    private let outboxOfJSON = Outbox { Output.json(Array(($0 + "\n").utf8)) }

    init(isJSON: Bool, log: ToolkitLog) {
        self.isJSON = isJSON
        self.log = log
    }

    func tell(_ progress: RunProgress) {
        let records = log.take(progress)
        if isJSON {
            // The log file may want more than anybody reads.
            if case .logged(let record) = progress, record.level < log.console.level { return }
            outboxOfJSON.put(progress.line)
        } else if log.console.tellsRun {
            for record in records { show(record) }
            // The code may be another than the original's, and nothing of its log says why.
            if !log.console.isJSON, case .ended = progress { outbox.put(Self.sentence(for: progress) ?? "") }
        } else if case .logged(let record) = progress {
            show(record)
        } else if let line = Self.sentence(for: progress) {
            outbox.put(line)
        }
    }

    private func show(_ record: LogRecord) {
        if let text = log.shown(record) { outbox.put(text) { Output.error($0) } }
    }

    /// Returns when all is read, or nobody reads any more, or after so many seconds.
    func finish(within seconds: Double) { (isJSON ? outboxOfJSON : outbox).drain(within: seconds) }

    private static func sentence(for progress: RunProgress) -> String? {
        switch progress {
        case .began(let title, _): return "Experiment: \(title)"
        case .entered(let phase): return heading(phase)
        case .pausing(_, let name, let seconds, let isBefore):
            return "  pause of \(seconds) s \(isBefore ? "before" : "after") \(name)"
        case .started(_, let name, let type, let inBackground):
            return inBackground ? "  \(type) \(name) started in the background" : nil
        case .finished(let place, let name, let status, let seconds, _, let detail):
            let word = place.section == .hypothesis ? "probe" : "activity"
            let time = "\((seconds * 1000).rounded() / 1000) s"
            return "  \(word) \(name): \(status ?? "ended without a result") (\(time))"
                + (detail.map { ": \($0)" } ?? "")
        case .judged(_, let name, let isWithinTolerance):
            return isWithinTolerance ? nil : "  \(name) is outside its tolerance"
        case .checked(let moment, let isMet):
            let end = isMet.map { $0 ? "is met" : "is not met" } ?? "could not be checked"
            return "  The steady state \(moment) the method \(end)."
        case .stopping(let reason): return "Stopping: \(reason)"
        case .warned(let text): return "  \(text)"
        case .logged: return nil
        case .ended(let verdict):
            // The summary of a run that tested nothing begins with its status.
            let repeats = verdict.status == .completed && verdict.summary.hasPrefix("Completed")
            return repeats ? "Ended. \(verdict.summary)" : "Ended \(verdict.status.rawValue). \(verdict.summary)"
        }
    }

    private static func heading(_ phase: String) -> String {
        switch phase {
        case "before": "Steady state before the method"
        case "after": "Steady state after the method"
        case "method": "Method"
        default: "Rollbacks"
        }
    }
}
