import MeshModel
import TerminalCanvas

/// How questions are answered. A yes counts once its question was seen and when nothing is typed right after it: noise
/// on the line, a paste without marks and a cat do not stop there. Whatever else is typed takes the question back.
extension DashboardState {
    /// True while a yes waits for a moment without keys; then the loop sends `quiet`.
    public var awaitsQuiet: Bool { held != nil }

    /// Keeps a key back that says yes to the question in front; nil when the key goes its way.
    mutating func hold(_ key: Key) -> [Effect]? {
        if let held, held != key {
            self.held = nil
            layers.removeLast()
            say("Keys came too fast; nothing was done", .warn)
            return []
        }
        guard isYes(key) else { return nil }
        if layers.last?.sight?.isSeen == true { held = key }
        return []
    }

    /// Nothing was typed after a yes.
    mutating func agree() -> [Effect] {
        guard let key = held.take(), layers.last?.sight != nil, isYes(key), let layer = layers.popLast() else {
            return []
        }
        setNeedsDrawing()
        return give(key, to: layer)
    }

    /// The day goes on while a question stands there: its words are those of now. What it is confirmed with stays.
    mutating func refreshQuestions() {
        for place in layers.indices {
            guard case .confirmation(var question) = layers[place], let lines = lines(of: question) else { continue }
            question.lines = lines
            layers[place] = .confirmation(question)
        }
    }

    private func lines(of question: Confirmation) -> [String]? {
        switch question.effect {
        case .startFault(let request):
            let ability = layers.lazy.compactMap { layer in
                if case .faultForm(let form) = layer { form.ability } else { nil }
            }.first
            return Confirmation.start(request, ability, in: mesh, at: now).lines
        case .changeFault(let id, let change):
            guard let fault = mesh.faults.last(where: { $0.id == id }), !fault.phase.isOver else {
                return ["\(id) has ended: there is nothing to change."]
            }
            if let share = change.share { return Confirmation.raise(fault, to: share, in: mesh, at: now).lines }
            return change.lease.map { Confirmation.renew(fault, seconds: $0, at: now).lines }
        case .startExperiment(let file, let overridesGate):
            return mesh.catalogue.first { $0.file == file }.map {
                Confirmation.lines(of: $0, overridesGate: overridesGate, in: self)
            }
        default: return nil
        }
    }

    private func isYes(_ key: Key) -> Bool {
        switch layers.last {
        case .confirmation(var confirmation): confirmation.receive(key, options.keymap) == .yes
        case .quitGuard: leaving(key) != nil
        default: false
        }
    }

    mutating func answer(_ key: Key, to confirmation: Confirmation) -> [Effect] {
        var confirmation = confirmation
        if options.keymap.isKey(key, of: .override), confirmation.typed.isEmpty, let over = overriding(confirmation) {
            layers.append(.confirmation(over))
            return []
        }
        switch confirmation.receive(key, options.keymap) {
        case .open:
            layers.append(.confirmation(confirmation))
            return []
        case .no:
            if key != .escape, !options.keymap.isKey(key, of: .no) {
                say("\(key) does not confirm: nothing was done", .warn)
            }
            return []
        case .yes: break
        }
        if case .faultForm = layers.last { layers.removeLast() }
        if case .changeFault(let id, let change) = confirmation.effect { return agree(id, change) }
        if case .startExperiment = confirmation.effect { return beginRun(confirmation.effect) }
        guard case .startFault(let request) = confirmation.effect else {
            return [confirmation.effect] + confirmation.others
        }
        // The day may have changed while the question stood there.
        if let why = whyNot(.fault) {
            say(why, .warn)
            return []
        }
        asking.append(request)
        selection = .edge(request.edge)
        return [confirmation.effect]
    }

    /// What a key means where one leaves while faults are active. Ctrl-C opened the question, or did so first.
    private func leaving(_ key: Key) -> Leaving? {
        let keymap = options.keymap
        if keymap.isKey(key, of: .haltAndQuit) { return .halting }
        return keymap.isKey(key, of: .leaveAndQuit) || key == .control("c") ? .plain : nil
    }

    mutating func leave(_ key: Key, _ sight: Sight) -> [Effect] {
        if let leaving = leaving(key) { return [.quit(leaving)] }
        let keymap = options.keymap
        let isStaying = keymap.isKey(key, of: .stay) || keymap.isKey(key, of: .no) || keymap.action(for: key) == .quit
        if key == .escape || isStaying { return [] }
        if key.isTyped, sight.isSeen {
            say("\(key) is no answer: nothing was done", .warn)
        } else {
            layers.append(.quitGuard(sight))
        }
        return []
    }
}
