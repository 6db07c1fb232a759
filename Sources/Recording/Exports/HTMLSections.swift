import MeshModel

extension HTMLReport {
    var objectives: String {
        guard !report.objectives.isEmpty else { return "" }
        var html = "<section><h2>Objectives</h2>"
        for (place, judged) in report.objectives.enumerated() {
            let words = ObjectiveWords(judged: judged, report: report)
            html += "<article id=\"objective-\(place)\"><h3>\(Markup.escaped(judged.objective.name)) "
            html += Self.badge(judged.isHeld, words.verdict) + "</h3>"
            html += Markup.element("p", "", words.bound)
            html += Self.facts(Array(zip(ObjectiveWords.figureHeads, words.figures)))
            let chart = ObjectiveChart(judged: judged, report: report)
            html += chart.svg + Markup.element("p", "class=\"legend\"", chart.legend)
            html += Self.table(ObjectiveWords.spellHeads, words.spells, isTight: true) + "</article>"
        }
        return html + "</section>"
    }

    var experiments: String {
        guard !report.experiments.isEmpty else { return "" }
        var html = "<section class=\"experiments\"><h2>Experiments</h2>"
        for (place, run) in report.experiments.enumerated() {
            let words = ExperimentWords(run: run, report: report)
            html += "<article id=\"run-\(place)\" class=\"experiment\"><h3>\(Markup.escaped(words.title)) "
            html += Self.badge(words.isHeld, words.verdict) + "</h3>"
            html += Markup.element("p", "", words.sentences.joined(separator: " "))
            let tables = Self.table(ExperimentWords.probeHeads, words.probes) + activities(words)
            if let moment = report.runMoments[run.id], moment.isDrawn {
                html += "<div class=\"beside\"><div>\(tables)</div>\(figure(moment))</div>"
            } else {
                html += tables
            }
            html += "</article>"
        }
        return html + "</section>"
    }

    /// The steps of a run, folded: the sentences before them say what came of them.
    private func activities(_ words: ExperimentWords) -> String {
        let rows = words.activities
        guard !rows.isEmpty else { return "" }
        return "<details><summary>\(ReportText.count(rows.count, "step"))</summary>"
            + Self.table(ExperimentWords.activityHeads, rows) + "</details>"
    }

    var faults: String {
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

    var moments: String {
        let drawn = report.moments.filter(\.isDrawn)
        guard !drawn.isEmpty else { return "" }
        let figures = drawn.map(figure)
        return "<section><h2>The mesh at key moments</h2><div class=\"pictures\">\(figures.joined())</div></section>"
    }

    private func figure(_ moment: GraphMoment) -> String {
        let caption = "\(ReportText.offset(moment.at, since: report.start)) \(moment.title)"
        return "<figure>\(GraphPicture(moment: moment).svg)" + Markup.element("figcaption", "", caption) + "</figure>"
    }

    var totals: String {
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

    var timeline: String {
        guard !report.timeline.isEmpty else { return "" }
        var html = "<section><h2>Timeline</h2><ol class=\"timeline\">"
        for entry in report.timeline {
            let seconds = max(0, min(1e9, entry.at.seconds(since: report.start)))
            html += "<li class=\"\(entry.tone.rawValue)\" data-t=\"\(Markup.number(seconds))\">"
            html += Markup.element("time", "", ReportText.offset(entry.at, since: report.start))
            html += Markup.element("span", "class=\"kind\"", entry.kind.rawValue)
            html += Markup.element("span", "class=\"text\"", entry.text) + "</li>"
        }
        return html + "</ol></section>"
    }

    static func facts(_ facts: [(name: String, value: String)]) -> String {
        let items = facts.map { "<div>" + Markup.element("dt", "", $0.name) + Markup.element("dd", "", $0.value) }
        return "<dl class=\"facts\">" + items.map { $0 + "</div>" }.joined() + "</dl>"
    }

    private func section(_ title: String, _ heads: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        return "<section><h2>\(title)</h2>" + Self.table(heads, rows) + "</section>"
    }

    /// A table; on a narrow screen each row of it is a card, where every cell has its heading beside it, unless it has so
    /// few columns with so short words that it fits.
    static func table(_ heads: [String], _ rows: [[String]], isTight: Bool = false) -> String {
        guard !rows.isEmpty else { return "" }
        // Figures are read down a column, so they end below one another.
        let isNumber = ReportText.numberColumns(rows, count: heads.count)
        func cells(_ name: String, _ texts: [String]) -> String {
            zip(texts, isNumber).map { Markup.element(name, $1 ? "class=\"number\"" : "", $0) }.joined()
        }
        // The headings are words of the report, never from outside.
        let names = heads.enumerated().map { "--h\($0.offset + 1):'\($0.element)'" }.joined(separator: ";")
        var html = isTight ? "<table class=\"tight\">" : "<table class=\"cards\" style=\"\(names)\">"
        html += "<thead><tr>" + cells("th", heads) + "</tr></thead><tbody>"
        for row in rows { html += "<tr>" + cells("td", row) + "</tr>" }
        return html + "</tbody></table>"
    }

    static func badge(_ isHeld: Bool?, _ word: String? = nil) -> String {
        let tone =
            switch isHeld {
            case true?: "good"
            case false?: "bad"
            case nil: "plain"
            }
        return Markup.element("span", "class=\"verdict \(tone)\"", word ?? ReportText.verdict(isHeld))
    }
}
