import MeshModel
import TerminalCanvas

/// What a gauge is made from: the scope that is shown, its series by columns, and how it was before the faults.
struct GaugeContext {
    let state: DashboardState
    let scope: ScopeState
    let window: SeriesWindow
    let baseline: Baseline?

    func objective(_ isWanted: (Objective) -> Bool) -> Objective? {
        guard case .service(let name) = state.selection else { return nil }
        return state.shown.session?.objectives.first { $0.service == name && isWanted($0) }
    }
}

/// One indicator: its value, whether its objective holds, how it went, and how it was before.
struct Gauge {
    var name: String
    var value: String
    var objective: Objective?
    var before: String?
    /// One value a column of the window; nil is a gap.
    var values: [Double?]
    var range: ClosedRange<Double>
    var limit: Double?
    /// True for values that the objective would not allow.
    var isBreach: (Double) -> Bool
    /// How a value is written at the side of the curve.
    var label: (Double) -> String

    static func success(_ context: GaugeContext) -> Gauge {
        let objective = context.objective { if case .success = $0.indicator { true } else { false } }
        let values = context.window.points.map { $0?.successRatio }
        let target = objective?.target ?? 0.99
        let low = min(values.compactMap { $0 }.min() ?? 1, target)
        let ratio = context.scope.sample(until: context.state.shownAt)?.successRatio
        return Gauge(
            name: "success", value: Format.success(ratio), objective: objective,
            before: context.baseline.map { Format.success($0.success) }, values: values,
            range: max(0, low - (1 - low) * 0.3 - 0.001)...1, limit: objective?.target, isBreach: { $0 < target },
            label: Format.success)
    }

    static func latency(_ context: GaugeContext) -> Gauge {
        var limit = Double.infinity
        let objective = context.objective {
            guard case .latency(_, let bound) = $0.indicator else { return false }
            limit = bound
            return true
        }
        let bound = limit
        let values = context.window.points.map { $0?.p99 }
        let highest = values.compactMap { $0 }.max() ?? 1
        // Up to the limit, so that the height tells how near it is.
        let top = max(0.001, bound.isFinite ? max(bound, highest) : highest * 1.3)
        let sample = context.scope.sample(until: context.state.shownAt)
        return Gauge(
            name: "p99", value: Format.latency(sample?.latency?.quantile(0.99)), objective: objective,
            before: context.baseline.map { Format.latency($0.p99) }, values: values, range: 0...top,
            limit: bound.isFinite ? bound : nil, isBreach: { $0 > bound }, label: Format.latency)
    }

    static func rate(_ context: GaugeContext) -> Gauge {
        let sample = context.scope.sample(until: context.state.shownAt)
        let values = context.window.points.map { $0?.rate }
        return Gauge(
            name: "rate", value: Format.rate(sample?.requestRate), objective: nil,
            before: context.baseline.map { Format.rate($0.rate) }, values: values,
            range: 0...max(0.001, (values.compactMap { $0 }.max() ?? 1) * 1.3), limit: nil, isBreach: { _ in false },
            label: Format.rate)
    }

    func draw(_ context: GaugeContext, in area: Rect, on canvas: inout Canvas) {
        guard area.rows > 0 else { return }
        let glyphs = canvas.glyphs
        var head = [
            Span(" \(Text.fitted(name, to: 8))", Style(.muted)), Span(Text.fitted(value, to: 7), Style(.text, .bold)),
        ]
        var burn: Double?
        if let objective {
            let reading = context.state.shown.reading(of: objective, at: context.state.shownAt)
            head += ObjectiveWords.verdict(objective, reading, context.state, glyphs)
            burn = reading.burnRate
        }
        canvas.write(head, line: 0, in: area)
        let foot = foot(burn: burn)
        let isRoomy = area.rows >= 3 && !foot.isEmpty
        if area.rows < 3, head.width + foot.width + 3 <= area.columns {
            canvas.writeRight(foot + [Span(" ")], line: 0, in: area)
        }
        let chart = Rect(area.column + 1, area.row + 1, area.columns - 2, area.rows - 1 - (isRoomy ? 1 : 0))
        shade(context, chart, on: &canvas)
        Curve(values: values, range: range, limit: limit, isBreach: isBreach, label: label).draw(in: chart, on: &canvas)
        if isRoomy { canvas.write([Span(" ")] + foot, line: area.rows - 1, in: area) }
    }

    private func foot(burn: Double?) -> [Span] {
        var words: [String] = []
        if let objective { words.append("limit \(ObjectiveWords.bound(objective))") }
        if let before { words.append("was \(before)") }
        if let burn, burn > 0 { words.append("burns \(Format.decimal(burn, places: burn < 9.95 ? 1 : 0))x") }
        return words.isEmpty ? [] : [Span(words.joined(separator: "  "), Style(.muted))]
    }

    /// Lays the time of each fault behind the curve.
    private func shade(_ context: GaugeContext, _ chart: Rect, on canvas: inout Canvas) {
        for fault in context.state.shown.faults.suffix(20) {
            guard let start = fault.acceptedAt else { continue }
            let stop = fault.endedAt ?? context.state.shownAt
            guard let columns = context.window.columns(from: start, to: stop) else { continue }
            canvas.lay(
                .shaded,
                behind: Rect(chart.column + columns.lowerBound, chart.row, columns.count, chart.rows).intersection(
                    chart))
        }
    }
}
