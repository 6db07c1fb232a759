/// What `/` narrows a list to, the same everywhere: words parted by blanks, and all of them must agree.
///
/// `text` must be in it and `!text` must not, `~text` must be in it letter by letter with anything between, `key=value`
/// asks one of its fields. The case of letters does not matter.
struct Filter: Equatable, Sendable {
    /// What a field of something listed is called.
    enum Field: String, CaseIterable, Sendable {
        case kind, from, to, state, by, name, ns, fault
    }

    private struct Term: Equatable, Sendable {
        var field: Field?
        var text: String
        var isFuzzy = false
        var isWanted = true
    }

    var text = "" {
        didSet { terms = text.split(separator: " ").compactMap { Self.term(String($0)) } }
    }
    private var terms: [Term] = []

    init(_ text: String = "") {
        self.text = text
        terms = text.split(separator: " ").compactMap { Self.term(String($0)) }
    }

    var isEmpty: Bool { terms.isEmpty }

    /// Whether something agrees, by its text and by what a field of it says; a field may say several things.
    func matches(_ candidate: String, _ field: (Field) -> [String] = { _ in [] }) -> Bool {
        guard !terms.isEmpty else { return true }
        let candidate = candidate.lowercased()
        return terms.allSatisfy { term in
            let found: Bool
            if let wanted = term.field {
                found = field(wanted).contains { $0.lowercased().contains(term.text) }
            } else {
                found = term.isFuzzy ? Self.holds(candidate, lettersOf: term.text) : candidate.contains(term.text)
            }
            return found == term.isWanted
        }
    }

    private static func term(_ word: String) -> Term? {
        let isWanted = !word.hasPrefix("!")
        var rest = Substring(isWanted ? word : String(word.dropFirst()))
        let isFuzzy = rest.hasPrefix("~")
        if isFuzzy { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        if !isFuzzy, let sign = rest.firstIndex(of: "="), let field = Field(rawValue: rest[..<sign].lowercased()) {
            return Term(field: field, text: rest[rest.index(after: sign)...].lowercased(), isWanted: isWanted)
        }
        return Term(text: rest.lowercased(), isFuzzy: isFuzzy, isWanted: isWanted)
    }

    private static func holds(_ text: String, lettersOf wanted: String) -> Bool {
        var left = wanted[...]
        for character in text where character == left.first { left = left.dropFirst() }
        return left.isEmpty
    }
}

extension Filter {
    static func == (left: Filter, right: Filter) -> Bool { left.text == right.text }
}
