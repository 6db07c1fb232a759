import MeshModel

extension DayReport.Judged {
    /// The verdict in a line, for a terminal.
    public var sentence: String {
        let verdict = ReportText.verdict(isHeld)
        let head = verdict + String(repeating: " ", count: max(1, 9 - verdict.count)) + objective.name
        let bound = "\(objective.service) \(ReportText.bound(objective))"
        guard isHeld != nil else {
            let cause =
                objective.query == nil ? "no traffic to \(objective.service)" : "its query returned no data"
            return "\(head): \(bound); \(cause)"
        }
        let basis = objective.query == nil ? "in \(day.requests) requests" : "by its query"
        let over = "\(ReportText.value(value, of: objective)) overall \(basis)"
        let worst = "worst \(ReportText.value(worst?.value, of: objective))"
        let left = "error budget left \(ReportText.left(budget?.left)) of \(ReportText.long(objective.window))"
        return "\(head): \(bound); \(over), \(worst), \(left)"
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
