import MeshModel

/// The three sentences with which a report opens: what the day was, what broke and how it was seen, and how it ended.
struct ReportOpening {
    let report: DayReport

    var sentences: [String] { [day, broken, end] }

    private var day: String {
        let mode =
            report.session.map { $0.mode == .simulated ? "A simulated session" : "A live session" } ?? "A session"
        let counts = [
            ReportText.count(report.experiments.count, "experiment"), ReportText.count(report.faults.count, "fault"),
            ReportText.count(report.halts, "halt"),
        ]
        let services = ReportText.count(report.services.count, "service")
        return "\(mode) of \(ReportText.long(report.duration)) on \(services): \(counts.joined(separator: ", "))."
    }

    private var broken: String {
        let broken = report.objectives.filter { $0.isHeld == false }
        var parts: [String]
        if report.objectives.isEmpty {
            parts = ["No objective was set"]
        } else if broken.isEmpty {
            let isJudged = report.objectives.contains { $0.isHeld == true }
            parts = [isJudged ? "No objective broke" : "No objective had data"]
        } else {
            let head = "\(broken.count) of \(ReportText.count(report.objectives.count, "objective")) broke"
            parts = ["\(head): " + broken.map(Self.words).joined(separator: ", ")]
            for judged in broken.prefix(2) { parts += found(judged).map { [$0] } ?? [] }
        }
        let deviated = report.experiments.filter { ExperimentWords(run: $0, report: report).isHeld == false }
        if !deviated.isEmpty {
            let titles = deviated.prefix(3).map { "\($0.id) \($0.title)" }.joined(separator: ", ")
            let count = ReportText.count(report.experiments.count, "experiment")
            parts.append("\(deviated.count) of \(count) did not hold: \(titles)\(deviated.count > 3 ? ", …" : "")")
        }
        let text = parts.joined(separator: "; ")
        return text.hasSuffix("?") || text.hasSuffix("!") ? text : text + "."
    }

    private static func words(_ judged: DayReport.Judged) -> String {
        let times = judged.breaches.count
        return judged.objective.name + (times > 1 ? " \(times) times" : "")
    }

    /// How a breach was first laid to a fault, and how long it took to be over.
    private func found(_ judged: DayReport.Judged) -> String? {
        let watches = report.spells.compactMap { report.stopwatch(of: judged.objective, in: $0) }
        guard let first = watches.first(where: { $0.secondsToDetect != nil }),
            case .found(let id, let seconds) = first.detection
        else {
            guard let breach = judged.breaches.first else { return nil }
            let at = ReportText.offset(breach.from, since: report.start)
            return "\(judged.objective.name) broke at \(at), unexplained by a fault"
        }
        let fault = report.faults.first { $0.fault.id == id }?.fault
        let name = fault.map { "\(id) (\($0.kind.label) on \($0.edge))" } ?? id
        var text = "\(judged.objective.name) broke \(ReportText.wait(seconds)) after \(name)"
        if let recovery = first.secondsToRecover {
            text += " and recovered \(ReportText.wait(recovery)) after the removal"
        }
        return text
    }

    private var end: String {
        let last = report.objectives.map(\.last.isMet)
        let broken = last.count { $0 == false }
        let objectives =
            if last.isEmpty || last.allSatisfy({ $0 == nil }) {
                "no objective has data"
            } else if broken > 0 {
                "\(broken) of \(ReportText.count(last.count, "objective")) \(broken == 1 ? "is" : "are") BROKEN"
            } else {
                last.contains(nil) ? "every objective with data is met" : "every objective is met"
            }
        var parts = [objectives]
        parts.append(
            report.standing.isEmpty
                ? "no fault is active"
                : "still in the mesh: " + report.standing.map(ReportText.fault).joined(separator: ", "))
        if let halt = report.lastHalt {
            let clean = halt.proofs.count(where: \.isClean)
            let proof =
                halt.proofs.isEmpty ? "without proof" : "\(clean) of \(halt.proofs.count) proxies verified clean"
            parts.append(halt.endsControlPlane ? "the control plane ended, \(proof)" : "the mesh is halted, \(proof)")
        }
        return "At the end " + parts.joined(separator: ", ") + "."
    }
}
