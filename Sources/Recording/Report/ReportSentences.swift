import MeshModel

extension DayReport.Judged {
    /// The verdict in a line, for a terminal.
    public var sentence: String {
        let day = "\(ReportText.value(value, of: objective)) over the day in \(requests) requests"
        let worst = "at worst \(ReportText.value(worst?.value, of: objective))"
        let budget = "budget spent \(ReportText.percent(budgetSpent))"
        return "\(ReportText.verdict(isHeld))  \(objective.name): \(objective.service) \(ReportText.bound(objective)); "
            + "\(day), \(worst), \(budget)"
    }
}

extension DayReport {
    /// A breach in a line: since when, how long.
    public func sentence(_ breach: Breach) -> String {
        let length = SpanText.text(breach.to.seconds(since: breach.from))
        return
            "broken at \(ReportText.offset(breach.from, since: start)) for \(length)"
            + (breach.isOver ? "" : ", to the end")
    }
}
