import MeshModel
import TerminalCanvas

extension DashboardState {
    /// Takes a key: the halt first, wherever the keys go; then what lies in front; then the main screen.
    mutating func press(_ key: Key) -> [Effect] {
        switch key {
        case .resized(let size):
            resize(size)
            return []
        case .signal: return [.quit(.lost)]
        case .mouse(let event): return take(event)
        case .background(let color): return follow(background: color)
        default: break
        }
        setNeedsDrawing()
        let action = options.keymap.action(for: key)
        let isText = layers.last?.takesText ?? false
        if action == .halt, !isText || options.keymap.haltsEverywhere(key) { return perform(.halt) }
        if action == .redraw, !isText || !key.isText { return [.redraw] }
        if layers.last?.sight != nil, let effects = hold(key) { return effects }
        if key == .control("c") { return perform(.quit) }
        if let layer = layers.popLast() { return give(key, to: layer) }
        guard let action else {
            if key.isTyped || key.isText { say("\(key) has no function; \(keys(of: .help)) lists the keys", .muted) }
            return []
        }
        return perform(action)
    }

    /// The actions a person has here: for an observer those that could touch the mesh do not exist.
    var actions: [Action] { Action.all.filter { !options.isObserver || $0.danger == .none } }

    /// Why an action can't be done now; nil when it can.
    func whyNot(_ id: Action.ID) -> String? {
        let action = Action.with(id)
        if options.isObserver, action.danger != .none { return "Read-only: started with --observe" }
        if isReplay, action.danger == .asks { return "Not available in a replay" }
        if isRewound, action.danger == .asks { return "Viewing the past; \(keys(of: .back)) returns to live" }
        if action.group == .time { return whyNoTravel(id) }
        switch id {
        case .fault:
            if mesh.isHalted { return "Halted: press \(keys(of: .rearm)) to re-arm first" }
            if connection != .connected { return "No contact with the control plane" }
            return mesh.edges.isEmpty ? "No edge is known yet" : nil
        case .dial, .renew:
            if mesh.isHalted { return "Halted: press \(keys(of: .rearm)) to re-arm first" }
            if connection != .connected { return "No contact with the control plane" }
            return faultToChange == nil ? "Select an active fault that was started here" : nil
        case .clearOrphans: return orphans.isEmpty ? "No orphans" : nil
        case .proof: return shown.halt == nil ? "No halt yet" : nil
        case .rearm: return mesh.isHalted ? nil : "Nothing is halted"
        case .abort where isReplay: return "Not available in a replay"
        case .abort: return runToAbort == nil && faultToAbort == nil ? "No fault selected" : nil
        case .run: return whyNotRun
        case .blast: return selectedEdge == nil ? "No edge selected" : nil
        case .logs: return whyNoLog
        case .lessons: return LessonWords.plans(in: shown).isEmpty ? "No experiment here has a lesson" : nil
        case .suspend: return whyNotSuspend
        case .copySelection: return whyNotCopy
        case .note: return isReplay ? "Notes cannot be added to a replay" : nil
        default: return nil
        }
    }

    /// The first key of an action, for hints.
    func keys(of id: Action.ID) -> String {
        options.keymap.keys(of: id).first.map(String.init(describing:)) ?? "(no key)"
    }

    /// The first key of an answer, for the hints of dialogs.
    func keys(of answer: DialogKey) -> String {
        options.keymap.keys(of: answer).first.map(String.init(describing:)) ?? "(no key)"
    }

    mutating func perform(_ id: Action.ID) -> [Effect] {
        if let why = whyNot(id) {
            say(why, .warn)
            return []
        }
        switch id {
        case .halt: return halt()
        case .abort: return abort()
        case .fault: return openForm()
        case .dial: if let fault = faultToChange { layers.append(.dial(Dial(fault: fault.id))) }
        case .renew: askToRenew()
        case .clearOrphans: layers.append(.confirmation(.remove(orphans)))
        case .proof: layers.append(.proof(scroll: 0))
        case .rearm: layers.append(.confirmation(.rearm))
        case .note: layers.append(.note(TextField()))
        case .up, .down, .left, .right, .first, .last, .pageUp, .pageDown: move(id)
        case .nextPane: walkPanes(by: 1)
        case .previousPane: walkPanes(by: -1)
        case .open: return open()
        case .back: return back()
        case .overview, .graph, .objectives, .faults, .timeline, .proxies, .experiments:
            show(id)
            return project(false)
        case .run: preview()
        case .blast: layers.append(.blast)
        case .logs: return openLog()
        case .lessons: layers.append(.lessons(scroll: 0))
        case .search: layers.append(.search(RecallField()))
        case .filter: layers.append(.filter(RecallField(), before: filter.text))
        case .difference: compare()
        case .traffic: moveTraffic()
        case .view: cycleView()
        case .sort: sortTable()
        case .layout: plan(anew: true)
        case .focus: walkFocus()
        case .fold: fold()
        case .foldAll: foldAll()
        case .zoomIn: zoom(by: 1)
        case .zoomOut: zoom(by: -1)
        case .news: jumpToNews()
        case .freeze: return toggleFreeze()
        case .play, .earlier, .later, .muchEarlier, .muchLater, .previousEvent, .nextEvent, .slower, .faster, .mark,
            .nextMark:
            return travel(id)
        case .nextHit, .previousHit: return jumpToHit(isForward: id == .nextHit)
        case .theme: return nextTheme()
        case .projector: return project(!isProjecting)
        case .screenshot: return [.screenshot]
        case .copySelection: return copy()
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .palette: layers.append(.palette(Palette(actions)))
        case .help: layers.append(.help(scroll: 0))
        case .quit: return quit()
        }
        return []
    }

    /// The halt asks nothing and closes every dialog: whatever was being built must not start afterwards.
    private mutating func halt() -> [Effect] {
        layers = []
        held = nil
        haltAskedAt = now
        asking = []
        say("Halting…", .warn)
        return [.halt(reason: "halt key")]
    }

    private mutating func abort() -> [Effect] {
        if let run = runToAbort {
            say("Stopping \(run.id)…", .warn)
            return [.abortExperiment(id: run.id)]
        }
        guard let fault = faultToAbort else { return [] }
        if fault.isOrphan {
            layers.append(.confirmation(.remove([fault])))
            return []
        }
        say("Stopping \(fault.id)…", .warn)
        return [.stopFault(id: fault.id)]
    }

    /// The fault that `a` means: the selected row, else the one on the selected edge, else the only one there is.
    var faultToAbort: Fault? {
        let active = mesh.activeFaults
        if pane == .faults || screen == .faults { return active.first { $0.id == selectedFault && matches($0) } }
        if let edge = selectedEdge, let fault = active.last(where: { $0.edge == edge }) { return fault }
        return active.count == 1 ? active.first : nil
    }

    /// The selected edge, unless it stands for several.
    var selectedEdge: Edge? {
        if case .edge(let edge) = selection, mesh.edges[edge] != nil || knownEdges.contains(edge) { return edge }
        return nil
    }

    private mutating func openForm() -> [Effect] {
        let preselected: Edge? =
            switch selection {
            case .edge(let line): selectedEdge ?? mesh.edges.keys.filter { lens.line(of: $0) == line }.min()
            case .service(let name): digraph.firstEdge(into: name) ?? digraph.firstEdge(from: name)
            case nil: nil
            }
        let longest = mesh.session?.longestLease ?? Session.usualLongestLease
        let form = FaultForm(edges: Array(mesh.edges.keys), preselected: preselected, longestLease: longest)
        layers.append(.faultForm(form))
        return form.edge.map { [.learnAbilities($0)] } ?? []
    }

    private mutating func open() -> [Effect] {
        // The question before a run has all of its plan.
        if pane == .catalogue, whyNot(.run) == nil { return perform(.run) }
        // In a mesh too large for a picture, opening a row leads to the picture of what is around it.
        if pane == .graph, case .table = picture, choice == .auto, lens.focus == nil {
            walkFocus()
            return []
        }
        guard let subject else {
            say("Nothing selected", .muted)
            return []
        }
        layers.append(.details(of: subject, scroll: 0))
        switch subject {
        case .fault(let id): if let fault = shown.faults.last(where: { $0.id == id }) { selection = .edge(fault.edge) }
        case .selection:
            // Of the past nobody can be asked.
            if case .edge(let edge) = selection, !isRewound, !isReplay { return [.learnProtection(edge)] }
        case .objective, .proxy, .run, .plan, .entry: break
        }
        return []
    }

    private mutating func back() -> [Effect] {
        if isRewound { return [.travel(.now)] }
        if !search.isEmpty {
            search.text = ""
        } else if !filter.isEmpty {
            filter = Filter()
            refreshTable()
        } else if frozen != nil {
            return toggleFreeze()
        } else if isProjecting {
            return project(false)
        } else if lens.focus != nil {
            var wide = lens
            wide.focus = nil
            look(through: wide)
        } else if screen != .overview {
            show(.overview)
        } else {
            say("Nothing to close; \(keys(of: .quit)) quits", .muted)
        }
        return []
    }

    private mutating func toggleFreeze() -> [Effect] {
        if isRewound { return [.travel(.now)] }
        frozen = frozen == nil ? Frozen(mesh: mesh, at: now, readings: readings) : nil
        refreshTable()
        return []
    }

    private mutating func nextTheme() -> [Effect] {
        guard !isProjecting else {
            say("The projector view has its own theme")
            return []
        }
        guard options.themes.count > 1 else {
            say("There is only one theme", .muted)
            return []
        }
        theme = (theme + 1) % options.themes.count
        say("Theme: \(options.themes[theme])")
        return [.theme(options.themes[theme])]
    }

    /// Takes the theme that goes with what lies behind the terminal's text, unless a person has chosen one meanwhile.
    private mutating func follow(background: Color) -> [Effect] {
        let wanted = background.luminance > 0.3 ? "paper" : Theme.midnight.name
        guard options.followsBackground, theme == 0, let index = options.themes.firstIndex(of: wanted), index != theme
        else { return [] }
        theme = index
        setNeedsDrawing()
        return isProjecting ? [] : [.theme(wanted)]
    }

    private mutating func quit() -> [Effect] {
        let hasRun = mesh.runningExperiment != nil
        let hasOurs = hasRun || mesh.activeFaults.contains { !$0.isOrphan } || !asking.isEmpty
        guard hasOurs, !isReplay, !options.isObserver else { return [.quit(.plain)] }
        layers.append(.quitGuard(Sight()))
        return []
    }
}

extension Digraph {
    func firstEdge(into name: ServiceName) -> Edge? {
        number(of: name).flatMap { callers[$0].first }.map { Edge(from: names[$0], to: name) }
    }

    func firstEdge(from name: ServiceName) -> Edge? {
        number(of: name).flatMap { callees[$0].first }.map { Edge(from: name, to: names[$0]) }
    }
}
