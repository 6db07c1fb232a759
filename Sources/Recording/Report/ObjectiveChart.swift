import MeshModel

/// An objective's readings over the day as an SVG: the bound as a line, faults and breaches as regions.
struct ObjectiveChart {
    let judged: DayReport.Judged
    let report: DayReport

    private static let width = 860.0
    private static let height = 190.0
    private static let left = 64.0
    private static let top = 22.0
    private static let plotHeight = 128.0

    private var plotWidth: Double { Self.width - Self.left - 12 }

    var svg: String {
        let (low, high) = bounds
        func y(_ value: Double) -> Double {
            Self.top + Self.plotHeight * (1 - (min(high, max(low, value)) - low) / (high - low))
        }
        let box = "0 0 \(Markup.number(Self.width)) \(Markup.number(Self.height))"
        var svg = "<svg class=\"chart\" viewBox=\"\(box)\" role=\"img\">"
        svg += Markup.element("title", "", title)
        svg += regions + axis(low, high, y) + line(y)
        let bound = y(limit)
        svg += "<line class=\"bound\" x1=\"\(Self.left)\" x2=\"\(Markup.number(Self.left + plotWidth))\" "
        svg += "y1=\"\(Markup.number(bound))\" y2=\"\(Markup.number(bound))\"/>"
        return svg + "</svg>"
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
            svg += "</rect><text class=\"mark\" x=\"\(Markup.number(start + 3))\" y=\"\(Self.top - 6)\">"
            svg += Markup.escaped("▼ \(injected.fault.id)") + "</text>"
        }
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

    private func axis(_ low: Double, _ high: Double, _ y: (Double) -> Double) -> String {
        var svg = ""
        for value in [low, (low + high) / 2, high] {
            let at = Markup.number(y(value))
            svg += "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Markup.number(Self.left + plotWidth))\" "
            svg += "y1=\"\(at)\" y2=\"\(at)\"/>"
            svg +=
                "<text class=\"tick\" text-anchor=\"end\" x=\"\(Self.left - 8)\" y=\"\(Markup.number(y(value) + 4))\">"
            svg += Markup.escaped(ReportText.value(value, of: judged.objective)) + "</text>"
        }
        for part in 0...4 {
            let at = report.start.advanced(bySeconds: report.duration * Double(part) / 4)
            let anchor = part == 0 ? "start" : part == 4 ? "end" : "middle"
            svg += "<text class=\"tick\" text-anchor=\"\(anchor)\" x=\"\(Markup.number(x(at)))\" "
            svg += "y=\"\(Self.height - 14)\">"
            svg += Markup.escaped(ReportText.offset(at, since: report.start)) + "</text>"
        }
        return svg
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
