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
            guard let effect = spell.effects[objective] else { return nil }
            return [
                spell.faults.joined(separator: " "), ReportText.offset(spell.startedAt, since: report.start),
                ReportText.seconds((spell.stoppedAt ?? report.end).seconds(since: spell.startedAt)),
                detection(effect, spell), recovery(effect, spell),
            ]
        }
    }

    private func detection(_ effect: FaultEffect, _ spell: DayReport.Spell) -> String {
        if let found = effect.detection { return "\(ReportText.wait(found.seconds)) after \(found.fault)" }
        if effect.wasBroken { return "already broken" }
        return spell.stoppedAt == nil ? "not crossed" : "never crossed"
    }

    private func recovery(_ effect: FaultEffect, _ spell: DayReport.Spell) -> String {
        guard let stopped = spell.stoppedAt else { return "–" }
        return effect.recoveredAt.map { ReportText.wait($0.seconds(since: stopped)) } ?? "not observed"
    }
}
