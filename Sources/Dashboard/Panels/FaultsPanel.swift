import MeshModel
import TerminalCanvas

/// Every fault of the day: what was asked, what the proxies' counters show, how long it still lives.
struct FaultsPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let isFocused = state.pane == .faults
        let rows = state.faultRows
        let active = rows.count { !$0.phase.isOver }
        let note = rows.isEmpty ? "" : "\(active) active of \(rows.count)"
        let inner = Box("FAULTS", note: note, isFocused: isFocused).draw(in: area, on: &canvas)
        guard !rows.isEmpty else {
            let words = "none yet; \(state.keys(of: .fault)) builds one for the selected edge"
            canvas.write([Span(" \(words)", Style(.muted))], line: 0, in: inner)
            return
        }
        let selected = rows.firstIndex { $0.id == state.selectedFault }
        let why = selected.flatMap { rows[$0].explanation }
        let hasWhy = why != nil && inner.rows >= 4
        let body = Rect(inner.column + 1, inner.row, inner.columns - 1, inner.rows - (hasWhy ? 1 : 0))
        var scroll = Scroll()
        let height = Table.visibleRows(height: body.rows)
        scroll.reveal(selected ?? 0, of: rows.count, height: height)
        let glyphs = canvas.glyphs
        Table(
            Self.columns, rows: rows.map { row($0, state, glyphs) }, selected: isFocused ? selected : nil,
            scroll: scroll
        ).draw(in: body, on: &canvas)
        if hasWhy, let why { canvas.write([Span(" \(why)", Style(.warn))], line: inner.rows - 1, in: inner) }
    }

    private static let columns = [
        Table.Column("id", .fixed(3), importance: 9),
        Table.Column("kind", .fixed(14), importance: 8),
        Table.Column("edge", .share(1, atLeast: 10), importance: 9),
        Table.Column("asked", .fixed(5), .right, importance: 7),
        Table.Column("seen (95%)", .fixed(12), .right, importance: 6),
        Table.Column("lease", .fixed(6), .right, importance: 8),
        Table.Column("state", .fixed(9), importance: 9),
        Table.Column("by", .fixed(10), importance: 1),
    ]

    private func row(_ fault: Fault, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        let isOver = fault.phase.isOver
        let plain = Style(isOver ? .muted : .text)
        let mark = isOver ? " " : glyphs.mark(.fault) ?? " "
        let lease = isOver || fault.isOrphan ? "-" : Format.countdown(fault.leaseRemaining(at: state.shownAt))
        return [
            [Span(fault.id, Style(isOver ? .muted : .fault, .bold))],
            [Span("\(mark) \(fault.kind.label)", plain)],
            [Span(Look.edge(fault.edge, to: 40, glyphs), plain)],
            [Span(fault.isOrphan ? "?" : Format.asked(fault.share), plain)],
            [Span(isOver ? "-" : seen(fault, state), plain)],
            [Span(lease, Style(isOver ? .muted : .lease))],
            [Span(FaultWords.phase(fault), Style(isOver ? .muted : Look.role(fault.phase), .bold))],
            [Span(fault.by, Style(.muted))],
        ]
    }

    private func seen(_ fault: Fault, _ state: DashboardState) -> String {
        guard let seen = state.shown.seen(of: fault), let ratio = seen.ratio else { return "not yet" }
        guard let interval = seen.interval else { return Format.share(ratio) }
        let low = Format.decimal(interval.lowerBound * 100, places: 0)
        let high = Format.decimal(interval.upperBound * 100, places: 0)
        return "\(Format.share(ratio)) (\(low)-\(high)%)"
    }
}
