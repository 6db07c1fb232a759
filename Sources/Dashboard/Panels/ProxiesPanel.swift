import MeshModel
import TerminalCanvas

/// Where the numbers come from: each proxy, how old its last answer is, and why when it is silent.
struct ProxiesPanel: Panel {
    func draw(_ state: DashboardState, in whole: Rect, on canvas: inout Canvas) {
        let (area, cost) = Self.parts(of: whole, state)
        if !cost.isEmpty { CostPanel().draw(state, in: cost, on: &canvas) }
        let sources = state.proxyRows
        let fresh = sources.count { $0.report.state == .fresh }
        let isFocused = state.pane == .proxies
        let inner = Box("PROXIES", note: "\(fresh) of \(sources.count) fresh", isFocused: isFocused)
            .draw(in: area, on: &canvas)
        guard !sources.isEmpty else {
            canvas.write([Span(" No proxy known yet", Style(.muted))], line: 0, in: inner)
            return
        }
        ProxyTable(state: state, sources: sources, isWhole: state.screen == .proxies).draw(in: inner, on: &canvas)
    }
}

extension ProxiesPanel {
    /// Where the proxies stand, and below them what gathering costs.
    private static func parts(of whole: Rect, _ state: DashboardState) -> (list: Rect, cost: Rect) {
        // What is drawn from a recording was gathered by nobody here.
        let hasCost =
            state.screen == .proxies && whole.rows >= 2 * CostPanel.rows && state.mesh.cost != nil && !state.isRewound
        guard hasCost else { return (whole, Rect(whole.column, whole.row, 0, 0)) }
        let parts = Layout.rows([.rest, .fixed(CostPanel.rows)], in: whole)
        return (parts[0], parts[1])
    }

    /// Where the rows stand inside of the pane, for a click.
    static func list(_ state: DashboardState, in inner: Rect) -> Rect {
        let whole = Rect(inner.column - 1, inner.row - 1, inner.columns + 2, inner.rows + 2)
        return parts(of: whole, state).list.inset(columns: 1, rows: 1)
    }
}

/// The proxies as rows. Where it is not whole, those that are fresh and hold no fault are one line together.
struct ProxyTable {
    let state: DashboardState
    let sources: [MeshState.SourceStatus]
    let isWhole: Bool

    func draw(in area: Rect, on canvas: inout Canvas) {
        // Only the rows that are seen are made: there may be thousands.
        let height = Table.visibleRows(height: area.rows)
        let (listed, fresh) = isWhole ? (sources, 0) : state.listedProxies(sources, height: height)
        let chosen = isWhole ? state.proxyPlace : 0
        let scroll = TablePlace(body: area, selected: chosen, count: listed.count).scroll
        let window = scroll.window(of: listed.count, height: height)
        let evidence = ProxyEvidence(state, canvas.glyphs)
        let hasReasons = listed[window].contains { ProxyEvidence.reason($0.report) != nil }
        let body = Rect(area.column + 1, area.row, area.columns - (isWhole ? 3 : 2), area.rows)
        let columns = ProxyEvidence.columns(hasReasons: hasReasons)
        if !window.isEmpty {
            Table(
                columns, rows: listed[window].map { Array(evidence.row($0).prefix(columns.count)) },
                selected: isWhole && state.pane == .proxies ? chosen - window.lowerBound : nil
            )
            .draw(in: body, on: &canvas)
        }
        if fresh > 0 {
            let noun = "\(listed.isEmpty ? "" : "more ")prox\(fresh == 1 ? "y" : "ies") fresh"
            let words = "\(canvas.glyphs.mark(.ok) ?? " ") \(Format.count(fresh)) \(noun)"
            let age = Format.age(state.shown.dataAge(at: state.shownAt))
            let line = [Span(words, Style(.ok)), Span("  oldest data \(age)", Style(.muted))]
            canvas.write(line, line: listed.isEmpty ? 0 : listed.count + 1, in: body)
        }
        scroll.drawBar(
            of: listed.count, in: Rect(area.column, area.row + 1, area.columns, height), on: &canvas)
    }
}
