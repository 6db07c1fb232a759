import TerminalCanvas

/// Every action by its name: what was typed, and which of the matches is chosen.
struct Palette: Equatable, Sendable {
    /// What there is to choose from: an observer has no dangerous actions.
    let actions: [Action]
    private(set) var query = TextField(limit: 120)
    private(set) var chosen = 0
    /// Why what was typed could not be done.
    var problem: String?

    init(_ actions: [Action]) { self.actions = actions }

    /// The actions whose name or title holds what was typed; names come first.
    var matches: [Action] {
        let wanted = query.text.lowercased()
        guard !wanted.isEmpty else { return actions }
        let named = actions.filter { $0.name.lowercased().contains(wanted) }
        return named
            + actions.filter { action in
                !named.contains { $0.id == action.id } && action.title.lowercased().contains(wanted)
            }
    }

    var choice: Action? {
        let matches = matches
        return matches.isEmpty ? nil : matches[min(chosen, matches.count - 1)]
    }

    /// Puts a choice in the place of the last word.
    mutating func complete(_ order: PaletteOrder, by choice: String) {
        problem = nil
        let kept = order.verb == .fault ? order.words.prefix(max(0, order.words.count - 1)) : []
        query = TextField(([order.verb.rawValue] + kept + [choice]).joined(separator: " "), limit: 120)
    }

    mutating func receive(_ key: Key) {
        problem = nil
        switch key {
        case .up, .backTab: chosen = max(0, chosen - 1)
        case .down: chosen = min(max(0, matches.count - 1), chosen + 1)
        case .tab:
            if let choice { query = TextField(choice.name, limit: 120) }
            chosen = 0
        default:
            if query.receive(key) { chosen = 0 }
        }
    }
}
