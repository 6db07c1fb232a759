import MeshModel

/// The report as one HTML file: it needs no network, follows the reader's light or dark setting, and prints.
struct HTMLExport: Export {
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
        return Array(HTMLReport(report: report).page.utf8)
    }
}

/// The page and its sections.
struct HTMLReport {
    let report: DayReport

    var page: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(Markup.escaped(report.name)): \(ReportText.verdict(report.isHeld))</title>
        <style>
        \(HTMLStyle.sheet)
        </style>
        </head>
        <body>
        <main>
        \(head)
        \(objectives)
        \(experiments)
        \(faults)
        \(moments)
        \(totals)
        \(timeline)
        <footer>Made from a recording by \(Markup.escaped(report.header.program)).</footer>
        </main>
        </body>
        </html>

        """
    }

    private var head: String {
        let verdict = ReportText.verdict(report.isHeld)
        var html = "<header><h1>\(Markup.escaped(report.name)) "
        html += "<span class=\"verdict \(Self.tone(report.isHeld))\">\(verdict)</span></h1><p class=\"when\">"
        html += Markup.escaped(ReportText.period(report.start, report.end)) + "</p>"
        let requests = report.services.values.reduce(into: 0.0) { $0 += Double($1.requests) }
        let facts = [
            ("duration", ReportText.seconds(report.duration)), ("faults", "\(report.faults.count)"),
            ("halts", "\(report.halts)"),
            ("experiments", "\(report.experiments.count)"), ("services", "\(report.services.count)"),
            ("requests observed", "\(Int64(clamping: requests))"), ("mode", report.session?.mode.rawValue ?? "–"),
        ]
        html += Self.facts(facts)
        for finding in report.findings {
            html += Markup.element("p", "class=\"finding\"", "The recording: \(finding).")
        }
        return html + "</header>"
    }

    private var objectives: String {
        guard !report.objectives.isEmpty else { return "" }
        var html = "<section><h2>Objectives</h2>"
        for judged in report.objectives {
            let words = ObjectiveWords(judged: judged, report: report)
            html += "<article><h3>\(Markup.escaped(judged.objective.name)) "
            html += "<span class=\"verdict \(Self.tone(judged.isHeld))\">\(words.verdict)</span></h3>"
            html += Markup.element("p", "", words.bound)
            html += Self.facts(Array(zip(ObjectiveWords.figureHeads, words.figures)))
            let chart = ObjectiveChart(judged: judged, report: report)
            html += "<div class=\"wide\">\(chart.svg)</div>" + Markup.element("p", "class=\"legend\"", chart.legend)
            html += Self.table(ObjectiveWords.spellHeads, words.spells) + "</article>"
        }
        return html + "</section>"
    }

    private var experiments: String {
        guard !report.experiments.isEmpty else { return "" }
        var html = "<section><h2>Experiments</h2>"
        for run in report.experiments {
            let words = ExperimentWords(run: run, report: report)
            html += "<article class=\"experiment\"><h3>\(Markup.escaped(words.title)) "
            html += "<span class=\"verdict \(Self.tone(words.isHeld))\">\(words.verdict)</span></h3>"
            html += Markup.element("p", "", words.sentences.joined(separator: " "))
            html += Self.table(ExperimentWords.probeHeads, words.probes)
            html += Self.table(ExperimentWords.activityHeads, words.activities) + "</article>"
        }
        return html + "</section>"
    }

    private var faults: String {
        var rows: [[String]] = []
        for injected in report.faults {
            let fault = injected.fault
            let from = fault.acceptedAt ?? fault.requestedAt
            rows.append([
                "\(fault.id) \(fault.kind.label)", "\(fault.edge)", ReportText.percent(fault.share),
                ReportText.seen(injected.seen), fault.by, ReportText.offset(from, since: report.start),
                ReportText.seconds(injected.endedAt.map { $0.seconds(since: from) }), fault.phase.word,
            ])
        }
        return section(
            "Faults",
            ["fault", "edge", "requested", "observed", "by", "from", "duration", "ended"], rows)
    }

    private var moments: String {
        let drawn = report.moments.filter { $0.services.count <= GraphPicture.mostServices && !$0.services.isEmpty }
        guard !drawn.isEmpty else { return "" }
        var html = "<section><h2>The mesh at key moments</h2>"
        for moment in drawn {
            html += "<figure><div class=\"wide\">\(GraphPicture(moment: moment).svg)</div><figcaption>"
            html += Markup.escaped("\(ReportText.offset(moment.at, since: report.start)) \(moment.title)")
            html += "</figcaption></figure>"
        }
        return html + "</section>"
    }

    private var totals: String {
        let rows = report.services.sorted { $0.key < $1.key }.map { name, total in
            [
                name.text, "\(total.requests)", ReportText.percent(total.errorShare),
                ReportText.milliseconds(total.latency.quantile(0.5)),
                ReportText.milliseconds(total.latency.quantile(0.95)),
                ReportText.milliseconds(total.latency.quantile(0.99)),
            ]
        }
        return section("Services", ["service", "requests", "errors", "p50", "p95", "p99"], rows)
    }

    private var timeline: String {
        guard !report.timeline.isEmpty else { return "" }
        var html = "<section><h2>Timeline</h2><ol class=\"timeline\">"
        for entry in report.timeline {
            html += "<li class=\"\(entry.tone.rawValue)\">"
            html += Markup.element("time", "", ReportText.offset(entry.at, since: report.start))
            html +=
                Markup.element("span", "class=\"kind\"", entry.kind.rawValue) + Markup.element("span", "", entry.text)
            html += "</li>"
        }
        return html + "</ol></section>"
    }

    private static func facts(_ facts: [(name: String, value: String)]) -> String {
        let items = facts.map { "<div>" + Markup.element("dt", "", $0.name) + Markup.element("dd", "", $0.value) }
        return "<dl class=\"facts\">" + items.map { $0 + "</div>" }.joined() + "</dl>"
    }

    private func section(_ title: String, _ heads: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        return "<section><h2>\(title)</h2>" + Self.table(heads, rows) + "</section>"
    }

    private static func table(_ heads: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        // Figures are read down a column, so they end below one another.
        let isNumber = ReportText.numberColumns(rows, count: heads.count)
        func cells(_ name: String, _ texts: [String]) -> String {
            zip(texts, isNumber).map { Markup.element(name, $1 ? "class=\"number\"" : "", $0) }.joined()
        }
        var html = "<div class=\"wide\"><table\(heads.count > 6 ? " class=\"many\"" : "")><thead><tr>"
        html += cells("th", heads) + "</tr></thead><tbody>"
        for row in rows { html += "<tr>" + cells("td", row) + "</tr>" }
        return html + "</tbody></table></div>"
    }

    private static func tone(_ isHeld: Bool?) -> String {
        switch isHeld {
        case true?: "good"
        case false?: "bad"
        case nil: "plain"
        }
    }
}
