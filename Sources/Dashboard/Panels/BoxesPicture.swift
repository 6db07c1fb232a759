import MeshModel
import TerminalCanvas

/// The graph as boxes and orthogonal edges, at the places that the plan gives them.
struct BoxesPicture {
    private let state: DashboardState
    private let plan: GraphPlan
    private let readings: Readings
    private let glyphs: Glyphs
    /// What a fault in question would touch.
    private let blast: BlastMap?

    init(_ state: DashboardState, _ plan: GraphPlan, _ glyphs: Glyphs) {
        self.state = state
        self.plan = plan
        self.glyphs = glyphs
        readings = state.shownReadings
        blast = state.blastMap
    }

    func draw(in area: Rect, on canvas: inout Canvas) {
        let seen = window(for: area.size)
        // Each caller's lines are drawn by themselves, so that lines of others cross them and do not join.
        for group in groups {
            var lines = Graph(window: group.bounds.intersection(seen), roundCorners: true)
            for (edge, route) in group.edges { add(edge, route, to: &lines) }
            if let box = plan.boxes[group.caller] {
                lines.add(box: box, stroke(of: group.caller), style(of: group.caller))
            }
            for (edge, route) in group.edges { lines.add(head: route.heading, at: route.head, look(of: edge).style) }
            let corner = Point(
                area.column + lines.window.column - seen.column, area.row + lines.window.row - seen.row)
            lines.draw(in: Rect(corner.column, corner.row, area.columns, area.rows).intersection(area), on: &canvas)
        }
        let shift = Point(area.column - seen.column, area.row - seen.row)
        if state.isTrafficMoving, glyphs != .ascii, !state.isBlind { drawTraffic(shift, in: area, on: &canvas) }
        for (edge, route) in plan.routes {
            EdgeLabel(
                edge: edge, route: route, words: plan.shape.words, reading: readings[edge], state: state, blast: blast
            )
            .draw(shift, in: area, on: &canvas)
        }
        for (name, box) in plan.boxes {
            let inner = Rect(box.column + shift.column, box.row + shift.row, box.columns, box.rows)
                .inset(columns: 1, rows: 1)
            fill(name, inner, in: area, on: &canvas)
        }
    }

    /// The part of the plan that is seen: all of it, or what lies around the selection.
    func window(for size: Size) -> Rect {
        let centre: Point? =
            switch state.selection {
            case .service(let name): plan.boxes[name].map { Point($0.column + $0.columns / 2, $0.row + $0.rows / 2) }
            case .edge(let edge): plan.routes[edge].map { Point($0.label.column + $0.label.columns / 2, $0.label.row) }
            case nil: nil
            }
        func start(_ centre: Int, _ length: Int, of whole: Int) -> Int {
            max(0, min(centre - length / 2, whole - length))
        }
        let column = start(centre?.column ?? 0, size.columns, of: plan.size.columns)
        let row = start(centre?.row ?? 0, size.rows, of: plan.size.rows)
        return Rect(column, row, size.columns, size.rows)
    }

    private struct Group {
        var caller: ServiceName
        var edges: [(edge: Edge, route: GraphPlan.Route)]
        var bounds: Rect
    }

    /// The edges by their callers; the selected caller and those with a fault come last and so lie on top.
    private var groups: [Group] {
        let byCaller = Dictionary(grouping: plan.routes, by: \.key.from)
        let groups = plan.boxes.map { name, box in
            let edges = (byCaller[name] ?? []).map { (edge: $0.key, route: $0.value) }.sorted { one, other in
                (weight(of: one.edge), one.edge) < (weight(of: other.edge), other.edge)
            }
            let corners = edges.flatMap(\.route.corners) + [box.origin, Point(box.endColumn - 1, box.endRow - 1)]
            let columns = corners.map(\.column)
            let rows = corners.map(\.row)
            let left = columns.min() ?? 0
            let top = rows.min() ?? 0
            return Group(
                caller: name, edges: edges,
                bounds: Rect(left, top, (columns.max() ?? 0) - left + 1, (rows.max() ?? 0) - top + 1))
        }
        return groups.sorted { one, other in
            let left = one.edges.map { weight(of: $0.edge) }.max() ?? 0
            let right = other.edges.map { weight(of: $0.edge) }.max() ?? 0
            return (left, one.caller) < (right, other.caller)
        }
    }

    private func weight(_ isOn: Bool, _ value: Int) -> Int { isOn ? value : 0 }

    private func weight(of edge: Edge) -> Int {
        weight(state.fault(on: edge) != nil || state.isAsking(on: edge), 4)
            + weight(blast?.part(of: edge) == .felt || blast?.target == edge, 2)
            + weight(state.selection == .edge(edge), 1)
    }

    /// Words and boxes are drawn over it.
    private func drawTraffic(_ shift: Point, in area: Rect, on canvas: inout Canvas) {
        for (edge, route) in plan.routes.sorted(by: { $0.key < $1.key }) {
            let cells = route.cells
            for dot in MovingTraffic.dots(readings[edge], cells: cells.count, on: edge, at: state.shownAt) {
                let place = cells[dot.place].moved(columns: shift.column, rows: shift.row)
                if dot.hasFailed {
                    canvas.put(glyphs.pick("✖", "x", "x"), Style(.bad, .bold), at: place, in: area)
                } else {
                    canvas.put(glyphs.bullet, Style(.accent, .bold), at: place, in: area)
                }
            }
        }
    }

    private func add(_ edge: Edge, _ route: GraphPlan.Route, to lines: inout Graph) {
        let look = look(of: edge)
        // The line begins on the caller's border, so that it joins the box.
        let (columns, rows) = route.heading.opposite.step
        var corners = route.corners
        if let first = corners.first { corners[0] = first.moved(columns: columns, rows: rows) }
        // What other edges run along too is not this one's state.
        let isSelected = state.selection == .edge(edge)
        let trunk = readings[edge.from].health == .stale ? Stroke.dotted : .light
        lines.add(
            line: Array(corners[...route.shared]), trunk,
            blast?.part(of: edge)?.look.style ?? (isSelected ? Style(.focusBorder, .bold) : Style(.border)))
        lines.add(line: Array(corners[route.shared...]), look.stroke, look.style)
    }

    private func look(of edge: Edge) -> (stroke: Stroke, style: Style) {
        if let fault = state.fault(on: edge) {
            return (fault.phase == .requested ? .dashed : EdgeWords.stroke(fault.kind), Style(.fault, .bold))
        }
        if state.isAsking(on: edge) { return (.dashed, Style(.fault)) }
        if let part = blast?.part(of: edge) { return part.look }
        let isSelected = state.selection == .edge(edge)
        let health = readings[edge].health
        let isGhost = health == .stale || health == .unknown
        let style = isSelected ? Style(.focusBorder, .bold) : Style(isGhost ? .stale : .border)
        return (isGhost ? .dotted : health == .bad ? .double : .light, style)
    }

    private func stroke(of name: ServiceName) -> Stroke {
        if state.selection == .service(name) || blast?.part(of: name) == .felt { return .heavy }
        return readings[name].health == .stale ? .dotted : .light
    }

    private func style(of name: ServiceName) -> Style {
        if state.selection == .service(name) { return Style(.focusBorder, .bold) }
        if let part = blast?.part(of: name) { return part.look.style }
        return Style(readings[name].health == .stale ? .stale : state.isNew(name) ? .accent : .border)
    }

    private func fill(_ name: ServiceName, _ inner: Rect, in area: Rect, on canvas: inout Canvas) {
        let reading = readings[name]
        let clip = inner.intersection(area)
        let isDim = !state.filter.isEmpty && !state.matches(name)
        if state.selection == .service(name) { canvas.lay(.selected, behind: clip) }
        for (line, spans) in BoxWords(
            name: name, reading: reading, state: state, glyphs: glyphs, isSelfCaller: plan.selfCallers.contains(name),
            blast: blast?.part(of: name)
        )
        .lines(columns: inner.columns, rows: inner.rows).enumerated() {
            canvas.put(
                spans.clipped(to: inner.columns, glyphs), at: inner.origin.moved(rows: line), in: clip)
        }
        if isDim { canvas.restyle(clip) { _ in Style(.muted) } }
    }
}

extension Direction {
    /// One cell that way.
    fileprivate var step: (columns: Int, rows: Int) {
        switch self {
        case .up: (0, -1)
        case .down: (0, 1)
        case .left: (-1, 0)
        case .right: (1, 0)
        }
    }
}
