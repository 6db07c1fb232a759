import MeshModel
import TerminalCanvas

extension DashboardState {
    /// Boxes are laid out freely until nothing new came for that many seconds, and pinned from then on.
    static let settlingTime = 5.0

    mutating func take(_ event: Event) {
        let hadVerdicts = mesh.verdicts
        let told = mesh.told
        mesh.apply(event)
        announce(since: told)
        heardAt = max(heardAt ?? event.at, event.at)
        // In a replay, and before the first tick, events bring the time.
        if now < event.at { now = event.at }
        if mesh.verdicts != hadVerdicts { noteVerdicts(since: hadVerdicts, event) }
        switch event.observation {
        case .traffic:
            noteTopology()
            return
        case .beat: return
        case .keyframe:
            followFaults()
            refreshReadings()
            refreshBoard()
        case .source, .session: noteTopology()
        case .fault: followFaults()
        case .halt:
            haltAskedAt = nil
            notice = nil
        case .note, .experiment, .catalogue, .recording: break
        }
        setNeedsDrawing()
        noteTopology()
    }

    /// Forgets the day, and what a person was about to do to it; how she looks at it stays.
    mutating func forget() {
        mesh = MeshState()
        frozen = nil
        board = ProjectorBoard()
        layers = []
        asking = []
        haltAskedAt = nil
        verdictSince = [:]
        knownCount = 0
        knownEdges = []
        digraph = Digraph(services: [], edges: [])
        topologyAt = nil
        firstSeen = [:]
        selection = nil
        selectedFault = nil
        refreshReadings()
        plan(anew: true)
    }

    private mutating func noteVerdicts(since before: [Objective: Bool], _ event: Event) {
        // A key frame tells how it stands, and not since when.
        if case .keyframe = event.observation { return }
        for (objective, isMet) in mesh.verdicts where before[objective] != isMet {
            verdictSince[objective] = event.at
        }
    }

    /// What events tell of needs no more to be shown as asked for.
    private mutating func followFaults() {
        asking.removeAll { request in
            mesh.activeFaults.contains { $0.kind == request.kind && $0.edge == request.edge }
        }
        if let selected = selectedFault, mesh.activeFaults.contains(where: { $0.id == selected }) { return }
        selectedFault = mesh.activeFaults.first?.id ?? mesh.faults.last?.id
    }

    /// Services and edges are never forgotten by the fold, so a count tells whether one is new. A key frame may hold
    /// fewer than are on the screen: those stay as ghosts.
    private mutating func noteTopology() {
        let isKnown = mesh.services.count + mesh.edges.count == knownCount
        guard !isKnown else { return }
        knownCount = mesh.services.count + mesh.edges.count
        let edges = Set(mesh.edges.keys).union(knownEdges)
        let grown = Digraph(services: Set(mesh.services.keys).union(digraph.names), edges: edges)
        guard grown != digraph else { return }
        knownEdges = edges
        let isPinned = topologyAt.map { now.seconds(since: $0) >= Self.settlingTime } ?? false
        if isPinned {
            for name in grown.names where digraph.number(of: name) == nil { firstSeen[name] = now }
        } else {
            topologyAt = now
        }
        digraph = grown
        plan(anew: !isPinned)
        if selection == nil { selection = firstSelection }
    }

    private var firstSelection: Scope? {
        (mesh.session?.entrance.flatMap { digraph.number(of: $0) == nil ? nil : $0 } ?? digraph.names.first)
            .map { .service($0) }
    }

    /// Plans the graph for the room that its pane has; pinned boxes stay where they are unless it is `anew`.
    mutating func plan(anew: Bool) {
        let area = (regions.area(of: .graph) ?? Rect(size)).inset(columns: 1, rows: 1).size
        let isSameArea = area == plannedArea
        plannedArea = area
        setNeedsDrawing()
        if !anew, isSameArea, case .boxes(let plan) = picture {
            let unsettled = firstSeen.filter { now.seconds(since: $0.value) < Self.settlingTime }
            picture = .boxes(plan.extended(to: digraph, unsettled: Set(unsettled.keys)))
        } else {
            picture = GraphPicture(digraph, entrance: mesh.session?.entrance, area: area, choice: choice)
        }
    }

    mutating func tick(_ time: Timestamp) {
        now = time
        if let notice, now.seconds(since: notice.at) > 8 { self.notice = nil }
        refreshReadings()
        refreshBoard()
        setNeedsDrawing()
    }

    mutating func refreshReadings() {
        readings = readings(of: mesh, at: now)
        refreshTable()
    }

    mutating func refreshTable() {
        table = shownReadings.worstFirst().filter { filter.matches($0.text) }
    }

    mutating func resize(_ size: Size) {
        guard size != self.size else { return }
        self.size = size
        let panes = regions.panes.map(\.pane)
        if !panes.contains(pane) { pane = panes.first { $0.takesKeys } ?? .graph }
        plan(anew: true)
    }

    mutating func connect(_ connection: Connection) -> [Effect] {
        guard connection != self.connection else { return [] }
        self.connection = connection
        setNeedsDrawing()
        switch connection {
        case .connecting: return []
        case .lost(let why):
            say("control plane lost: \(why)", .bad)
            return []
        case .connected:
            // A halt that may never have arrived is asked for again: halting twice does no harm.
            return haltAskedAt == nil ? [] : [.halt(reason: "asked again by \(options.user)")]
        }
    }

    mutating func take(_ outcome: Outcome) {
        setNeedsDrawing()
        switch outcome {
        case .done(.startFault(let request)): asking.removeAll { $0 == request }
        case .done(.halt): haltAskedAt = nil
        case .done: break
        case .failed(let effect, let summary, let remedy):
            if case .startFault(let request) = effect { asking.removeAll { $0 == request } }
            say(remedy.map { "\(summary). \($0)" } ?? summary, .bad)
        }
    }
}
