import MeshModel
import TerminalCanvas

/// What a person fills in to break an edge. It starts nothing: it only yields a request, which is then confirmed.
struct FaultForm: Equatable, Sendable {
    enum Field: Int, CaseIterable, Sendable {
        case edge, kind, amount, percent, lease
    }

    enum Kind: String, CaseIterable, Sendable {
        case abort, delay
        case rateLimit = "rate limit"
    }

    /// A field of figures: a preset is replaced by the first key, what was typed is added to.
    struct Entry: Equatable, Sendable {
        var text: String
        var isPreset = true
    }

    private(set) var field = Field.edge
    private(set) var kind = Kind.abort
    /// What was typed to find an edge.
    private(set) var query = ""
    private(set) var edge: Edge?
    private let edges: [Edge]
    private var amounts: [Kind: Entry] = [
        .abort: Entry(text: "503"), .delay: Entry(text: "200ms"), .rateLimit: Entry(text: "64"),
    ]
    private(set) var percent = Entry(text: "20")
    private(set) var lease = Entry(text: "60s")
    /// Why the last attempt to go on was refused.
    var problem: String?

    init(edges: [Edge], preselected: Edge?) {
        self.edges = edges.sorted()
        edge = preselected ?? self.edges.first
        if preselected != nil { field = .kind }
    }

    var amount: Entry { amounts[kind] ?? Entry(text: "") }

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
        case .left: step(by: -1)
        case .right: step(by: 1)
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
        let count = Field.allCases.count
        field = Field(rawValue: (field.rawValue + distance + count) % count) ?? .edge
    }

    mutating func go(to field: Field, because problem: String) {
        self.field = field
        self.problem = problem
    }

    private mutating func step(by distance: Int) {
        switch field {
        case .edge:
            let candidates = candidates
            guard !candidates.isEmpty else { return }
            let index = edge.flatMap { candidates.firstIndex(of: $0) }.map { $0 + distance } ?? 0
            edge = candidates[(index + candidates.count) % candidates.count]
        case .kind:
            let index = (Kind.allCases.firstIndex(of: kind) ?? 0) + distance + Kind.allCases.count
            kind = Kind.allCases[index % Kind.allCases.count]
        case .amount: amounts[kind] = Entry(text: Self.next(after: amount.text, in: Self.amountSteps(kind), distance))
        case .percent: percent = Entry(text: Self.next(after: percent.text, in: Self.percentSteps, distance))
        case .lease: lease = Entry(text: Self.next(after: lease.text, in: Self.leaseSteps, distance))
        }
    }

    private mutating func type(_ character: Character) {
        if field == .edge {
            guard query.count < 60 else { return }
            query.append(character)
            if let first = candidates.first, edge.map({ !candidates.contains($0) }) ?? true { edge = first }
            return
        }
        guard character.isASCII, character.isNumber || character == "." || character.isLetter else { return }
        edit { entry in
            if entry.isPreset { entry = Entry(text: "", isPreset: false) }
            if entry.text.count < 8 { entry.text.append(character) }
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
        case .amount:
            var entry = amount
            change(&entry)
            amounts[kind] = entry
        case .percent: change(&percent)
        case .lease: change(&lease)
        }
    }

    private static let percentSteps = ["1", "5", "10", "20", "30", "50", "75", "100"]
    private static let leaseSteps = ["15s", "30s", "60s", "2m", "5m", "10m", "30m"]

    private static func amountSteps(_ kind: Kind) -> [String] {
        switch kind {
        case .abort: ["400", "404", "429", "500", "502", "503", "504"]
        case .delay: ["50ms", "100ms", "200ms", "500ms", "1s", "2s", "5s"]
        case .rateLimit: ["8", "16", "32", "64", "128", "256", "512", "1024"]
        }
    }

    private static func next(after text: String, in steps: [String], _ distance: Int) -> String {
        guard let index = steps.firstIndex(of: text) else { return steps[steps.count / 2] }
        return steps[min(max(0, index + distance), steps.count - 1)]
    }
}
