public import MeshModel

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
    /// Each spell of faults that broke the objective, with its stopwatch, in the order of their coming.
    public func breaking(_ judged: Judged) -> [(faults: [String], stopwatch: Stopwatch)] {
        spells.compactMap { spell in
            guard let stopwatch = stopwatch(of: judged.objective, in: spell), stopwatch.secondsToDetect != nil else {
                return nil
            }
            return (spell.faults, stopwatch)
        }
    }

    /// A stopwatch in a line: how long it took to detect and to recover.
    public func sentence(_ stopwatch: Stopwatch) -> String {
        "time to detect \(ReportText.detection(stopwatch)), time to recover \(ReportText.recovery(stopwatch))"
    }

    /// The longest time to recover of an objective; nil where nothing recovered.
    func longestRecovery(_ judged: Judged) -> Double? {
        breaking(judged).compactMap(\.stopwatch.secondsToRecover).max()
    }

    /// A breach in a line: since when, how long.
    public func sentence(_ breach: Breach) -> String {
        let length = SpanText.text(breach.to.seconds(since: breach.from))
        return
            "broken at \(ReportText.offset(breach.from, since: start)) for \(length)"
            + (breach.isOver ? "" : ", to the end")
    }
}
