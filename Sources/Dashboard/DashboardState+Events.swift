import MeshModel
import TerminalCanvas

extension DashboardState {
    mutating func take(_ event: Event) {
        let told = mesh.told
        let last = mesh.lastNumber
        mesh.apply(event)
        announce(since: told)
        heardAt = max(heardAt ?? event.at, event.at)
        // In a replay, and before the first tick, events bring the time.
        if now < event.at { now = event.at }
        switch event.observation {
        case .traffic:
            noteTopology()
            return
        case .beat(let cost):
            guard cost != nil else { return }
            if screen == .proxies { setNeedsDrawing() }
            return
        case .keyframe:
            if last > 0, event.number > last { frames.skipped &+= event.number - last }
            followFaults()
            followCatalogue()
            refreshReadings()
            refreshBoard()
        case .source, .session: noteTopology()
        case .fault: followFaults()
        case .halt:
            haltAskedAt = nil
            notice = nil
        case .experiment(let news): follow(news)
        case .catalogue: followCatalogue()
        case .note, .recording, .edge: break
        }
        refreshStory()
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
        selectedObjective = nil
        knownCount = 0
        knownEdges = []
        digraph = Digraph(services: [], edges: [])
        topologyAt = nil
        firstSeen = [:]
        news = News()
        sickServices = []
        lens = GraphLens()
        selection = nil
        selectedFault = nil
        selectedExperiment = nil
        refreshReadings()
        plan(anew: true)
    }

    /// What events tell of needs no more to be shown as asked for.
    private mutating func followFaults() {
        asking.removeAll { request in
            mesh.activeFaults.contains { $0.kind == request.kind && $0.edge == request.edge }
        }
        if notice?.text == Self.noBaseline, shown.watch.spell != nil { notice = nil }
        if !mesh.activeFaults.contains(where: { $0.id == selectedFault }) {
            selectedFault = mesh.activeFaults.first?.id ?? mesh.faults.last?.id
        }
        keepFaultSeen()
    }

    mutating func tick(_ time: Timestamp) {
        now = time
        setNeedsDrawing()
        // While traffic moves, most ticks only move it.
        if isAnimated, let readAt, case 0..<0.9 = time.seconds(since: readAt) { return }
        if let notice, now.seconds(since: notice.at) > 8 { self.notice = nil }
        noteTopology(isTick: true)
        keepPane()
        refreshReadings()
        refreshQuestions()
        refreshBoard()
    }

    mutating func resize(_ size: Size) {
        guard size != self.size else { return }
        self.size = size
        let panes = regions.panes.map(\.pane)
        if !panes.contains(pane) { pane = panes.first { $0.takesKeys } ?? .graph }
        plan(anew: false)
    }

    mutating func connect(_ connection: Connection) -> [Effect] {
        guard connection != self.connection else { return [] }
        self.connection = connection
        setNeedsDrawing()
        switch connection {
        case .connecting: return []
        case .lost(let why):
            say("No contact with the control plane: \(why)", .bad)
            return []
        case .connected:
            // A halt that may never have arrived is asked for again: halting twice does no harm.
            return haltAskedAt == nil ? [] : [.halt(reason: "repeated by \(options.user)")]
        }
    }

    /// What was wished of a dial was refused.
    private mutating func forgetWish(of id: String) {
        for (place, layer) in layers.enumerated() {
            if case .dial(let dial) = layer, dial.fault == id { layers[place] = .dial(Dial(fault: id)) }
        }
    }

    mutating func take(_ outcome: Outcome) {
        setNeedsDrawing()
        switch outcome {
        case .done(.startFault(let request)): asking.removeAll { $0 == request }
        case .done(.halt): haltAskedAt = nil
        case .done: break
        case .learnt(let edge, let abilities): learn(abilities, on: edge)
        case .logged(let log, let onlyFailing): take(log, onlyFailing: onlyFailing)
        case .failed(.learnLog(let edge, let onlyFailing), let summary, let remedy):
            let why = remedy.map { "\(summary). \($0)" } ?? summary
            noteNoLog(of: edge, onlyFailing: onlyFailing, because: why)
        // A control plane that can't tell knows the kinds that there have always been.
        case .failed(.learnAbilities, _, _), .failed(.learnProtection, _, _): break
        case .failed(let effect, let summary, let remedy):
            if case .startFault(let request) = effect { asking.removeAll { $0 == request } }
            if case .changeFault(let id, _) = effect { forgetWish(of: id) }
            say(remedy.map { "\(summary). \($0)" } ?? summary, .bad)
        }
    }
}
