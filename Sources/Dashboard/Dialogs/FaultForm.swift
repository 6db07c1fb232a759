import MeshModel
import TerminalCanvas

/// What a person fills in to break an edge. It starts nothing: it only yields a request, which is then confirmed.
struct FaultForm: Equatable, Sendable {
    enum Field: Hashable, Sendable {
        case edge, kind
        /// One of the kind's own fields, by its name.
        case amount(String)
        case percent, lease
        /// Which requests it is for, where the mesh can tell them apart.
        case only
    }

    /// A field of figures: a preset is replaced by the first key, what was typed is added to.
    struct Entry: Equatable, Sendable {
        var text: String
        var isPreset = true
    }

    private struct Place: Hashable {
        var word: String
        var field: String
    }

    private(set) var field = Field.edge
    /// The word of the chosen kind.
    private(set) var word: String
    /// The kind that was asked for by its name, so that no other takes its place unsaid.
    private var filledWord: String?
    /// What was typed to find an edge.
    private(set) var query = ""
    private(set) var edge: Edge?
    private let edges: [Edge]
    let longestLease: Double
    /// What can be done on the edge, or why not; nil until it is known.
    private(set) var abilities: [FaultAbility]?
    /// The amounts that were touched, of every kind.
    private var amounts: [Place: Entry] = [:]
    private(set) var percent = Entry(text: "20")
    private(set) var lease = Entry(text: "60s")
    /// Empty for all requests.
    private(set) var only = Entry(text: "")
    /// Why the last attempt to go on was refused.
    var problem: String?

    init(edges: [Edge], preselected: Edge?, longestLease: Double) {
        self.edges = edges.sorted()
        self.longestLease = longestLease
        edge = preselected ?? self.edges.first
        word = FaultKindDescription.all.first?.word ?? ""
        if preselected != nil { field = .kind }
        if longestLease < 60 { lease = Entry(text: "\(Int(longestLease))s") }
    }

    /// The kinds that can be chosen; until it is known what can be done, those that there have always been.
    var kinds: [FaultKindDescription] {
        FaultKindDescription.all.filter { kind in
            abilities.map { $0.best(for: kind.word) != nil } ?? (kind.counter != nil)
        }
    }

    var kind: FaultKindDescription? { FaultKindDescription.of(word) }

    /// What is known of the chosen kind on this edge.
    var ability: FaultAbility? { abilities?.best(for: word) }

    /// Why the chosen kind can't be done here, and what to do about it.
    var refusal: String? {
        if let abilities, abilities.isEmpty { return "No source can inject faults on this edge" }
        guard let refusal = ability?.refusal else { return nil }
        return [refusal, ability?.remedy].compactMap(\.self).joined(separator: ". ")
    }

    private var hasShare: Bool { kind?.hasShare != false && (ability?.smallestShare ?? 0) < 1 }

    mutating func learn(_ abilities: [FaultAbility]) {
        self.abilities = abilities
        if let filledWord, filledWord == word, !kinds.contains(where: { $0.word == word }) {
            problem = "No source can inject \(filledWord) on this edge"
        }
        if let first = kinds.first, !kinds.contains(where: { $0.word == word }) {
            word = kinds.first { abilities.best(for: $0.word)?.isPossible ?? false }?.word ?? first.word
        }
        if !fields.contains(field) { field = .kind }
    }

    /// The rows of the form from top to bottom.
    var fields: [Field] {
        let own = amountFields.map { Field.amount($0.name) }
        return [.edge, .kind] + own + (hasShare ? [.percent] : []) + [.lease]
            + (ability?.takesConditions == true ? [.only] : [])
    }

    /// The kind's own fields that have a choice here.
    var amountFields: [FaultField] { kind?.fields.filter { range(of: $0).count > 1 } ?? [] }

    /// What is possible for a field here.
    func range(of field: FaultField) -> ClosedRange<Int> {
        ability?.range(of: field) ?? (field.isRequired ? field.range : field.usual...field.usual)
    }

    func entry(_ field: FaultField) -> Entry {
        amounts[Place(word: word, field: field.name)] ?? Entry(text: field.unit.entry(field.usual))
    }

    /// The edges whose names hold what was typed.
    var candidates: [Edge] {
        let wanted = query.lowercased()
        return wanted.isEmpty ? edges : edges.filter { "\($0)".lowercased().contains(wanted) }
    }

    mutating func receive(_ key: Key) {
        problem = nil
        switch key {
        case .up, .backTab: move(by: -1)
        case .down, .tab: move(by: 1)
        case .left: step(isUp: false)
        case .right: step(isUp: true)
        case .character(let character): type(character)
        case .pasted(let text):
            for character in TextField.line(of: text) where Text.sanitised(String(character)) == String(character) {
                type(character)
            }
        case .backspace, .delete: erase()
        default: break
        }
    }

    private mutating func move(by distance: Int) {
        let place = fields.firstIndex(of: field) ?? 0
        field = fields[(place + distance + fields.count) % fields.count]
    }

    /// Takes a kind and its amounts as words, such as `abort` with `503 50% 60s`; the bare amount comes first.
    mutating func fill(_ kind: String, _ words: [String]) throws(PaletteOrder.Mistake) {
        guard let description = FaultKindDescription.of(kind) else {
            let known = FaultKindDescription.all.map(\.word)
            let near = Quantity.nearest(to: kind, among: known).map { ": did you mean \($0)?" } ?? ""
            throw PaletteOrder.Mistake(words: "Unknown kind '\(kind)'\(near)")
        }
        word = description.word
        filledWord = word
        var words = words[...]
        if let main = description.mainField, let first = words.first, !first.hasSuffix("%") {
            amounts[Place(word: word, field: main.name)] = Entry(text: first, isPreset: false)
            words = words.dropFirst()
        }
        if let first = words.first, first.hasSuffix("%") {
            percent = Entry(text: String(first.dropLast()), isPreset: false)
            words = words.dropFirst()
        }
        if let first = words.popFirst() { lease = Entry(text: first, isPreset: false) }
        guard let stray = words.first else { return }
        throw PaletteOrder.Mistake(words: "Nothing is read after the lease: remove '\(stray)'")
    }

    mutating func go(to field: Field, because problem: String) {
        self.field = field
        self.problem = problem
    }

    private mutating func step(isUp: Bool) {
        switch field {
        case .edge: choose(Self.neighbour(of: edge, in: candidates, isUp: isUp))
        case .kind: word = Self.neighbour(of: word, in: kinds.map(\.word), isUp: isUp) ?? word
        case .amount(let name):
            guard var field = amountFields.first(where: { $0.name == name }) else { return }
            if let steps = ability?.steps[name] { field.presets = steps.sorted() }
            let now = field.unit.amount(typed: entry(field).text, allowsBare: true)
            let next = now.map { field.next(after: $0, isUp: isUp, in: range(of: field)) } ?? field.usual
            amounts[Place(word: word, field: name)] = Entry(text: field.unit.entry(next))
        case .percent: percent = Entry(text: Self.next(after: percent.text, in: Self.percentSteps, isUp: isUp))
        case .lease:
            let steps = Self.leaseSteps.filter { Self.seconds($0, bare: 1).map { $0 <= longestLease } ?? false }
            lease = Entry(text: Self.next(after: lease.text, in: steps, isUp: isUp))
        case .only: break
        }
    }

    /// Of another edge nothing is known yet.
    private mutating func choose(_ edge: Edge?) {
        guard let edge, edge != self.edge else { return }
        self.edge = edge
        abilities = nil
        if !kinds.contains(where: { $0.word == word }) { word = kinds.first?.word ?? word }
    }

    private static func neighbour<Item: Equatable>(of item: Item?, in items: [Item], isUp: Bool) -> Item? {
        guard !items.isEmpty else { return nil }
        let place = item.flatMap { items.firstIndex(of: $0) }.map { $0 + (isUp ? 1 : -1) } ?? 0
        return items[(place + items.count) % items.count]
    }

    private mutating func type(_ character: Character) {
        if field == .edge {
            guard query.count < 60 else { return }
            query.append(character)
            if let first = candidates.first, edge.map({ !candidates.contains($0) }) ?? true { choose(first) }
            return
        }
        if field == .only {
            // What a header may hold; what is wrong with it is said when the form is handed in.
            guard character.isASCII, only.text.count < 60 else { return }
            edit { $0 = Entry(text: $0.text + String(character), isPreset: false) }
            return
        }
        if field == .kind {
            problem = "Left and right choose the kind"
            return
        }
        guard character.isASCII, character.isNumber || character == "." || character.isLetter else {
            problem = "Type figures and a unit"
            return
        }
        edit { entry in
            if entry.isPreset { entry = Entry(text: "", isPreset: false) }
            if entry.text.count < 10 { entry.text.append(character) }
        }
    }

    private mutating func erase() {
        if field == .edge {
            if !query.isEmpty { query.removeLast() }
            return
        }
        edit { entry in
            entry.isPreset = false
            if !entry.text.isEmpty { entry.text.removeLast() }
        }
    }

    private mutating func edit(_ change: (inout Entry) -> Void) {
        switch field {
        case .edge, .kind: break
        case .amount(let name):
            guard let own = amountFields.first(where: { $0.name == name }) else { return }
            var entry = entry(own)
            change(&entry)
            amounts[Place(word: word, field: name)] = entry
        case .percent: change(&percent)
        case .lease: change(&lease)
        case .only: change(&only)
        }
    }

    private static let percentSteps = ["1", "5", "10", "20", "30", "50", "75", "100"]
    private static let leaseSteps = [
        "15s", "30s", "60s", "2m", "5m", "10m", "30m", "1h", "2h", "4h", "8h", "24h",
    ]

    private static func next(after text: String, in steps: [String], isUp: Bool) -> String {
        guard !steps.isEmpty else { return text }
        guard let index = steps.firstIndex(of: text) else { return steps[steps.count / 2] }
        return steps[min(max(0, index + (isUp ? 1 : -1)), steps.count - 1)]
    }
}
