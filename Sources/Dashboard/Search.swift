import MeshModel
import TerminalCanvas

/// What was looked for last, and the texts typed before it: a search jumps and marks, and hides nothing.
struct Search: Equatable, Sendable {
    /// Empty when nothing is looked for.
    var text = ""

    var isEmpty: Bool { text.isEmpty }

    /// Whether a text holds what is looked for; the case of letters does not matter.
    func isIn(_ candidate: String) -> Bool { !isEmpty && candidate.lowercased().contains(text.lowercased()) }

    /// Reverses what is looked for wherever it stands in a part of the screen.
    func mark(in area: Rect, on canvas: inout Canvas) {
        let wanted = Array(text.lowercased().unicodeScalars)
        guard !wanted.isEmpty else { return }
        for row in area.row..<area.endRow {
            let line = (area.column..<area.endColumn).map { column in
                Character(canvas[column, row].glyph.scalar).lowercased().unicodeScalars.first ?? " "
            }
            var place = 0
            while place + wanted.count <= line.count {
                guard line[place] == wanted[0], Array(line[place..<place + wanted.count]) == wanted else {
                    place += 1
                    continue
                }
                canvas.restyle(Rect(area.column + place, row, wanted.count, 1)) { style in
                    Style(style.role, style.emphasis.symmetricDifference(.reverse))
                }
                place += wanted.count
            }
        }
    }
}

/// A line to type in that opens empty and brings back what was typed in it before.
struct RecallField: Equatable, Sendable {
    private(set) var field = TextField(limit: 60)
    /// How many texts back it has gone.
    private var back = 0

    /// No more are kept.
    static let most = 50

    var text: String { field.text }

    /// Takes a key; up and down walk through the texts of before, the newest last.
    mutating func receive(_ key: Key, _ before: [String]) {
        switch key {
        case .up: recall(min(before.count, back + 1), before)
        case .down: recall(max(0, back - 1), before)
        default: _ = field.receive(key)
        }
    }

    private mutating func recall(_ place: Int, _ before: [String]) {
        guard place != back else { return }
        back = place
        field = TextField(place == 0 ? "" : before[before.count - place], limit: 60)
    }
}

extension DashboardState {
    /// Keeps a text for the next time its field is open.
    static func keep(_ text: String, in before: inout [String]) {
        guard !text.isEmpty else { return }
        before.removeAll { $0 == text }
        before.append(text)
        if before.count > RecallField.most { before.removeFirst() }
    }

    /// A key in the field of a search: it jumps while one types.
    mutating func look(_ key: Key, _ line: RecallField) -> [Effect] {
        switch key {
        case .escape: search.text = ""
        case .enter:
            search.text = line.text
            Self.keep(line.text, in: &searched)
            // In a recorded day what is typed is looked for in all of it.
            if isReplay || isRewound { return [.travel(.find(line.text))] }
            if !search.isEmpty, matchCount == 0 { say("No match: \(search.text)", .warn) }
        default:
            var line = line
            line.receive(key, searched)
            search.text = line.text
            layers.append(.search(line))
            if !search.isEmpty { jump(by: 1, staying: true) }
        }
        return []
    }

    /// To the next or the one before of what was looked for.
    mutating func jumpToHit(isForward: Bool) -> [Effect] {
        if isReplay || isRewound { return [.travel(.hit(isForward: isForward))] }
        jump(by: isForward ? 1 : -1, staying: false)
        return []
    }

    /// How many items of the pane hold what is looked for.
    var matchCount: Int { items.count(where: search.isIn) }

    /// What can be looked for in the pane that has the keys, from top to bottom.
    private var items: [String] {
        switch pane {
        case .graph, .objectives, .proof: searchable.map(\.text)
        case .faults: faultRows.map { "\($0.id) \($0.kind.label) \($0.edge) \($0.by)" }
        case .timeline: story.map { entry($0).map { Narrator.sentence(of: $0, in: shown) + " " + $0.text } ?? "" }
        case .catalogue: shown.catalogue.map { "\($0.title) \($0.file)" }
        case .proxies: proxyRows.map(\.report.name)
        case .run: []
        }
    }

    /// The services of the graph in the order of their names.
    private var searchable: [ServiceName] { digraph.names.sorted() }

    /// Goes to the nearest item that holds what is looked for, from the selected one on and round again.
    private mutating func jump(by step: Int, staying: Bool) {
        let items = items
        guard items.contains(where: search.isIn) else { return }
        let start = chosenItem.map { staying ? $0 : $0 + step } ?? 0
        for distance in 0..<items.count {
            let place = ((start + distance * step) % items.count + items.count) % items.count
            if search.isIn(items[place]) { return choose(item: place) }
        }
    }

    private var chosenItem: Int? {
        switch pane {
        case .graph, .objectives, .proof: selectedService.flatMap { searchable.firstIndex(of: $0) }
        case .faults: faultRows.firstIndex { $0.id == selectedFault }
        case .timeline: storyPlace
        case .catalogue: shown.catalogue.firstIndex { $0.file == selectedExperiment }
        case .proxies: proxyPlace
        case .run: nil
        }
    }

    private mutating func choose(item place: Int) {
        switch pane {
        case .graph, .objectives, .proof:
            let name = searchable[place]
            if visible.number(of: name) == nil { look(through: GraphLens()) }
            selection = .service(name)
            refreshEdges()
        case .faults: selectedFault = faultRows[place].id
        case .timeline: moveEntry(to: place)
        case .catalogue: selectedExperiment = shown.catalogue[place].file
        case .proxies: moveProxy(to: place)
        case .run: break
        }
    }
}
