import MeshModel

/// The report as one HTML file: it needs no network and no script, follows the reader's light or dark setting, fits a
/// telephone, and prints.
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

/// The page and what it opens with.
struct HTMLReport {
    let report: DayReport

    var page: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
        script-src '\(HTMLScript.hash)'">
        <title>\(Markup.escaped(report.name)): \(ReportText.verdict(report.isHeld))</title>
        <style>
        \(HTMLStyle.sheet)
        \(HTMLStyle.report)
        </style>
        </head>
        <body>
        <main>
        \(head)
        \(day)
        \(objectives)
        \(experiments)
        \(faults)
        \(moments)
        \(totals)
        \(timeline)
        <footer>Made from a recording by \(Markup.escaped(report.header.program)).</footer>
        </main>
        <script>\(HTMLScript.source)</script>
        </body>
        </html>

        """
    }

    private var head: String {
        var html = "<header><h1>\(Markup.escaped(report.name)) \(Self.badge(report.isHeld))</h1><p class=\"when\">"
        html += Markup.escaped(ReportText.period(report.start, report.end)) + "</p>"
        for sentence in ReportOpening(report: report).sentences {
            html += Markup.element("p", "class=\"opening\"", sentence)
        }
        html += verdicts
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

    /// Every verdict in a line, each a way to where it is explained.
    private var verdicts: String {
        let objectives = report.objectives.enumerated().map { place, judged in
            ("objective-\(place)", Self.badge(judged.isHeld), judged.objective.name)
        }
        let runs = report.experiments.enumerated().map { place, run in
            let words = ExperimentWords(run: run, report: report)
            return ("run-\(place)", Self.badge(words.isHeld, words.verdict), words.title)
        }
        guard !(objectives + runs).isEmpty else { return "" }
        let items = (objectives + runs).map { id, badge, name in
            "<li><a href=\"#\(id)\">\(badge) \(Markup.escaped(name))</a></li>"
        }
        return "<ul class=\"verdicts\">" + items.joined() + "</ul>"
    }

    /// The slider over the day and the mesh at its moment; both are hidden where no script runs, for the rest of the page
    /// has all that they show.
    private var day: String {
        guard let frames = report.frames, let last = report.moments.last, last.isDrawn, !frames.frames.isEmpty else {
            return ""
        }
        let data = String(decoding: frames.json(for: last, of: report).bytes, as: UTF8.self)
        let length = max(1, Int64(clamping: report.duration.rounded(.up)))
        var html = "<div id=\"scrub\" class=\"scrub\" data-day=\"\(Markup.escaped(data))\" hidden>"
        html += "<output>+0:00:00</output><div><input type=\"range\" min=\"0\" max=\"\(length)\" step=\"1\" "
        html += "value=\"\(opening)\" aria-label=\"moment\">\(strip)</div></div>"
        html += "<section id=\"day\" hidden><h2>The mesh, moment by moment</h2><div class=\"beside\"><dl>"
        for (name, id) in [("active", "active"), ("objectives", "broken"), ("last event", "told")] {
            html += "<dt>\(name)</dt><dd id=\"\(id)\"></dd>"
        }
        html += "</dl><figure>\(GraphPicture(moment: last, isLive: true).svg)</figure></div></section>"
        return html
    }

    /// Where the slider stands at first: a little after the first thing that broke, or the first fault.
    private var opening: Int64 {
        let broken = report.objectives.flatMap(\.breaches).map(\.from).min()
        let begun = report.faults.compactMap { $0.fault.acceptedAt ?? $0.activeAt }.min()
        let at = (broken ?? begun).map { $0.seconds(since: report.start) + 3 } ?? report.duration
        return max(0, Int64(clamping: at.rounded(.up)))
    }

    /// When faults were active and objectives broken, below the slider.
    private var strip: String {
        let length = max(1, report.duration)
        func bar(_ kind: String, _ from: Timestamp, _ to: Timestamp) -> String {
            let start = max(0, from.seconds(since: report.start)) / length * 1000
            let width = max(2, to.seconds(since: from) / length * 1000)
            return "<rect class=\"\(kind)\" x=\"\(Markup.number(start))\" width=\"\(Markup.number(width))\" "
                + "y=\"\(kind == "fault" ? 0 : 6)\" height=\"5\"/>"
        }
        let faults = report.faults.compactMap { injected in
            (injected.fault.acceptedAt ?? injected.activeAt).map { bar("fault", $0, injected.endedAt ?? report.end) }
        }
        let breaches = report.objectives.flatMap(\.breaches).map { bar("breach", $0.from, $0.to) }
        return "<svg viewBox=\"0 0 1000 11\" preserveAspectRatio=\"none\" role=\"img\">"
            + Markup.element("title", "", "above: faults; below: broken objectives")
            + (faults + breaches).joined() + "</svg>"
    }
}
