import MeshModel
import TerminalCanvas

extension DashboardState {
    /// Why the access log of the selected edge can't be shown; nil when it can.
    var whyNoLog: String? {
        if isReplay { return "Recordings have no access logs" }
        if isRewound { return "Viewing the past; \(keys(of: .back)) returns to live" }
        if connection != .connected { return "No contact with the control plane" }
        return selectedEdge == nil ? "Select an edge first" : nil
    }

    mutating func openLog() -> [Effect] {
        guard let edge = selectedEdge else { return [] }
        layers.append(.log(LogView(edge: edge)))
        return followLog()
    }

    /// Asks for the log again while it is looked at and the last answer is old.
    mutating func followLog() -> [Effect] {
        for (place, layer) in layers.enumerated() {
            guard case .log(var view) = layer, view.isDue(at: now) else { continue }
            view.askedAt = now
            view.isAsking = true
            layers[place] = .log(view)
            return [.learnLog(view.edge, onlyFailing: view.onlyFailing)]
        }
        return []
    }

    /// Takes an answer, unless what is looked at is another edge by then.
    mutating func take(_ log: EdgeLog, onlyFailing: Bool) {
        changeLog(of: log.edge, onlyFailing) { view in
            view.log = log
            view.trouble = nil
        }
    }

    mutating func noteNoLog(of edge: Edge, onlyFailing: Bool, because why: String) {
        changeLog(of: edge, onlyFailing) { $0.trouble = why }
    }

    private mutating func changeLog(of edge: Edge, _ onlyFailing: Bool, _ change: (inout LogView) -> Void) {
        for (place, layer) in layers.enumerated() {
            guard case .log(var view) = layer, view.edge == edge, view.onlyFailing == onlyFailing else { continue }
            view.isAsking = false
            change(&view)
            layers[place] = .log(view)
        }
    }

    /// A key while the log lies in front; what stays open is put back.
    mutating func read(_ key: Key, _ view: LogView) -> [Effect] {
        var view = view
        let page = max(1, Dialog.scrolledRows(self) - 5)
        let action = options.keymap.action(for: key)
        switch key {
        case .escape, .enter: return []
        case .character(" "): view.move(by: page)
        case _ where options.keymap.isKey(key, of: .failing):
            view = LogView(edge: view.edge, onlyFailing: !view.onlyFailing, log: nil)
            layers.append(.log(view))
            return followLog()
        case _ where options.keymap.isKey(key, of: .copy): return put(view, copy(view))
        case .character(let digit):
            if let number = digit.wholeNumberValue, number > 0, number <= view.links.count {
                return put(view, [.openLink(view.links[number - 1].url)])
            }
        default: break
        }
        switch action {
        case .up: view.move(by: -1)
        case .down: view.move(by: 1)
        case .pageUp: view.move(by: -page)
        case .pageDown: view.move(by: page)
        case .first: view.move(by: -view.lines.count)
        case .last: view.chosen = nil
        case .note:
            guard let line = view.current else { break }
            say("Added to the timeline")
            return put(view, [.note(line.note(on: view.edge), .note)])
        case .logs, .quit: return []
        default: break
        }
        return put(view, [])
    }

    private mutating func put(_ view: LogView, _ effects: [Effect]) -> [Effect] {
        layers.append(.log(view))
        return effects
    }

    private mutating func copy(_ view: LogView) -> [Effect] {
        guard let line = view.current?.line, let id = line.trace ?? line.request else {
            say("This line has no trace id", .warn)
            return []
        }
        say(line.trace == nil ? "No trace id: copied the request id" : "Trace id copied")
        return [.copy(id)]
    }
}
