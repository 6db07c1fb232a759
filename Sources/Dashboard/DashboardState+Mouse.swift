import MeshModel
import TerminalCanvas

extension DashboardState {
    /// A click in the footer is its key, one on the line of the day goes to that moment, and one in a pane gives it the
    /// keys and selects what stands there; the wheel scrolls. A mouse never does more: every effect is a key's.
    mutating func take(_ event: MouseEvent) -> [Effect] {
        let wheel: Action.ID? =
            switch event.kind {
            case .wheelUp: .up
            case .wheelDown: .down
            case .press, .doublePress, .release: nil
            }
        switch layers.last {
        case .help, .details, .log, .lessons, .proof:
            // Of a dialog only the wheel moves anything.
            guard let wheel, let layer = layers.popLast() else { return [] }
            return give(wheel == .up ? .up : .down, to: layer)
        case nil where !isProjecting: break
        default: return []
        }
        if event.kind == .press, regions.footer.contains(event.point) {
            setNeedsDrawing()
            return FooterPanel.action(at: event.point, in: regions.footer, self, .full).map { perform($0) } ?? []
        }
        guard event.kind != .release, let place = regions.panes.first(where: { $0.area.contains(event.point) }),
            place.pane.takesKeys
        else { return [] }
        setNeedsDrawing()
        pane = place.pane
        if let wheel {
            move(wheel)
        } else {
            return choose(at: event.point, place.pane, in: place.area.inset(columns: 1, rows: 1))
        }
        return []
    }

    /// Selects the row or the box at a place of a pane; on the line of the day it asks for that moment.
    private mutating func choose(at point: Point, _ pane: Pane, in inner: Rect) -> [Effect] {
        switch pane {
        case .graph:
            guard let scope = scope(at: point, in: inner) else { return [] }
            select(scope)
            refreshReadings()
        case .timeline:
            let parts = TimelinePanel.parts(of: inner)
            if let moment = TimeStrip(state: self).moment(at: point, in: parts.strip) { return jump(to: moment) }
            guard let row = Self.row(at: point, in: parts.list, of: story.count, revealing: storyPlace) else {
                return []
            }
            moveEntry(to: row)
        case .faults:
            let rows = faultRows
            let place = FaultsPanel.place(rows, self, in: inner)
            guard let row = place.row(at: point, of: rows.count) else { return [] }
            selectedFault = rows[row].id
        case .catalogue:
            let plans = shown.catalogue
            let place = TablePlace(
                body: inner, selected: plans.firstIndex { $0.file == selectedExperiment }, count: plans.count)
            guard let row = place.row(at: point, of: plans.count) else { return [] }
            selectedExperiment = plans[row].file
            runScroll = nil
        case .proxies:
            let rows = proxyRows
            let place = TablePlace(body: ProxiesPanel.list(self, in: inner), selected: proxyPlace, count: rows.count)
            guard let row = place.row(at: point, of: rows.count) else { return [] }
            selectedProxy = rows[row].report.name
        case .objectives, .run, .proof: break
        }
        return []
    }

    /// The item of a list that stands at a place.
    private static func row(at point: Point, in area: Rect, of count: Int, revealing chosen: Int) -> Int? {
        var scroll = Scroll()
        scroll.reveal(chosen, of: count, height: area.rows)
        let row = scroll.window(of: count, height: area.rows).lowerBound + point.row - area.row
        return area.contains(point) && row < count ? row : nil
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
        case .tree(let tree):
            var rows = Array(tree.rows.enumerated())
            if !filter.isEmpty { rows = rows.filter { matches($0.element.service) } }
            let chosen = tree.row(of: selection)
            let list = Rect(area.column, area.row + 1, area.columns, area.rows - 1)
            let revealed = rows.firstIndex { $0.offset == chosen } ?? 0
            guard let row = Self.row(at: point, in: list, of: rows.count, revealing: revealed) else { return nil }
            return .service(rows[row].element.service)
        }
    }
}
