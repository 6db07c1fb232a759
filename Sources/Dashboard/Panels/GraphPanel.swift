import MeshModel
import TerminalCanvas

/// The service graph: who calls whom, how it goes, and the fault on the edge that it hits.
struct GraphPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let inner = Box("SERVICES", note: note(state), isFocused: state.pane == .graph).draw(in: area, on: &canvas)
        guard !state.digraph.names.isEmpty else {
            canvas.write([Span(" no service heard yet", Style(.muted))], line: 0, in: inner)
            return
        }
        switch state.picture {
        case .boxes(let plan): BoxesPicture(state, plan, canvas.glyphs).draw(in: inner, on: &canvas)
        case .tree(let tree): TreePicture(state: state, tree: tree).draw(in: inner, on: &canvas)
        case .table: TablePicture(state: state).draw(in: inner, on: &canvas)
        }
    }

    private func note(_ state: DashboardState) -> String {
        let readings = state.shownReadings
        let words: [(Health, String)] = [(.bad, "bad"), (.warn, "warn"), (.stale, "gone")]
        let counts = words.compactMap { health, word -> String? in
            let count = readings.services.values.count { $0.health == health }
            return count == 0 ? nil : "\(count) \(word)"
        }
        let badEdges = readings.edges.values.count { $0.health == .bad }
        let edges = badEdges == 0 ? [] : ["\(badEdges) bad edge\(badEdges == 1 ? "" : "s")"]
        return (["\(state.digraph.names.count) services"] + counts + edges).joined(separator: "  ")
    }
}

/// The words on an edge, from the fullest that fits to the shortest.
enum EdgeWords {
    static func numbers(_ reading: Reading, to columns: Int) -> String {
        let rate = Format.rate(reading.rate)
        let errors = Format.share(reading.errors)
        if reading.health == .stale { return fitting(["gone \(Format.age(reading.age))", "gone"], columns) }
        guard reading.rate != nil, reading.requests > 0 else { return fitting(["idle"], columns) }
        let forms = ["\(rate) \(errors) \(Format.latency(reading.p99))", "\(rate) \(errors)", rate]
        return fitting((reading.errors ?? 0) > 0 ? forms + [errors] : forms, columns)
    }

    static func fault(_ fault: Fault, at now: Timestamp, to columns: Int, _ glyphs: Glyphs) -> String {
        let mark = glyphs.mark(.fault) ?? ""
        let share = fault.isOrphan ? "" : " \(Format.asked(fault.share))"
        let lease = fault.isOrphan ? " ORPHAN" : " \(Format.countdown(fault.leaseRemaining(at: now)))"
        let id = fault.phase == .requested ? "\(fault.id)?" : fault.id
        let kind = fault.kind.label
        let word = kind.split(separator: " ").first.map(String.init) ?? kind
        return fitting(
            [
                "\(mark) \(id) \(kind)\(share)\(lease)", "\(mark) \(id) \(kind)\(share)",
                "\(mark) \(id) \(word)\(share)",
                "\(id) \(word)\(share)", "\(id)\(share)", id,
            ], columns)
    }

    /// The first form that fits; nothing is better than half a number.
    static func fitting(_ forms: [String], _ columns: Int) -> String {
        forms.first { Text.width($0) <= columns } ?? ""
    }
}

extension DashboardState {
    /// The fault that is drawn on an edge: the newest that may still be in the proxy.
    func fault(on edge: Edge) -> Fault? { shown.activeFaults.last { $0.edge == edge } }

    func isAsking(on edge: Edge) -> Bool { asking.contains { $0.edge == edge } }

    /// True for some seconds after a service came that was not there when the graph was laid out.
    func isNew(_ name: ServiceName) -> Bool {
        firstSeen[name].map { now.seconds(since: $0) < 10 } ?? false
    }
}
