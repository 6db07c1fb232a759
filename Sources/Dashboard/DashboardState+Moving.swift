public import MeshModel
import TerminalCanvas

extension DashboardState {
    /// Selects a service or an edge, as a click does.
    public mutating func select(_ scope: Scope) {
        selection = scope
        setNeedsDrawing()
    }

    mutating func move(_ id: Action.ID) {
        if screen == .objectives, chosenObjective != nil { return moveObjective(id) }
        switch pane {
        case .graph, .objectives, .proof: moveSelection(id)
        case .faults: moveFault(id)
        case .timeline: moveEntry(to: moved(storyPlace, id, count: story.count))
        case .catalogue: moveExperiment(id)
        case .run: runScroll = moved(runScroll ?? 0, id, count: 500)
        case .proxies: moveProxy(to: moved(proxyPlace, id, count: shown.sources.count))
        }
    }

    private static let page = 10

    /// A scroll position after a key; it stays among the items.
    func moved(_ offset: Int, _ id: Action.ID, count: Int) -> Int {
        let wish =
            switch id {
            case .up: offset - 1
            case .down: offset + 1
            case .pageUp: offset - Self.page
            case .pageDown: offset + Self.page
            case .first: 0
            case .last: count - 1
            default: offset
            }
        return max(0, min(wish, count - 1))
    }

    private mutating func moveFault(_ id: Action.ID) {
        let faults = faultRows
        guard !faults.isEmpty else { return }
        let index = faults.firstIndex { $0.id == selectedFault } ?? 0
        selectedFault = faults[moved(index, id, count: faults.count)].id
    }

    /// The faults that the panel lists or its filter hides: of a long day the last.
    var listedFaults: ArraySlice<Fault> { shown.faults.suffix(200) }

    /// The faults as the panel lists them: those that are in the mesh first, the newest first.
    var faultRows: [Fault] {
        let newest = listedFaults.reversed().filter(matches)
        return newest.filter { !$0.phase.isOver } + newest.filter(\.phase.isOver)
    }

    /// What a key would act on can be seen: a row that is hidden is not selected.
    mutating func keepFaultSeen() {
        guard !filter.isEmpty else { return }
        let rows = faultRows
        if !rows.contains(where: { $0.id == selectedFault }) { selectedFault = rows.first?.id }
    }

    /// The objective that its screen shows: the chosen one, else the first that is broken, else the first.
    var chosenObjective: Objective? {
        let all = shown.session?.objectives ?? []
        return all.first { $0.name == selectedObjective } ?? all.first { shown.verdicts[$0] == false } ?? all.first
    }

    private mutating func moveObjective(_ id: Action.ID) {
        let all = shown.session?.objectives ?? []
        guard let chosen = chosenObjective, let index = all.firstIndex(of: chosen) else { return }
        selectedObjective = all[moved(index, id, count: all.count)].name
        selection = .service(all[moved(index, id, count: all.count)].service)
    }

    /// How the selection did before the faults that are or were in the mesh.
    var baseline: Baseline? { selection.flatMap { shown.watch.spell?.baselines[$0] } }

    private mutating func moveSelection(_ id: Action.ID) {
        guard let scope = selection else { return }
        let navigation = Navigation(graph: visible, picture: picture, table: table)
        switch id {
        case .up: selection = navigation.next(from: scope, .up)
        case .down: selection = navigation.next(from: scope, .down)
        case .left: selection = navigation.next(from: scope, .left)
        case .right: selection = navigation.next(from: scope, .right)
        case .pageUp: selection = navigation.sibling(of: scope, by: -Self.page)
        case .pageDown: selection = navigation.sibling(of: scope, by: Self.page)
        case .first: selection = navigation.end(of: scope, isLast: false)
        case .last: selection = navigation.end(of: scope, isLast: true)
        default: break
        }
        if visible.edgeCount > Readings.fewEdges { refreshEdges() }
    }

    mutating func walkPanes(by distance: Int) {
        let panes = regions.panes.map(\.pane).filter { $0.takesKeys && $0 != .objectives || screen == .objectives }
        guard panes.count > 1 else { return say("This screen has one pane", .muted) }
        let index = panes.firstIndex(of: pane).map { $0 + distance } ?? 0
        pane = panes[(index + panes.count) % panes.count]
    }

    mutating func show(_ id: Action.ID) {
        switch id {
        case .graph: screen = .graph
        case .objectives: screen = .objectives
        case .faults: screen = .faults
        case .timeline: screen = .timeline
        case .proxies: screen = .proxies
        case .experiments: screen = .experiments
        default: screen = .overview
        }
        pane = regions.panes.map(\.pane).first { $0.takesKeys } ?? .graph
        let area = regions.area(of: .graph)?.inset(columns: 1, rows: 1).size
        if let area, area != plannedArea { plan(anew: false) }
    }

    mutating func cycleView() {
        let all = GraphPicture.Choice.allCases
        choice = all[((all.firstIndex(of: choice) ?? 0) + 1) % all.count]
        plan(anew: false)
        if case .boxes = picture { return say("Graph view: \(choice.rawValue)") }
        guard choice == .boxes else { return say("Graph view: \(choice.rawValue)") }
        let most = GraphPicture.mostBoxesAsked
        say("Boxes show at most \(most) services: \(keys(of: .focus)) shows the selection's neighbours", .warn)
    }

    /// Sorts the table by the next figure, and shows it where something else stands.
    mutating func sortTable() {
        let all = TableOrder.allCases
        if case .table = picture {
            tableOrder = all[((all.firstIndex(of: tableOrder) ?? 0) + 1) % all.count]
        } else {
            choice = .table
            plan(anew: false)
        }
        refreshTable()
        say("Table: \(tableOrder.words)")
    }
}
