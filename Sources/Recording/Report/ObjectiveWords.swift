import MeshModel

/// An objective in the words of a report, the same in every form of it.
struct ObjectiveWords {
    let judged: DayReport.Judged
    let report: DayReport

    private var objective: Objective { judged.objective }

    var bound: String { "\(objective.service): \(ReportText.bound(objective))" }
    var verdict: String { ReportText.verdict(judged.isHeld) }

    static let figureHeads = [
        "overall", "requests", "worst", "broken for", "at the end", "budget left", "of one day's",
        "last faults spent",
    ]

    var figures: [String] {
        let isMet =
            switch judged.last.isMet {
            case true?: ", met"
            case false?: ", BROKEN"
            case nil: ""
            }
        return [
            ReportText.value(judged.value, of: objective), "\(judged.day.requests)",
            ReportText.value(judged.worst?.value, of: objective),
            judged.breaches.isEmpty ? "never" : ReportText.seconds(judged.brokenSeconds),
            ReportText.value(judged.last.value, of: objective) + isMet,
            "\(ReportText.left(judged.budget?.left)) of \(ReportText.long(objective.window))",
            ReportText.left(judged.budget?.dayLeft),
            judged.budget?.spentByFaults.map(ReportText.spent) ?? "nothing yet",
        ]
    }

    static let spellHeads = ["faults", "began", "active for", "time to detect", "time to recover"]

    /// Each spell of faults, and how long it took to be seen in the objective and to be gone from it.
    var spells: [[String]] {
        report.spells.compactMap { spell in
            guard let stopwatch = report.stopwatch(of: objective, in: spell) else { return nil }
            return [
                spell.faults.joined(separator: " "), ReportText.offset(spell.startedAt, since: report.start),
                ReportText.seconds((spell.stoppedAt ?? report.end).seconds(since: spell.startedAt)),
                ReportText.detection(stopwatch), ReportText.recovery(stopwatch),
            ]
        }
    }
}

extension DayReport {
    /// The stopwatch of an objective in a spell of faults, as a screen would show it at the end of that.
    func stopwatch(of objective: Objective, in spell: Spell) -> Stopwatch? {
        spell.effects[objective].map { Stopwatch($0, from: spell.startedAt, to: spell.stoppedAt, at: end) }
    }
}

extension ReportText {
    static func detection(_ stopwatch: Stopwatch) -> String {
        switch stopwatch.detection {
        case .found(let fault, let seconds): "\(wait(seconds)) after \(fault)"
        case .alreadyBroken: "already broken"
        case .awaited: "not crossed"
        case .nothing: "–"
        }
    }

    static func recovery(_ stopwatch: Stopwatch) -> String {
        switch stopwatch.recovery {
        case .done(let seconds): wait(seconds)
        case .awaited: "not observed"
        case .nothing: "–"
        }
    }
}
