/// What an injector can do at one place of the mesh with one kind of fault, or why it can't.
public struct FaultAbility: Equatable, Sendable {
    /// Who would do it, by the name that ledgers have of it.
    public var injector: String
    /// The kind, by its word.
    public var word: String
    /// What is possible for each amount of the kind, by the field's name. Of one that is missing all that the kind's
    /// description has is possible if it must be said, and nothing but the usual if it need not.
    public var bounds: [String: ClosedRange<Int>]
    /// Where an amount can only have some values: the nearest of them is taken, and said.
    public var steps: [String: [Int]] = [:]
    /// The smallest share of requests, and by how much shares differ.
    public var smallestShare = 0.0001
    /// Whether it can be for some requests alone: those with a header, or to one version.
    public var takesConditions = false
    /// If this machine is lost, nobody ends the fault: neither a guard process nor the mesh itself.
    public var outlivesUs = false
    /// What the fault will be known by.
    public var evidence: Evidence
    /// What must be said of it beforehand, in words for a person.
    public var note: String?
    /// Why it can't be done; nil when it can.
    public var refusal: String?
    /// What to do so that it can.
    public var remedy: String?

    public init(
        injector: String, word: String, bounds: [String: ClosedRange<Int>] = [:], evidence: Evidence = .counted
    ) {
        self.injector = injector
        self.word = word
        self.bounds = bounds
        self.evidence = evidence
    }

    public var isPossible: Bool { refusal == nil }

    /// What is possible for a field of the kind.
    public func range(of field: FaultField) -> ClosedRange<Int> {
        guard let range = bounds[field.name] else {
            return field.isRequired ? field.range : field.usual...field.usual
        }
        return range.clamped(to: field.range)
    }
}

extension [FaultAbility] {
    /// The ability that would be used for a kind: the first that can do it, or else the first that says why not. They
    /// stand in the order of their injectors, nearest to the traffic first.
    public func best(for word: String) -> FaultAbility? {
        first { $0.word == word && $0.isPossible } ?? first { $0.word == word }
    }
}

extension FaultAbility {
    public var json: JSON {
        var members = [JSON.Member("injector", .string(injector)), JSON.Member("kind", .string(word))]
        let bounds = bounds.sorted { $0.key < $1.key }.map { name, range in
            JSON.Member(name, .array([.integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))]))
        }
        let steps = steps.sorted { $0.key < $1.key }.map { name, values in
            JSON.Member(name, .array(values.map { .integer(Int64($0)) }))
        }
        members.append(JSON.Member("bounds", .object(bounds)))
        if !steps.isEmpty { members.append(JSON.Member("steps", .object(steps))) }
        members.append(JSON.Member("smallest", .double(smallestShare)))
        if takesConditions { members.append(JSON.Member("conditions", true)) }
        if outlivesUs { members.append(JSON.Member("outlives", true)) }
        members.append(JSON.Member("evidence", .string(evidence.rawValue)))
        for (name, text) in [("note", note), ("refusal", refusal), ("remedy", remedy)] {
            if let text { members.append(JSON.Member(name, .string(text))) }
        }
        return .object(members)
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            injector: try fields.string("injector"), word: try fields.string("kind"),
            evidence: Evidence(rawValue: try fields.string("evidence")))
        smallestShare = try fields.double("smallest")
        for (name, values) in Self.amounts(fields.value("bounds")) {
            if values.count == 2, values[0] <= values[1] { bounds[name] = values[0]...values[1] }
        }
        steps = Self.amounts(fields.value("steps"))
        note = fields.value("note")?.string
        takesConditions = fields.value("conditions")?.bool ?? false
        outlivesUs = fields.value("outlives")?.bool ?? false
        refusal = fields.value("refusal")?.string
        remedy = fields.value("remedy")?.string
    }

    private static func amounts(_ json: JSON?) -> [String: [Int]] {
        guard case .object(let members)? = json else { return [:] }
        return members.reduce(into: [:]) { amounts, member in
            amounts[member.name] = member.value.array?.compactMap { $0.integer.map { Int($0) } }
        }
    }
}
