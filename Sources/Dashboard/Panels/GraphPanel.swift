import MeshModel
import TerminalCanvas

/// The service graph: who calls whom, how it goes, and the fault on the edge that it hits.
struct GraphPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let inner = Box(title(state, canvas.glyphs), note: note(state), isFocused: state.pane == .graph)
            .draw(in: area, on: &canvas)
        guard !state.digraph.names.isEmpty else {
            canvas.write([Span(" No service known yet", Style(.muted))], line: 0, in: inner)
            let why = Text.wrapped(
                state.shown.whySilent.map { Text.sanitised($0) } ?? "", to: max(1, inner.columns - 2))
            for (line, words) in why.enumerated() {
                canvas.write([Span(" \(words)", Style(.warn))], line: line + 2, in: inner)
            }
            return
        }
        switch state.picture {
        case .boxes(let plan): BoxesPicture(state, plan, canvas.glyphs).draw(in: inner, on: &canvas)
        case .tree(let tree): TreePicture(state: state, tree: tree).draw(in: inner, on: &canvas)
        case .table: TablePicture(state: state).draw(in: inner, on: &canvas)
        }
    }

    private func title(_ state: DashboardState, _ glyphs: Glyphs) -> String {
        var words = "SERVICES"
        if let focus = state.lens.focus {
            let hops = state.lens.hops
            words += " around \(Look.name(focus, to: 20, glyphs)), \(hops) call\(hops == 1 ? "" : "s")"
        }
        if state.showsDifferences { words += "  DIFF" }
        if !state.lens.folded.isEmpty { words += "  \(state.lens.folded.count) folded" }
        return words
    }

    private func note(_ state: DashboardState) -> String {
        let readings = state.shownReadings
        let words: [(Health, String)] = [(.bad, "bad"), (.warn, "warn"), (.stale, "stale")]
        let counts = words.compactMap { health, word -> String? in
            let count = readings.services.values.count { $0.health == health }
            return count == 0 ? nil : "\(count) \(word)"
        }
        let badEdges = readings.edges.values.count { $0.health == .bad }
        let edges = badEdges == 0 ? [] : ["\(badEdges) bad edge\(badEdges == 1 ? "" : "s")"]
        let all = state.digraph.names.count
        let seen = state.visible.names.count
        let services = seen == all ? "\(all) services" : "\(seen) of \(all) services"
        return ([services] + counts + edges).joined(separator: "  ")
    }
}

extension DashboardState {
    /// The fault that is drawn on the line of an edge: the newest that may still be in the proxy.
    func fault(on line: Edge) -> Fault? { shown.activeFaults.last { lens.line(of: $0.edge) == line } }

    func isAsking(on line: Edge) -> Bool { asking.contains { lens.line(of: $0.edge) == line } }

    /// True for some seconds after a service came that was not there when the graph was laid out.
    func isNew(_ name: ServiceName) -> Bool {
        firstSeen[name].map { now.seconds(since: $0) < 10 } ?? false
    }
}
