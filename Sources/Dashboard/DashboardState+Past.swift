import MeshModel
import TerminalCanvas

extension DashboardState {
    /// True while the picture is of the past and the mesh goes on.
    public var isRewound: Bool { frozen?.past != nil }
    /// True while the past goes by on the screen.
    public var isPlayingPast: Bool { frozen?.past?.isPlaying ?? false }

    /// Shows what was known at a moment; nil shows again what is known now.
    mutating func look(at past: Past?) {
        setNeedsDrawing()
        guard var past else {
            guard isRewound else { return }
            frozen = nil
            say("Live", .ok)
            return refreshReadings()
        }
        past.mesh.session?.mode = mesh.session?.mode ?? .live
        frozen = Frozen(mesh: past.mesh, at: past.at, readings: readings(of: past.mesh, at: past.at), past: past)
        refreshTable()
    }

    /// Who looks back still hears of what goes wrong now.
    mutating func announce(since told: Int) {
        guard isRewound, mesh.told > told else { return }
        let news = mesh.timeline.suffix(min(mesh.timeline.count, mesh.told - told))
        guard let entry = news.last(where: { $0.tone == .bad }) ?? news.last(where: { $0.tone == .warn }) else {
            return
        }
        say("NOW: \(entry.text)", entry.tone == .bad ? .bad : .warn)
    }

    /// Why a key of the recorded day does nothing here; nil when it does.
    func whyNoTravel(_ id: Action.ID) -> String? {
        if isReplay || isRewound { return nil }
        switch id {
        case .mark: return nil
        case .nextHit, .previousHit:
            if search.isEmpty { return "Press \(keys(of: .search)) to search first" }
            return matchCount == 0 ? "No match: \(search.text)" : nil
        case .earlier, .muchEarlier, .previousEvent:
            switch mesh.recording?.phase {
            case .on, .stopped: return nil
            case .off: return "This session is not recorded"
            case nil: return "Nothing is recorded yet"
            }
        default: return "This is live; \(keys(of: .earlier)) goes back 5 s"
        }
    }

    func travel(_ id: Action.ID) -> [Effect] {
        switch id {
        case .play: [.travel(.playOrPause)]
        case .earlier, .later: [.travel(.step(isForward: id == .later))]
        case .muchEarlier, .muchLater: [.travel(.tenth(isForward: id == .muchLater))]
        case .previousEvent, .nextEvent: [.travel(.event(isForward: id == .nextEvent))]
        case .slower: [.travel(.slower)]
        case .faster: [.travel(.faster)]
        // In a live day a mark is told to everybody; in a recorded one it is the looker's own.
        case .mark: isReplay || isRewound ? [.travel(.mark)] : [.note("marked", .mark)]
        case .nextMark: [.travel(.nextMark)]
        default: []
        }
    }
}

extension DashboardState {
    /// Takes up another moment of a recorded day; how a person looks at it stays.
    mutating func seek(to state: MeshState, at moment: Timestamp) {
        let (before, fault, open) = (selection, selectedFault, layers)
        forget()
        layers = open
        now = moment
        take(Event(number: state.lastNumber, at: moment, observation: .keyframe(state)))
        if let before, isThere(before) { selection = before }
        if let fault, mesh.faults.contains(where: { $0.id == fault }) { selectedFault = fault }
        heardAt = moment
        refreshReadings()
    }

    private func isThere(_ scope: Scope) -> Bool {
        switch scope {
        case .service(let name): digraph.number(of: name) != nil
        case .edge(let edge): mesh.edges[edge] != nil
        }
    }
}
