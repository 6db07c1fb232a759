import MeshModel
import TerminalCanvas

/// The picture for the back row: it fills the screen at any size. What matters most stands in block letters that grow with
/// the terminal, then the indicators in large digits, then the faults and how they spread.
struct ProjectorPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let body = area.rows - 2
        let headline = max(9, body * 2 / 5)
        let gauges = max(ProjectorGauge.leastRows, body * 4 / 15)
        let isSpaced = body - headline - gauges > 8
        let parts = Layout.rows(
            [
                .fixed(1), .fixed(headline), .fixed(isSpaced ? 1 : 0), .fixed(gauges), .fixed(isSpaced ? 1 : 0), .rest,
                .fixed(1),
            ], in: area)
        header(state, in: parts[0], on: &canvas)
        if let headline = Headline.urgent(state) ?? state.board.shown?.headline {
            HeadlinePanel(headline: headline).draw(state, in: parts[1], on: &canvas)
        }
        self.gauges(state, in: parts[3], on: &canvas)
        ProjectorFacts().draw(state, in: parts[5], on: &canvas)
        if state.isBlind {
            for part in parts[3..<6] { canvas.restyle(part) { Style(.stale, $0.emphasis) } }
        }
        footer(state, in: parts[6], on: &canvas)
        let room = Rect(area.column, area.row + 1, area.columns, area.rows - 2)
        for layer in state.layers where !state.isBehindQuestion(layer) {
            Dialog(layer: layer).draw(state, in: room, on: &canvas)
        }
    }

    private func header(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard !state.isBlind else {
            let age = state.heardAt.map { Format.age(state.now.seconds(since: $0)) + " ago" } ?? "never"
            canvas.write(
                [
                    Span(" NO CONTROL PLANE ", Style(.bad, .bold)),
                    Span("  last contact \(age): all values are stale", Style(.warn, .bold)),
                ], line: 0, in: area)
            return
        }
        let right = badges(state) + [Span(" data age \(Format.age(state.mesh.dataAge(at: state.now))) ", Style(.text))]
        canvas.writeRight(right, line: 0, in: area)
        let name = state.mesh.session?.name ?? "waiting for the control plane"
        let rest = Rect(area.column, area.row, area.columns - right.width - 1, 1)
        canvas.write([Span(" \(name.uppercased())", Style(.title, .bold))], line: 0, in: rest)
    }

    private func badges(_ state: DashboardState) -> [Span] {
        var spans: [Span] = []
        if let frozen = state.frozen {
            let behind = Format.age(state.now.seconds(since: frozen.at))
            spans += [Span(" FROZEN \(behind) behind ", Style(.banner, .bold)), Span(" ")]
        }
        if state.options.isObserver { spans += [Span(" OBSERVER ", Style(.accent, .bold))] }
        switch state.mesh.session?.mode {
        case .live: spans.append(Span(" LIVE ", Style(.ok, .bold)))
        case .simulated: spans.append(Span(" SIMULATED ", Style(.banner, .bold)))
        case .replay: spans.append(Span(" REPLAY ", Style(.banner, .bold)))
        case nil: break
        }
        return spans
    }

    private func gauges(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let all = state.board.shown?.gauges ?? []
        guard !all.isEmpty else {
            canvas.write([Span(" no values yet", Style(.muted))], line: 1, in: area)
            return
        }
        let shown = all.prefix(max(1, min(all.count, area.columns / 28)))
        let columns = Layout.columns(shown.map { _ in .rest }, in: area)
        for (index, (gauge, place)) in zip(shown, columns).enumerated() {
            let isLit = state.board.isLit(.gauge(index))
            ProjectorGauge(gauge: gauge, isLit: isLit).draw(state, in: place.inset(columns: 1), on: &canvas)
        }
    }

    private func footer(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        var spans = [Span(" ")]
        if state.whyNot(.halt) == nil { spans += [.halt(state), Span("  ")] }
        if let notice = state.notice {
            spans.append(Span(notice.text, Style(notice.role)))
        } else {
            spans += [
                Span("\(state.keys(of: .projector))", Style(.key, .bold)),
                Span(" leaves the projector view", Style(.muted)),
            ]
        }
        canvas.write(spans, line: 0, in: area)
    }
}
