import MeshModel
import TerminalCanvas

/// A command with words of its own, as it is typed into the palette: `theme nord`, `goto 1:54`,
/// `fault bar>taps abort 503 50%`.
struct PaletteOrder: Equatable, Sendable {
    /// The commands that take words.
    enum Verb: String, CaseIterable, Sendable {
        case theme, goto, fault, search, filter, note

        /// What it is followed by.
        var usage: String {
            switch self {
            case .theme: "theme NAME"
            case .goto: "goto 1:54, or goto now"
            case .fault: "fault bar>taps abort 503 50% 60s"
            case .search: "search TEXT"
            case .filter: "filter TEXT"
            case .note: "note TEXT"
            }
        }
    }

    /// What is wrong with it, and what to type instead.
    struct Mistake: Error, Equatable {
        var words: String
    }

    let verb: Verb
    /// What follows the verb, without blanks around it.
    let rest: String

    /// Nil for what is no such command, or has no words yet.
    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let first = parts.first, let verb = Verb(rawValue: first.lowercased()), text.contains(" ") else {
            return nil
        }
        self.verb = verb
        rest = parts.count > 1 ? String(parts[1].reversed().drop { $0 == " " }.reversed()) : ""
    }

    var words: [String] { rest.split(separator: " ").map(String.init) }

    /// What there is to choose from for its next word.
    func choices(_ state: DashboardState) -> [String] {
        switch verb {
        case .theme: state.options.themes.filter { $0.hasPrefix(rest) }
        case .goto: state.isRewound ? ["now"] : []
        case .fault where words.count <= 1:
            state.mesh.edges.keys.sorted().map { "\($0)" }.filter { Search(text: rest).isIn($0) || rest.isEmpty }
        case .fault where words.count == 2:
            FaultKindDescription.all.map(\.word).filter { $0.hasPrefix(words[1]) }
        case .fault: []
        case .search: state.searched.reversed()
        case .filter: state.filtered.reversed()
        case .note: []
        }
    }
}

extension DashboardState {
    /// Does what was typed into the palette. A fault only opens its form, filled in: the question comes after that.
    mutating func obey(_ order: PaletteOrder) throws(PaletteOrder.Mistake) -> [Effect] {
        func refuse(_ words: String) -> PaletteOrder.Mistake { PaletteOrder.Mistake(words: words) }
        guard !order.rest.isEmpty else { throw refuse("Type \(order.verb.usage)") }
        switch order.verb {
        case .theme: return try choose(theme: order.rest)
        case .goto: return try go(to: order.rest)
        case .search:
            search.text = order.rest
            Self.keep(order.rest, in: &searched)
            if isReplay || isRewound { return [.travel(.find(order.rest))] }
            return jumpToHit(isForward: true)
        case .filter:
            filter.text = order.rest
            Self.keep(order.rest, in: &filtered)
            refreshTable()
            return []
        case .note:
            if let why = whyNot(.note) { throw refuse(why) }
            let said = Said(order.rest)
            return [.note(said.text, said.kind)]
        case .fault: return try openForm(filledBy: order.words)
        }
    }

    private mutating func choose(theme name: String) throws(PaletteOrder.Mistake) -> [Effect] {
        guard let place = options.themes.firstIndex(of: name) else {
            throw PaletteOrder.Mistake(words: "Unknown theme '\(name)': use \(options.themes.joined(separator: ", "))")
        }
        theme = place
        // The picture for the back row keeps its own until it is left.
        return isProjecting ? [] : [.theme(name)]
    }

    private mutating func go(to text: String) throws(PaletteOrder.Mistake) -> [Effect] {
        if text == "now" {
            guard isRewound else { throw PaletteOrder.Mistake(words: "This is live already") }
            return [.travel(.now)]
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.map { (0..<10_000).contains($0) } ?? false }) else {
            throw PaletteOrder.Mistake(words: "Invalid time '\(text)': use one such as 1:54 or 1:02:11")
        }
        guard let start = shown.session?.startedAt else { throw PaletteOrder.Mistake(words: "No session yet") }
        let seconds = parts.reduce(0) { $0 * 60 + ($1 ?? 0) }
        return jump(to: start.advanced(bySeconds: Double(seconds)))
    }

    /// `bar>taps abort 503 50% 60s`: what is left out has the form's usual value.
    private mutating func openForm(filledBy words: [String]) throws(PaletteOrder.Mistake) -> [Effect] {
        if let why = whyNot(.fault) { throw PaletteOrder.Mistake(words: why) }
        guard let edge = mesh.edges.keys.first(where: { "\($0)" == words[0] }) else {
            let known = mesh.edges.keys.map { "\($0)" }
            let near = Quantity.nearest(to: words[0], among: known).map { ": did you mean \($0)?" } ?? ""
            throw PaletteOrder.Mistake(words: "Unknown edge '\(words[0])'\(near)")
        }
        let longest = mesh.session?.longestLease ?? Session.usualLongestLease
        var form = FaultForm(edges: Array(mesh.edges.keys), preselected: edge, longestLease: longest)
        if words.count > 1 { try form.fill(words[1], Array(words.dropFirst(2))) }
        layers.append(.faultForm(form))
        return [.learnAbilities(edge)]
    }
}
