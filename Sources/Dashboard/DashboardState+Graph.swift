import MeshModel
import TerminalCanvas

extension DashboardState {
    /// Boxes are laid out freely until nothing new came for that many seconds, and pinned from then on.
    static let settlingTime = 5.0
    /// A mesh that large is looked at once a tick and not at every event of its beginning.
    private static let manyServices = 200

    /// Services and edges are never forgotten by the fold, so a count tells whether one is new. A key frame may hold
    /// fewer than are on the screen: those stay as ghosts.
    mutating func noteTopology(isTick: Bool = false) {
        let isKnown = mesh.services.count + mesh.edges.count == knownCount
        guard !isKnown, isTick || knownCount == 0 || mesh.services.count <= Self.manyServices else { return }
        knownCount = mesh.services.count + mesh.edges.count
        let edges = Set(mesh.edges.keys).union(knownEdges)
        let services = Set(mesh.services.keys).subtracting(mesh.session?.queryScopes ?? [])
        let grown = Digraph(services: services.union(digraph.names), edges: edges)
        guard grown != digraph else { return }
        let isPinned = topologyAt.map { now.seconds(since: $0) >= Self.settlingTime } ?? false
        if isPinned {
            for name in grown.names where digraph.number(of: name) == nil {
                firstSeen[name] = now
                news.add(.service(name), at: now)
            }
            for edge in edges.subtracting(knownEdges).sorted() { news.add(.edge(edge), at: now) }
        } else {
            topologyAt = now
        }
        knownEdges = edges
        digraph = grown
        plan(anew: !isPinned)
        if selection == nil { selection = firstSelection }
    }

    private var firstSelection: Scope? {
        (mesh.session?.entrance.flatMap { digraph.number(of: $0) == nil ? nil : $0 } ?? digraph.names.first)
            .map { .service($0) }
    }

    /// Plans the graph for the room that its pane has. What was planned for the same room keeps its boxes in place,
    /// unless all plans are thrown away: `anew`.
    mutating func plan(anew: Bool) {
        let area = (regions.area(of: .graph) ?? Rect(size)).inset(columns: 1, rows: 1).size
        plannedArea = area
        setNeedsDrawing()
        visible = lens.seen(of: digraph)
        if anew || plans.count > 16 { plans = [:] }
        let key = GraphPlan.Key(area: area, detail: detail, lens: lens)
        if choice == .auto || choice == .boxes, let pinned = plans[key] {
            let unsettled = firstSeen.filter { now.seconds(since: $0.value) < Self.settlingTime }
            let plan = pinned.extended(to: visible, unsettled: Set(unsettled.keys))
            plans[key] = plan
            picture = .boxes(plan)
        } else {
            picture = GraphPicture(
                visible, entrance: mesh.session?.entrance, area: area, choice: choice, detail: detail)
            if case .boxes(let plan) = picture { plans[key] = plan }
        }
    }

    mutating func refreshReadings() {
        readings = Readings(of: mesh, at: now)
        readAt = now
        noteHealth()
        refreshEdges()
    }

    mutating func refreshEdges() {
        readings = withEdges(readings, of: mesh, at: now)
        refreshTable()
    }

    /// What the panels read of a mesh at a moment, which may be another than now.
    func readings(of mesh: MeshState, at moment: Timestamp) -> Readings {
        withEdges(Readings(of: mesh, at: moment), of: mesh, at: moment)
    }

    /// Reads the edges that are shown: in a large mesh those beside the selection only.
    private func withEdges(_ services: Readings, of mesh: MeshState, at moment: Timestamp) -> Readings {
        let (lens, visible, selected) = (lens, visible, selection)
        let isSmall = visible.edgeCount <= Readings.fewEdges
        var readings = services
        readings.readEdges(of: mesh, at: moment) { edge in
            if isSmall, visible.number(of: lens.box(of: edge.from)) != nil,
                visible.number(of: lens.box(of: edge.to)) != nil
            {
                return true
            }
            return switch selected {
            case .service(let name): edge.from == name || edge.to == name
            case .edge(let selected): edge == selected || edge.from == selected.from
            case nil: false
            }
        }
        return readings.folded(by: lens)
    }

    mutating func refreshTable() {
        let seen = visible
        let isWide = lens.isWide
        table = shownReadings.sorted(by: tableOrder).filter {
            (isWide || seen.number(of: $0) != nil) && matches($0)
        }
        refreshStory()
        keepFaultSeen()
    }

    /// What has just turned bad or gone is news.
    private mutating func noteHealth() {
        let sick = Set(
            readings.services.lazy.filter { $0.value.health == .bad || $0.value.health == .stale }.map(\.key))
        for name in sick.subtracting(sickServices).sorted() { news.add(.service(name), at: now) }
        sickServices = sick
    }

    /// Looks at another part of the mesh, and keeps the selection where it can be seen.
    mutating func look(through lens: GraphLens) {
        self.lens = lens
        if let frozen { self.frozen?.readings = frozen.readings.folded(by: lens) }
        switch selection {
        case .service(let name): selection = .service(lens.box(of: name))
        case .edge(let edge): selection = .edge(lens.line(of: edge))
        case nil: break
        }
        plan(anew: false)
        if let selection, !isVisible(selection) { self.selection = lens.focus.map { .service($0) } ?? firstSelection }
        refreshEdges()
    }

    private func isVisible(_ scope: Scope) -> Bool {
        switch scope {
        case .service(let name): visible.number(of: name) != nil
        case .edge(let edge): visible.number(of: edge.from) != nil && visible.number(of: edge.to) != nil
        }
    }

    /// Around the selection and one call further with each press, then back to all.
    mutating func walkFocus() {
        var next = lens
        if let name = selectedService, lens.focus == nil || lens.focus != name {
            next.focus = name
            next.hops = 1
        } else if lens.focus != nil, lens.hops < GraphLens.mostHops {
            next.hops += 1
        } else {
            next.focus = nil
        }
        look(through: next)
    }

    /// The selected service, or the caller of the selected edge.
    var selectedService: ServiceName? {
        switch selection {
        case .service(let name): name
        case .edge(let edge): edge.from
        case nil: nil
        }
    }

    mutating func fold() {
        guard let space = selectedService?.namespace else { return say("This name has no namespace", .warn) }
        var next = lens
        if next.folded.remove(space) == nil { next.folded.insert(space) }
        // Of an unfolded box the first of its services is the nearest.
        if !next.folded.contains(space), let first = digraph.names.first(where: { $0.namespace == space }) {
            selection = .service(first)
        }
        look(through: next)
    }

    mutating func foldAll() {
        var next = lens
        let spaces = Set(digraph.names.compactMap(\.namespace))
        guard !spaces.isEmpty else { return say("No name here has a namespace", .warn) }
        next.folded = next.folded == spaces ? [] : spaces
        look(through: next)
    }

    mutating func zoom(by step: Int) {
        guard let next = GraphShape.Detail(rawValue: detail.rawValue + step) else {
            return say("Box detail: \(detail.words) already", .muted)
        }
        detail = next
        if choice == .tree || choice == .table { choice = .auto }
        say("Box detail: \(next.words)")
        plan(anew: false)
    }

    /// To what came or turned bad last; pressed again, to what was new before.
    mutating func jumpToNews() {
        guard let next = news.next() else { return say("No change to jump to", .muted) }
        if !isVisible(next.scope) { look(through: GraphLens()) }
        if regions.area(of: .graph) == nil { show(.graph) }
        pane = .graph
        selection = next.scope
        say("\(Format.age(now.seconds(since: next.at))) ago")
        refreshEdges()
    }
}

extension GraphShape.Detail {
    fileprivate var words: String {
        switch self {
        case .names: "names only"
        case .numbers: "as much as fits"
        case .all: "everything"
        }
    }
}

/// What is new in the mesh, for a person who looked away: services and edges that came, and what turned bad.
struct News: Equatable, Sendable {
    struct Item: Equatable, Sendable {
        var scope: Scope
        var at: Timestamp
    }

    private var items: [Item] = []
    private var place = 0

    /// More is no news.
    private static let most = 50

    mutating func add(_ scope: Scope, at time: Timestamp) {
        items.removeAll { $0.scope == scope }
        items.append(Item(scope: scope, at: time))
        if items.count > Self.most { items.removeFirst() }
        place = items.count
    }

    /// The newest first, then one older at each call, and round again.
    mutating func next() -> Item? {
        guard !items.isEmpty else { return nil }
        place = place > 0 ? place - 1 : items.count - 1
        return items[place]
    }
}
