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
        return state.shown.session?.objectives.first { $0.scope == name && isWanted($0) }
    }
}

/// One indicator: its value, whether its objective holds, how it went, and how it was before.
struct Gauge {
    var name: String
    var value: String
    var objective: Objective?
    /// The value as a difference from before the faults, and which of the figures it is.
    var difference: Difference.Figure?
    var measure: Difference.Measure
    /// Where it lay before the faults, and how a value of it is written.
    var band: Band?
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
            difference: Difference.success(ratio, context.baseline?.success), measure: .success,
            band: context.baseline?.success, values: values,
            range: max(0, low - (1 - low) * 0.3 - 0.001)...1, limit: objective?.target, isBreach: { $0 < target },
            label: Format.success)
    }

    static func latency(_ context: GaugeContext) -> Gauge {
        var (quantile, bound) = (0.99, Double.infinity)
        let objective = context.objective {
            guard case .latency(let wanted, let limit) = $0.indicator else { return false }
            (quantile, bound) = (wanted, limit)
            return true
        }
        let limit = bound
        let values =
            objective.map { context.window.values(of: $0, context.state.shown.watch.tracks[$0]) }
            ?? context.window.points.map { $0?.p99 }
        let band = objective.map { context.baseline?.band(of: $0.indicator) } ?? context.baseline?.p99
        let highest = values.compactMap { $0 }.max() ?? 1
        // Up to the limit, so that the height tells how near it is.
        let top = max(0.001, limit.isFinite ? max(limit, highest) : highest * 1.3)
        let sample = context.scope.sample(until: context.state.shownAt)
        return Gauge(
            name: ObjectiveWords.quantileName(quantile), value: ObjectiveWords.quantile(quantile, of: sample),
            objective: objective, difference: Difference.latency(sample?.latency?.quantile(quantile), band),
            measure: .p99, band: band, values: values, range: 0...top,
            limit: limit.isFinite ? limit : nil, isBreach: { $0 > limit }, label: Format.latency)
    }

    static func rate(_ context: GaugeContext) -> Gauge {
        let sample = context.scope.sample(until: context.state.shownAt)
        let values = context.window.points.map { $0?.rate }
        return Gauge(
            name: "rate", value: Format.rate(sample?.requestRate), objective: nil,
            difference: Difference.rate(sample?.requestRate, context.baseline?.rate), measure: .rate,
            band: context.baseline?.rate, values: values,
            range: 0...max(0.001, (values.compactMap { $0 }.max() ?? 1) * 1.3), limit: nil, isBreach: { _ in false },
            label: Format.rate)
    }

    func draw(_ context: GaugeContext, in area: Rect, on canvas: inout Canvas) {
        guard area.rows > 0 else { return }
        let glyphs = canvas.glyphs
        var figure = Span(value, Style(.text, .bold))
        if context.state.showsDifferences { figure = DifferenceWords.cell(difference, measure, glyphs) }
        var budget: BudgetReading?
        var verdict: [Span] = []
        if let objective {
            let mesh = context.state.shown
            let reading = mesh.reading(of: objective, at: context.state.shownAt)
            verdict = ObjectiveWords.verdict(objective, reading, context.state, glyphs)
            budget = mesh.budget(of: objective, at: context.state.shownAt)
        }
        // In columns where there is room, so that values stand below each other.
        let isTight = max(7, Text.width(figure.text)) + verdict.width + 9 > area.columns
        if !isTight { figure.text = Text.fitted(figure.text, to: max(7, Text.width(figure.text))) }
        let head = [Span(isTight ? " \(name) " : " \(Text.fitted(name, to: 8))", Style(.muted)), figure] + verdict
        canvas.write(head, line: 0, in: area)
        let foot = foot(budget, columns: area.columns - 2)
        let isRoomy = area.rows >= 3 && !foot.isEmpty
        if area.rows < 3, head.width + foot.width + 3 <= area.columns {
            canvas.writeRight(foot + [Span(" ")], line: 0, in: area)
        }
        let chart = Rect(area.column + 1, area.row + 1, area.columns - 2, area.rows - 1 - (isRoomy ? 1 : 0))
        shade(context, chart, on: &canvas)
        Curve(values: values, range: range, limit: limit, band: band, isBreach: isBreach, label: label)
            .draw(in: chart, on: &canvas)
        if isRoomy { canvas.write([Span(" ")] + foot, line: area.rows - 1, in: area) }
    }

    /// What is known of the objective and of the time before, the most telling first; what has no room is left out.
    private func foot(_ budget: BudgetReading?, columns: Int) -> [Span] {
        var words: [String] = []
        if let objective { words.append("target \(ObjectiveWords.bound(objective))") }
        if let band { words.append("baseline \(ObjectiveWords.band(band, label))") }
        if let burn = budget?.burns.first?.rate, burn > 0 { words.append("burn \(ObjectiveWords.times(burn))") }
        if let left = budget?.left { words.append("budget \(ObjectiveWords.left(left))") }
        var text = ""
        for word in words where text.isEmpty || text.count + word.count + 2 <= columns {
            text += (text.isEmpty ? "" : "  ") + word
        }
        return text.isEmpty ? [] : [Span(text, Style(.muted))]
    }

    private func shade(_ context: GaugeContext, _ chart: Rect, on canvas: inout Canvas) {
        for region in FaultRegion.all(in: context.state, context.window, chart) {
            canvas.lay(.shaded, behind: region.area)
        }
    }
}

/// The time of a fault, as a part of a chart.
struct FaultRegion {
    let fault: Fault
    let area: Rect

    private static let most = 20

    /// The regions of the last faults that a chart shows, oldest first.
    static func all(in state: DashboardState, _ window: SeriesWindow, _ chart: Rect) -> [FaultRegion] {
        state.shown.faults.suffix(most).compactMap { fault in
            // A dial is a new acceptance; the fault has stood since it was asked for.
            guard fault.acceptedAt != nil,
                let columns = window.columns(from: fault.requestedAt, to: fault.endedAt ?? state.shownAt)
            else { return nil }
            let area = Rect(chart.column + columns.lowerBound, chart.row, columns.count, chart.rows)
            return FaultRegion(fault: fault, area: area.intersection(chart))
        }
    }
}
