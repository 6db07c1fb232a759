import MeshModel

/// The report as Markdown, for a wiki or a pull request.
struct MarkdownExport: Export {
    private var builder: DayReportBuilder?

    mutating func begin(_ day: ExportedDay) -> [UInt8] {
        builder = DayReportBuilder(day)
        return []
    }

    mutating func event(_ event: Event, state: MeshState) -> [UInt8] {
        builder?.take(event, state)
        return []
    }

    mutating func end(_ state: MeshState) -> [UInt8] {
        guard let report = builder?.report(state) else { return [] }
        return Array(Self.text(report).utf8)
    }

    private static func text(_ report: DayReport) -> String {
        var text = "# \(escaped(report.name)): \(ReportText.verdict(report.isHeld))\n\n"
        text += "\(ReportText.period(report.start, report.end)), \(ReportText.seconds(report.duration)). "
        text += "\(ReportText.count(report.faults.count, "fault")), \(ReportText.count(report.halts, "halt")).\n\n"
        text += escaped(ReportOpening(report: report).sentences.joined(separator: " ")) + "\n"
        for finding in report.findings { text += "\n> The recording: \(escaped(finding)).\n" }
        text += objectives(report) + experiments(report) + faults(report) + services(report) + timeline(report)
        text += "\nMade from a recording by \(escaped(report.header.program)).\n"
        return text
    }

    private static func objectives(_ report: DayReport) -> String {
        let words = report.objectives.map { ObjectiveWords(judged: $0, report: report) }
        let rows = words.map { ["\($0.judged.objective.name) (\($0.bound))", $0.verdict] + $0.figures }
        var text = section("Objectives", [["objective", "verdict"] + ObjectiveWords.figureHeads] + rows)
        let spells = words.flatMap { words in words.spells.map { [words.judged.objective.name] + $0 } }
        text += section("What the faults did to the objectives", [["objective"] + ObjectiveWords.spellHeads] + spells)
        return text
    }

    private static func experiments(_ report: DayReport) -> String {
        report.experiments.reduce(into: "") { text, run in
            let words = ExperimentWords(run: run, report: report)
            text += "\n## Experiment \(escaped(words.title)): \(words.verdict)\n"
            text += "\n\(escaped(words.sentences.joined(separator: " ")))\n"
            text += table([ExperimentWords.probeHeads] + words.probes)
            text += table([ExperimentWords.activityHeads] + words.activities)
        }
    }

    private static func faults(_ report: DayReport) -> String {
        var rows = [["fault", "edge", "requested", "observed", "by", "from", "duration"]]
        for injected in report.faults {
            let fault = injected.fault
            let from = fault.acceptedAt ?? fault.requestedAt
            rows.append([
                "\(fault.id) \(fault.kind.label)", "\(fault.edge)", ReportText.percent(fault.share),
                ReportText.seen(injected.seen), fault.by, ReportText.offset(from, since: report.start),
                ReportText.seconds(injected.endedAt.map { $0.seconds(since: from) }),
            ])
        }
        return section("Faults", rows)
    }

    private static func services(_ report: DayReport) -> String {
        var rows = [["service", "requests", "errors", "p50", "p99"]]
        for (name, total) in report.services.sorted(by: { $0.key < $1.key }) {
            rows.append([
                name.text, "\(total.requests)", ReportText.percent(total.errorShare),
                ReportText.milliseconds(total.latency.quantile(0.5)),
                ReportText.milliseconds(total.latency.quantile(0.99)),
            ])
        }
        return section("Services", rows)
    }

    private static func timeline(_ report: DayReport) -> String {
        let rows = report.timeline.map { entry in
            [ReportText.offset(entry.at, since: report.start), entry.kind.rawValue, entry.text]
        }
        return section("Timeline", [["when", "what", ""]] + rows)
    }

    /// A heading and a table, or nothing when the table has only its head.
    private static func section(_ title: String, _ rows: [[String]]) -> String {
        rows.count > 1 ? "\n## \(title)\n" + table(rows) : ""
    }

    private static func table(_ rows: [[String]]) -> String {
        guard rows.count > 1 else { return "" }
        var lines = rows.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }
        let isNumber = ReportText.numberColumns(Array(rows.dropFirst()), count: rows[0].count)
        lines.insert("|" + isNumber.map { $0 ? " ---: |" : " --- |" }.joined(), at: 1)
        return "\n" + lines.joined(separator: "\n") + "\n"
    }

    /// Text from outside in a table's cell: nothing of it is markup, and no control byte gets through.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "#": result += "\\\(scalar)"
            case "&": result += "&amp;"
            case "\n", "\r", "\t", "\u{2028}", "\u{2029}": result += " "
            case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
