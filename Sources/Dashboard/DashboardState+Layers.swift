import MeshModel
import TerminalCanvas

extension DashboardState {
    /// Gives a key to the layer that was in front; what it leaves open is put back.
    mutating func give(_ key: Key, to layer: Layer) -> [Effect] {
        switch layer {
        case .help(let scroll):
            let next = scrolled(scroll, key, of: HelpWords.lines(self, .full).count)
            if let next { layers.append(.help(scroll: next)) }
        case .details(let scroll):
            let next = scrolled(scroll, key, of: DetailWords.lines(self, .full).count)
            if let next { layers.append(.details(scroll: next)) }
        case .dial(let dial): return turn(dial, key)
        case .proof(let scroll):
            let next = scrolled(scroll, key, of: ProofWords.lines(shown, .full).count)
            if let next { layers.append(.proof(scroll: next)) }
        case .blast:
            let isClosing = key == .escape || key == .enter || options.keymap.action(for: key) == .blast
            if !isClosing { layers.append(layer) }
        case .palette(let palette): return choose(key, in: palette)
        case .faultForm(let form): return fill(form, key)
        case .confirmation(let confirmation): return answer(key, to: confirmation)
        case .note(let field): return write(key, field)
        case .filter(let field, let before): return narrow(key, field, before: before)
        case .quitGuard(let sight): return leave(key, sight)
        }
        return []
    }

    /// Where a scrolled text of so many lines is after a key; nil when the key closes it. It stops where its end is seen.
    private func scrolled(_ offset: Int, _ key: Key, of lines: Int) -> Int? {
        let most = max(0, lines - Dialog.scrolledRows(self))
        let page = max(1, Dialog.scrolledRows(self) - 1)
        switch key {
        case .up: return max(0, min(most, offset) - 1)
        case .down: return min(offset + 1, most)
        case .pageUp: return max(0, min(most, offset) - page)
        case .pageDown, .character(" "): return min(offset + page, most)
        case .home: return 0
        case .end: return most
        case .escape, .enter: return nil
        default: break
        }
        return switch options.keymap.action(for: key) {
        case .up: max(0, min(most, offset) - 1)
        case .down: min(offset + 1, most)
        case .pageUp: max(0, min(most, offset) - page)
        case .pageDown: min(offset + page, most)
        case .first: 0
        case .last: most
        case .help, .quit: nil
        default: offset
        }
    }

    private mutating func choose(_ key: Key, in palette: Palette) -> [Effect] {
        switch key {
        case .escape: return []
        case .enter: return palette.choice.map { perform($0.id) } ?? []
        default:
            var palette = palette
            palette.receive(key)
            layers.append(.palette(palette))
            return []
        }
    }

    private mutating func fill(_ form: FaultForm, _ key: Key) -> [Effect] {
        if key == .escape { return [] }
        var form = form
        guard key == .enter else {
            let before = form.edge
            form.receive(key)
            layers.append(.faultForm(form))
            return form.edge == before ? [] : form.edge.map { [.learnAbilities($0)] } ?? []
        }
        do {
            let request = try form.request(by: options.user)
            layers.append(.faultForm(form))
            layers.append(.confirmation(.start(request, form.ability, in: mesh, at: now)))
        } catch {
            form.go(to: error.field, because: error.words)
            layers.append(.faultForm(form))
        }
        return []
    }

    /// What can be done on an edge is told to the form that asks for it, wherever it stands.
    mutating func learn(_ abilities: [FaultAbility], on edge: Edge) {
        for (place, layer) in layers.enumerated() {
            guard case .faultForm(var form) = layer, form.edge == edge else { continue }
            form.learn(abilities)
            layers[place] = .faultForm(form)
        }
    }

    private mutating func write(_ key: Key, _ field: TextField) -> [Effect] {
        switch key {
        case .escape: return []
        case .enter:
            let said = Said(field.text)
            return said.text.isEmpty ? [] : [.note(said.text, said.kind)]
        default:
            var field = field
            _ = field.receive(key)
            layers.append(.note(field))
            return []
        }
    }

    private mutating func narrow(_ key: Key, _ field: TextField, before: String) -> [Effect] {
        defer { refreshTable() }
        switch key {
        case .escape: filter.text = before
        case .enter:
            if let first = firstMatch { selection = .service(first) }
            // In a recorded day what is typed is looked for as well.
            if isReplay || isRewound { return [.travel(.find(field.text))] }
        default:
            var field = field
            _ = field.receive(key)
            // A condition on a number narrows no list.
            filter.text = (isReplay || isRewound) && Self.isCondition(field.text) ? "" : field.text
            layers.append(.filter(field, before: before))
        }
        return []
    }

    private static func isCondition(_ text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 2)
        return words.count > 1 && words[1].lowercased() == "of"
    }

    private var firstMatch: ServiceName? {
        guard !filter.isEmpty else { return nil }
        if case .service(let name) = selection, matches(name) { return name }
        return table.first
    }
}
