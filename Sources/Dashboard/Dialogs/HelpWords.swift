import MeshModel
import TerminalCanvas

/// The help, made from the table of actions, so that it can't be out of date.
enum HelpWords {
    /// The least width of a column, and what parts two of them.
    private static let column = 64
    private static let gutter = 3
    /// Keys stand before what they do.
    private static let keyColumns = 19

    /// The help in as many columns as the screen has room for; with a query only what holds it.
    static func lines(_ state: DashboardState, _ glyphs: Glyphs, _ query: String = "") -> [[Span]] {
        let room = state.size.columns - 6
        let count = max(1, min(3, (room + gutter) / (column + gutter)))
        let width = min(96, (room + gutter) / count - gutter)
        let sections = sections(state, glyphs, width: width)
        guard query.isEmpty else { return found(query, in: sections) }
        return side(by: side(sections, count), width: width)
    }

    /// The lines of all sections that hold a text, each under the name of its section.
    private static func found(_ query: String, in sections: [[[Span]]]) -> [[Span]] {
        let wanted = Search(text: query)
        let found = sections.compactMap { section -> [[Span]]? in
            let lines = section.dropFirst().filter { wanted.isIn($0.map(\.text).joined()) }
            return lines.isEmpty ? nil : section.prefix(1) + lines
        }
        return found.isEmpty ? [[Span("No match: \(query)", Style(.warn))]] : Array(found.joined(separator: [[]]))
    }

    /// Sections dealt out to columns in their order, so that the columns are about as high.
    private static func side(_ sections: [[[Span]]], _ count: Int) -> [[[Span]]] {
        let total = sections.reduce(0) { $0 + $1.count + 1 }
        var columns: [[[Span]]] = [[]]
        for section in sections {
            let height = columns[columns.count - 1].count
            if height > 0, columns.count < count, height + section.count / 2 > total / count { columns.append([]) }
            let isFirst = columns[columns.count - 1].isEmpty
            columns[columns.count - 1] += (isFirst ? [] : [[]]) + section
        }
        return columns
    }

    private static func side(by columns: [[[Span]]], width: Int) -> [[Span]] {
        guard columns.count > 1 else { return columns.first ?? [] }
        return (0..<(columns.map(\.count).max() ?? 0)).map { row in
            columns.enumerated().flatMap { place, lines -> [Span] in
                let line = row < lines.count ? lines[row].clipped(to: width, .full) : []
                guard place < columns.count - 1 else { return line }
                return line + [Span(String(repeating: " ", count: width + gutter - line.width))]
            }
        }
    }

    /// A heading and its lines each.
    private static func sections(_ state: DashboardState, _ glyphs: Glyphs, width: Int) -> [[[Span]]] {
        let context = (state.isProjecting ? projector : context(state)).flatMap { Text.wrapped($0, to: width) }
        var sections = [[[Span("Here", Style(.title, .bold))]] + context.map { [Span($0, Style(.text))] }]
        for group in Action.Group.allCases {
            let actions = state.actions.filter { $0.group == group }
            guard !actions.isEmpty else { continue }
            sections.append(
                [[Span(group.rawValue, Style(.title, .bold))]] + actions.flatMap { lines($0, state, width: width) })
        }
        sections.append([[Span("Marks", Style(.title, .bold))]] + marks(glyphs))
        sections.append([[Span("Faults on an edge", Style(.title, .bold))]] + kinds)
        guard state.isReplay || state.isRewound else { return sections }
        let bar = ScrubMark.allCases.map { mark in
            [Span(" "), Span("\(mark.glyph(glyphs).scalar)", mark.style), Span("  \(mark.words)")]
        }
        return sections + [[[Span("Replay bar", Style(.title, .bold))]] + bar]
    }

    /// An action's keys, what it does, and why not now where that is so.
    private static func lines(_ action: Action, _ state: DashboardState, width: Int) -> [[Span]] {
        let keys = state.options.keymap.keys(of: action.id).map(String.init(describing:)).joined(separator: "  ")
        let why = state.whyNot(action.id)
        let words = Text.wrapped(action.title, to: width - keyColumns).map {
            Span($0, Style(why == nil ? .text : .muted))
        }
        let reasons = why.map { Text.wrapped("(\($0))", to: width - keyColumns).map { Span($0, Style(.warn)) } } ?? []
        var lines = (words + reasons).enumerated().map { place, span in
            [Span(Text.fitted(place == 0 ? " \(keys)" : "", to: keyColumns), Style(.key, .bold)), span]
        }
        // A short reason stands behind the words.
        if words.count == 1, reasons.count == 1, words[0].text.count + reasons[0].text.count + 2 <= width - keyColumns {
            lines = [lines[0] + [Span("  "), reasons[0]]]
        }
        return lines
    }

    private static func context(_ state: DashboardState) -> [String] {
        switch state.pane {
        case .graph:
            [
                "Arrow keys move from service to edge to service.",
                "A fault applies to one edge: select it, press f.",
            ]
        case .faults: ["Up and down select a fault: a stops it, d changes its percentage, e renews its lease."]
        case .timeline: ["The newest event is at the top; enter goes to its moment."]
        case .objectives: ["SLIs of the selection; a shaded background marks the time of a fault."]
        case .catalogue: ["Up and down select an experiment; enter shows a preview and asks."]
        case .run: ["The run so far; a aborts it from any screen."]
        case .proxies, .proof: ["Every value comes from one of these proxies."]
        }
    }

    private static var projector: [String] {
        [
            "The view for the back row: what changes stays for three seconds; nothing blinks.",
            "All keys work here too; a digit or esc returns to the screens.",
        ]
    }

    /// How the line of an edge looks with each kind of fault on it.
    private static var kinds: [[Span]] {
        FaultKindDescription.all.map { kind in
            [
                Span(" \(kind.mark)  ", Style(.fault, .bold)), Span(Text.fitted(kind.name, to: 18)),
                Span(kind.words, Style(.muted)),
            ]
        }
    }

    private static func marks(_ glyphs: Glyphs) -> [[Span]] {
        let roles: [(StyleRole, String)] = [
            (.ok, "ok"), (.warn, "warn: more than 1% errors, or an objective is broken"),
            (.bad, "BAD: more than 5% errors, or no healthy host"), (.stale, "stale: no answer for three polls"),
            (.fault, "a fault started here, drawn on its edge"),
        ]
        return roles.map { role, words in [Span(" \(glyphs.mark(role) ?? " ")  ", Style(role)), Span(words)] }
    }
}
