import MeshModel

/// An objective's readings over the day as an SVG: the bound as a line, faults and breaches as regions.
struct ObjectiveChart {
    let judged: DayReport.Judged
    let report: DayReport

    private static let width = 860.0
    private static let height = 220.0
    private static let left = 80.0
    private static let top = 22.0
    private static let plotHeight = 158.0

    private var plotWidth: Double { Self.width - Self.left - 12 }

    var svg: String {
        let (low, high) = bounds
        func y(_ value: Double) -> Double {
            Self.top + Self.plotHeight * (1 - (min(high, max(low, value)) - low) / (high - low))
        }
        let box = "0 0 \(Markup.number(Self.width)) \(Markup.number(Self.height))"
        var svg = "<svg class=\"chart\" viewBox=\"\(box)\" role=\"img\" data-left=\"\(Markup.number(Self.left))\" "
        svg += "data-width=\"\(Markup.number(plotWidth))\">"
        svg += Markup.element("title", "", title)
        svg += regions + axis(low, high, y) + line(y)
        let bound = y(limit)
        svg += "<line class=\"bound\" x1=\"\(Self.left)\" x2=\"\(Markup.number(Self.left + plotWidth))\" "
        svg += "y1=\"\(Markup.number(bound))\" y2=\"\(Markup.number(bound))\"/>"
        // Where the readings are on the good side of it, the bound has its name on the other.
        let isHigh = judged.objective.isWorstLow || bound < Self.top + 16
        svg += "<text class=\"limit\" x=\"\(Self.left + 4)\" "
        svg += "y=\"\(Markup.number(isHigh ? bound + 14 : bound - 5))\">"
        svg += Markup.escaped("target " + tick(limit)) + "</text>"
        // The moment of the slider, out of sight until there is one.
        svg += "<line class=\"now\" x1=\"-9\" x2=\"-9\" y1=\"\(Self.top)\" y2=\"\(Self.top + Self.plotHeight)\"/>"
        return svg + "</svg>"
    }

    /// What the marks of the chart mean, in a sentence below it.
    var legend: String {
        var parts = ["dashed: the target"]
        if !report.faults.isEmpty { parts.append("shaded, ▼: fault active") }
        if !judged.breaches.isEmpty { parts.append("bar below: broken") }
        return parts.joined(separator: " · ")
    }

    private var title: String {
        "\(judged.objective.name), \(ReportText.bound(judged.objective)): \(ReportText.verdict(judged.isHeld))"
    }

    private var limit: Double {
        switch judged.objective.indicator {
        case .success(let target): target
        case .latency(_, let limit): limit
        }
    }

    /// What the chart spans: the bound and all readings, with some air.
    private var bounds: (low: Double, high: Double) {
        let values = judged.readings.compactMap(\.value) + [limit]
        let low = values.min() ?? 0
        let high = values.max() ?? 1
        switch judged.objective.indicator {
        case .success: return (max(0, low - max(0.002, (1 - low) * 0.1)), 1)
        case .latency: return (0, max(1, high * 1.1))
        }
    }

    private func x(_ at: Timestamp) -> Double {
        let length = max(0.001, report.duration)
        return Self.left + plotWidth * min(1, max(0, at.seconds(since: report.start) / length))
    }

    private var regions: String {
        var svg = ""
        for injected in report.faults {
            guard let from = injected.fault.acceptedAt ?? injected.activeAt else { continue }
            let start = x(from)
            let end = max(start + 1, x(injected.endedAt ?? report.end))
            svg += "<rect class=\"fault\" x=\"\(Markup.number(start))\" y=\"\(Self.top)\" "
            svg += "width=\"\(Markup.number(end - start))\" height=\"\(Self.plotHeight)\">"
            svg += Markup.element(
                "title", "", "\(injected.fault.id) \(injected.fault.kind.label) on \(injected.fault.edge)")
            svg += "</rect>"
        }
        svg += marks
        for breach in judged.breaches {
            let start = x(breach.from)
            let width = max(2, x(breach.to) - start)
            svg += "<rect class=\"breach\" x=\"\(Markup.number(start))\" y=\"\(Self.top + Self.plotHeight)\" "
            svg += "width=\"\(Markup.number(width))\" height=\"6\">"
            svg += Markup.element("title", "", "broken for \(SpanText.text(breach.to.seconds(since: breach.from)))")
            svg += "</rect>"
        }
        return svg
    }

    /// The names of the faults over their beginnings; those that began at once share a mark.
    private var marks: String {
        var groups: [(x: Double, ids: [String])] = []
        let begun = report.faults.compactMap { injected in
            (injected.fault.acceptedAt ?? injected.activeAt).map { (x($0), injected.fault.id) }
        }
        for (place, id) in begun.sorted(by: { $0.0 < $1.0 }) {
            if let last = groups.last, place - last.x < 38 + (last.ids.count > 1 ? 22 : 0) {
                groups[groups.count - 1].ids.append(id)
            } else {
                groups.append((place, [id]))
            }
        }
        return groups.reduce(into: "") { svg, group in
            let first = group.ids[0]
            let names = group.ids.count > 1 ? "\(first) … \(group.ids[group.ids.count - 1])" : first
            // At the right end there is room only to the left.
            let isLast = group.x > Self.left + plotWidth - 60
            svg += "<text class=\"mark\" text-anchor=\"\(isLast ? "end" : "start")\" "
            svg += "x=\"\(Markup.number(isLast ? group.x + 8 : group.x - 4))\" y=\"\(Self.top - 6)\">"
            svg += Markup.escaped(isLast ? "\(names) ▼" : "▼ \(names)") + "</text>"
        }
    }

    private func axis(_ low: Double, _ high: Double, _ y: (Double) -> Double) -> String {
        var svg = ""
        for value in Self.roundValues(low, high) {
            let at = Markup.number(y(value))
            svg += "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Markup.number(Self.left + plotWidth))\" "
            svg += "y1=\"\(at)\" y2=\"\(at)\"/>"
            svg +=
                "<text class=\"tick\" text-anchor=\"end\" x=\"\(Self.left - 8)\" y=\"\(Markup.number(y(value) + 4))\">"
            svg += Markup.escaped(tick(value)) + "</text>"
        }
        let step = Self.step(report.duration, among: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200])
        for (place, second) in stride(from: 0, through: report.duration, by: step).enumerated() {
            let at = report.start.advanced(bySeconds: second)
            // A narrow screen has room for every other one.
            svg +=
                "<text class=\"tick\(place % 2 == 0 ? "" : " odd")\" text-anchor=\"\(second == 0 ? "start" : "middle")\" "
            svg += "x=\"\(Markup.number(x(at)))\" y=\"\(Self.height - 14)\">"
            svg += Markup.escaped(ReportText.offset(at, since: report.start)) + "</text>"
        }
        return svg
    }

    private func tick(_ value: Double) -> String {
        switch judged.objective.indicator {
        case .success: ReportText.percent(value)
        case .latency: ReportText.milliseconds(value)
        }
    }

    /// Three to six values between two, as round as can be.
    private static func roundValues(_ low: Double, _ high: Double) -> [Double] {
        let length = high - low
        guard length.isFinite, length > 0 else { return [low] }
        var decade = 1.0
        while decade > length { decade /= 10 }
        while decade * 10 <= length { decade *= 10 }
        let step = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5].map { $0 * decade }.first { length / $0 <= 4.5 } ?? decade
        let first = (low / step - 1e-6).rounded(.up)
        return (0...6).map { (first + Double($0)) * step }.filter { $0 <= high + step * 1e-6 }
    }

    /// The first of some lengths that fits at most seven times; a day or more when none does.
    private static func step(_ length: Double, among steps: [Double]) -> Double {
        steps.first { length / $0 <= 7 } ?? max(86_400, (length / 7 / 86_400).rounded(.up) * 86_400)
    }

    /// A gap in the readings is a gap in the line.
    private func line(_ y: (Double) -> Double) -> String {
        var path = ""
        var isOpen = false
        var before: Timestamp?
        let longest = max(10, report.duration / 60)
        for (at, value) in judged.readings {
            if let last = before, at.seconds(since: last) > longest { isOpen = false }
            before = at
            guard let value else {
                isOpen = false
                continue
            }
            path += "\(isOpen ? "L" : "M")\(Markup.number(x(at))) \(Markup.number(y(value)))"
            isOpen = true
        }
        return path.isEmpty ? "" : "<path class=\"line\" d=\"\(path)\"/>"
    }
}
