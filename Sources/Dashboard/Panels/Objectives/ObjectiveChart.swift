import MeshModel
import TerminalCanvas

/// One objective over time, as large as there is room: its limit, the band of before, the faults, and gaps as gaps.
struct ObjectiveChart: Panel {
    let objective: Objective
    /// Lines below the chart, where there is no room for them beside it.
    var foot: [[Span]] = []

    private static let gutter = 8

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let title =
            "\(Text.sanitised(objective.name)): \(indicator) of \(Look.name(objective.service, to: 30, canvas.glyphs))"
        let inner = Box(title, note: ObjectiveWords.bound(objective)).draw(in: area, on: &canvas)
        let lines = min(foot.count, max(0, inner.rows - 4))
        let parts = Layout.rows([.rest, .fixed(1), .fixed(lines)], in: inner)
        for (line, spans) in foot.prefix(lines).enumerated() { canvas.write(spans, line: line, in: parts[2]) }
        let plot = Rect(
            parts[0].column + Self.gutter, parts[0].row, parts[0].columns - Self.gutter - 1, parts[0].rows)
        guard let scope = state.shown.services[objective.scope], plot.columns > 0, plot.rows > 0 else { return }
        let window = SeriesWindow(
            scope.series, interval: state.shown.session?.pollInterval ?? 1, until: state.shownAt,
            columns: plot.columns)
        let regions = FaultRegion.all(in: state, window, plot)
        for region in regions { canvas.lay(.shaded, behind: region.area) }
        let curve = curve(window, state)
        curve.draw(in: plot, on: &canvas)
        name(regions, in: plot, on: &canvas)
        label(curve, beside: plot, on: &canvas)
        let line = Rect(plot.column, parts[1].row, plot.columns, 1)
        underline(regions, in: line, on: &canvas)
        axis(window, in: line, on: &canvas)
    }

    private var indicator: String {
        switch objective.indicator {
        case .success: "success"
        case .latency(let quantile, _): ObjectiveWords.quantileName(quantile)
        }
    }

    private func curve(_ window: SeriesWindow, _ state: DashboardState) -> Curve {
        let band = state.shown.watch.spell?.baselines[.service(objective.scope)]?.band(of: objective.indicator)
        let values = window.values(of: objective, state.shown.watch.tracks[objective])
        switch objective.indicator {
        case .success(let target):
            let low = min(values.compactMap { $0 }.min() ?? 1, target)
            return Curve(
                values: values, range: max(0, low - (1 - low) * 0.3 - 0.001)...1, limit: target, band: band,
                isBreach: { $0 < target }, label: Format.success, hasLabels: false)
        case .latency(_, let limit):
            let high = max(values.compactMap { $0 }.max() ?? 1, limit)
            return Curve(
                values: values, range: 0...max(0.001, high * 1.1), limit: limit, band: band,
                isBreach: { $0 > limit }, label: Format.latency, hasLabels: false)
        }
    }

    /// Each fault stands at the top of its time.
    private func name(_ regions: [FaultRegion], in plot: Rect, on canvas: inout Canvas) {
        var free = plot.column
        for region in regions where region.area.columns > 0 {
            let id = Text.clipped(region.fault.id, to: 6)
            let column = max(free, min(region.area.column, plot.endColumn - Text.width(id)))
            canvas.put(id, Style(.fault, .bold), at: Point(column, plot.row), in: plot)
            free = column + Text.width(id) + 1
        }
    }

    /// How long each fault stood, where no ground is shaded: few colours have no shade to spare, and none has none.
    private func underline(_ regions: [FaultRegion], in line: Rect, on canvas: inout Canvas) {
        for region in regions {
            let glyph = canvas.glyphs.line(.heavy, isHorizontal: true)
            for column in region.area.column..<max(region.area.column, region.area.endColumn) {
                canvas.put(glyph, Style(.fault, .bold), at: Point(column, line.row), in: line)
            }
        }
    }

    /// The bounds of the scale and the limit, in the gutter.
    private func label(_ curve: Curve, beside plot: Rect, on canvas: inout Canvas) {
        let gutter = Rect(plot.column - Self.gutter, plot.row, Self.gutter - 1, plot.rows)
        func write(_ value: Double, _ role: StyleRole, at row: Int) {
            canvas.writeRight([Span(curve.label(value), Style(role))], line: row, in: gutter)
        }
        write(curve.range.upperBound, .muted, at: 0)
        if plot.rows > 1 { write(curve.range.lowerBound, .muted, at: plot.rows - 1) }
        // The bounds of the scale keep their places; the limit stands in the title, too.
        guard let limit = curve.limit else { return }
        let row = curve.row(of: limit, in: plot) - plot.row
        if row > 0, row < plot.rows - 1 { write(limit, .limit, at: row) }
    }

    /// How long ago, every half minute of columns.
    private func axis(_ window: SeriesWindow, in line: Rect, on canvas: inout Canvas) {
        canvas.writeRight([Span("now", Style(.muted))], line: 0, in: line)
        let perColumn = window.points.count > 1 ? window.seconds / Double(window.points.count - 1) : 1
        let step = 30
        for columns in stride(from: step, to: line.columns, by: step) {
            let text = "-\(Format.countdown(Double(columns) * perColumn))"
            canvas.put(text, Style(.muted), at: Point(line.endColumn - 1 - columns, line.row), in: line)
        }
    }
}
