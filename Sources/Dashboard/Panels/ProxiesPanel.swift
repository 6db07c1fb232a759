import MeshModel
import TerminalCanvas

/// Where the numbers come from: each proxy, how old its last answer is, and why when it is silent.
struct ProxiesPanel: Panel {
    func draw(_ state: DashboardState, in whole: Rect, on canvas: inout Canvas) {
        var area = whole
        // What is drawn from a recording was gathered by nobody here.
        if state.screen == .proxies, whole.rows >= 2 * CostPanel.rows, state.mesh.cost != nil, !state.isRewound {
            let parts = Layout.rows([.rest, .fixed(CostPanel.rows)], in: whole)
            area = parts[0]
            CostPanel().draw(state, in: parts[1], on: &canvas)
        }
        let mesh = state.shown
        let sources = mesh.sources.values.filter { status in
            state.filter.matches(status.report.name) { field in
                switch field {
                case .name: [status.report.service?.text ?? status.report.name]
                case .state: [status.report.state.rawValue]
                case .kind: [status.report.kind.rawValue]
                case .ns: status.report.service?.namespace.map { [$0] } ?? []
                case .from, .to, .by, .fault: []
                }
            }
        }.sorted(by: Self.isWorse)
        let fresh = sources.count { $0.report.state == .fresh }
        let isFocused = state.pane == .proxies
        let inner = Box("PROXIES", note: "\(fresh) of \(sources.count) fresh", isFocused: isFocused)
            .draw(in: area, on: &canvas)
        guard !sources.isEmpty else {
            canvas.write([Span(" none heard yet", Style(.muted))], line: 0, in: inner)
            return
        }
        // Only the rows that are seen are made: there may be thousands.
        let height = Table.visibleRows(height: inner.rows)
        let scroll = Scroll(offset: state.tableScroll.offset)
        let window = scroll.window(of: sources.count, height: height)
        let glyphs = canvas.glyphs
        let rows = sources[window].map { row($0, at: state.shownAt, glyphs) }
        let body = Rect(inner.column + 1, inner.row, inner.columns - 3, inner.rows)
        Table(Self.columns, rows: rows).draw(in: body, on: &canvas)
        scroll.drawBar(
            of: sources.count, in: Rect(inner.column, inner.row + 1, inner.columns, height), on: &canvas)
    }

    private static let columns = [
        Table.Column("state", .fixed(13), importance: 9),
        Table.Column("proxy", .share(1, atLeast: 10), importance: 8),
        Table.Column("age", .fixed(6), .right, importance: 8),
        Table.Column("endpoint", .share(2, atLeast: 22), importance: 3),
        Table.Column("why", .share(2, atLeast: 16), importance: 5),
    ]

    private static func isWorse(_ one: MeshState.SourceStatus, _ other: MeshState.SourceStatus) -> Bool {
        let left = rank(one.report.state)
        let right = rank(other.report.state)
        return left != right ? left > right : one.report.name < other.report.name
    }

    private static func rank(_ state: SourceState) -> Int {
        switch state {
        case .fresh: 0
        case .stale: 1
        case .unreachable: 2
        }
    }

    private func row(_ status: MeshState.SourceStatus, at now: Timestamp, _ glyphs: Glyphs) -> [[Span]] {
        let role: StyleRole =
            switch status.report.state {
            case .fresh: .ok
            case .stale: .stale
            case .unreachable: .bad
            }
        let age = status.heardAt.map { max(0, now.seconds(since: $0)) }
        return [
            [Span("\(glyphs.mark(role) ?? " ") \(status.report.state.rawValue)", Style(role))],
            [Span(status.report.name, Style(.text))], [Span(Format.age(age), Style(.text))],
            [Span(status.report.endpoint, Style(.muted))],
            [
                Span(
                    status.report.explanation ?? status.report.health ?? "",
                    Style(status.report.state == .fresh ? .muted : .warn))
            ],
        ]
    }
}
