import MeshModel
import TerminalCanvas

extension DashboardState {
    /// Gives a key to the layer that was in front; what it leaves open is put back.
    mutating func give(_ key: Key, to layer: Layer) -> [Effect] {
        switch layer {
        case .help(let scroll, let query): seek(key, in: scroll, query)
        case .details(of: .selection, _) where options.keymap.action(for: key) == .logs: return perform(.logs)
        case .details(of: .entry(let number), _) where key == .enter: return openEntry(number)
        case .details(let subject, let scroll):
            let next = scrolled(scroll, key, of: SubjectWords(subject, self, .full).lines.count)
            if let next { layers.append(.details(of: subject, scroll: next)) }
        case .lessons(let scroll):
            if options.keymap.action(for: key) == .lessons { return [] }
            let columns = Dialog.lessonColumns(size.columns)
            let next = scrolled(scroll, key, of: LessonWords.lines(self, columns: columns, .full).count)
            if let next { layers.append(.lessons(scroll: next)) }
        case .log(let view): return read(key, view)
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
        case .search(let line): return look(key, line)
        case .filter(let line, let before): return narrow(key, line, before: before)
        case .quitGuard(let sight): return leave(key, sight)
        }
        return []
    }

    /// A key in the help: the key of the search opens a line to type in, esc leaves that and then the help.
    private mutating func seek(_ key: Key, in scroll: Int, _ query: TextField?) {
        if query == nil, options.keymap.action(for: key) == .search {
            return layers.append(.help(scroll: 0, query: TextField(limit: 40)))
        }
        if var query, key.isText || key == .backspace || key == .delete || key.isPaste {
            _ = query.receive(key)
            return layers.append(.help(scroll: 0, query: query))
        }
        if query != nil, key == .escape { return layers.append(.help(scroll: 0)) }
        let count = HelpWords.lines(self, .full, query?.text ?? "").count
        if let next = scrolled(scroll, key, of: count) { layers.append(.help(scroll: next, query: query)) }
    }

    /// Where a scrolled text of so many lines is after a key; nil when the key closes it. It stops where its end is seen.
    private mutating func scrolled(_ offset: Int, _ key: Key, of lines: Int) -> Int? {
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
        let action = options.keymap.action(for: key)
        if action == nil || ![.up, .down, .pageUp, .pageDown, .first, .last, .help, .quit].contains(action),
            key.isTyped
        {
            say("\(key) does nothing here; esc closes", .muted)
        }
        return switch action {
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
        case .enter: return run(palette)
        default:
            var palette = palette
            if key == .tab, let order = PaletteOrder(palette.query.text), let first = order.choices(self).first {
                palette.complete(order, by: first)
            } else {
                palette.receive(key)
            }
            layers.append(.palette(palette))
            return []
        }
    }

    /// Does what was typed, or the chosen action where nothing but its name was; what cannot be done stays to be mended.
    private mutating func run(_ palette: Palette) -> [Effect] {
        var palette = palette
        do throws(PaletteOrder.Mistake) {
            if let order = PaletteOrder(palette.query.text) { return try obey(order) }
            guard let choice = palette.choice else {
                throw PaletteOrder.Mistake(words: "Unknown command '\(palette.query.text)'")
            }
            return perform(choice.id)
        } catch {
            palette.problem = error.words
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

    /// A key in the field of the filter. It opens empty, and what was filtered by stays until something is typed.
    private mutating func narrow(_ key: Key, _ line: RecallField, before: String) -> [Effect] {
        defer { refreshTable() }
        switch key {
        case .escape: filter.text = before
        case .enter:
            filter.text = line.text
            Self.keep(line.text, in: &filtered)
            if let first = firstMatch { selection = .service(first) }
        default:
            var line = line
            line.receive(key, filtered)
            filter.text = line.text
            layers.append(.filter(line, before: before))
        }
        return []
    }

    private var firstMatch: ServiceName? {
        guard !filter.isEmpty else { return nil }
        if case .service(let name) = selection, matches(name) { return name }
        return table.first
    }
}
