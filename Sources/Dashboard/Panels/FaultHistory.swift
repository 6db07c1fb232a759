import MeshModel
import TerminalCanvas

/// What a fault does to its edge over time, beside how that was before; for the room that is left below its words.
struct FaultHistory {
    let fault: Fault

    private static let fewestRows = 5
    private static let mostRows = 14
    /// So wide a curve can be read.
    private static let width = 36

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard area.rows >= Self.fewestRows, area.columns >= Self.width, let scope = state.shown.edges[fault.edge]
        else { return }
        // The curves are of the fault's edge, whatever the graph has selected.
        var state = state
        state.selection = .edge(fault.edge)
        let count = min(3, area.columns / Self.width)
        let columns = area.columns / count
        let window = SeriesWindow(
            scope.series, interval: scope.pace, until: state.shownAt, columns: max(1, columns - 2))
        guard window.columns(from: fault.requestedAt, to: fault.endedAt ?? state.shownAt) != nil else { return }
        let context = GaugeContext(
            state: state, scope: scope, window: window, baseline: state.shown.watch.spell?.baselines[.edge(fault.edge)])
        let gauges = [Gauge.success(context), .latency(context), .rate(context)]
        for (place, gauge) in gauges.prefix(count).enumerated() {
            let rows = min(area.rows, Self.mostRows)
            gauge.draw(context, in: Rect(area.column + place * columns, area.row, columns, rows), on: &canvas)
        }
    }
}
