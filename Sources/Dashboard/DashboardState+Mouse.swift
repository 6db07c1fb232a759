import MeshModel
import TerminalCanvas

extension DashboardState {
    /// A click gives its pane the keys and selects what stands there; the wheel scrolls. A mouse never does more: every
    /// effect is a key's.
    mutating func take(_ event: MouseEvent) -> [Effect] {
        let wheel: Action.ID? =
            switch event.kind {
            case .wheelUp: .up
            case .wheelDown: .down
            case .press, .doublePress, .release: nil
            }
        switch layers.last {
        case .help, .details:
            // Of a dialog only the wheel moves anything.
            guard let wheel, let layer = layers.popLast() else { return [] }
            return give(wheel == .up ? .up : .down, to: layer)
        case nil where !isProjecting: break
        default: return []
        }
        guard event.kind != .release, let place = regions.panes.first(where: { $0.area.contains(event.point) }),
            place.pane.takesKeys
        else { return [] }
        setNeedsDrawing()
        pane = place.pane
        if let wheel {
            move(wheel)
        } else if place.pane == .graph,
            let scope = scope(at: event.point, in: place.area.inset(columns: 1, rows: 1))
        {
            select(scope)
            refreshReadings()
        }
        return []
    }

    /// The service or edge that stands at a place of the graph's pane.
    private func scope(at point: Point, in area: Rect) -> Scope? {
        switch picture {
        case .boxes(let plan):
            let seen = BoxesPicture(self, plan, .full).window(for: area.size)
            let place = Point(point.column - area.column + seen.column, point.row - area.row + seen.row)
            if let box = plan.boxes.first(where: { $0.value.contains(place) }) { return .service(box.key) }
            return plan.routes.first { $0.value.label.contains(place) }.map { .edge($0.key) }
        case .table:
            let height = Table.visibleRows(height: area.rows)
            var scroll = Scroll()
            let selected: ServiceName? =
                switch selection {
                case .service(let name): name
                case .edge(let edge): edge.from
                case nil: nil
                }
            scroll.reveal(selected.flatMap { table.firstIndex(of: $0) } ?? 0, of: table.count, height: height)
            let row = point.row - area.row - 1
            let rows = Array(table[scroll.window(of: table.count, height: height)])
            return rows.indices.contains(row) ? .service(rows[row]) : nil
        case .tree: return nil
        }
    }
}
