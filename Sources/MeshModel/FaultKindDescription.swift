/// What there is to know of a kind of fault: how it is called, drawn, filled in, said and counted. Whatever shows, asks
/// for, counts or exports faults reads it here, so that a kind that is added to `all` is known everywhere.
public struct FaultKindDescription: Sendable {
    /// How much a fault of a kind can break, apart from its reach.
    public enum Severity: Int, Comparable, Sendable {
        /// What it hits is failed or late, and nothing else.
        case usual
        /// Whole connections fail, and with them requests that were not meant.
        case rough
        /// Nothing is left.
        case total

        public static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }
    }

    /// How the line of an edge looks that it is on. What is drawn of letters takes those of the mark.
    public enum Shape: Sendable { case cut, late, narrow, letters }

    /// As the command line, the wire and a filter spell it.
    public var word: String
    /// As a form and a list call it: `rate limit`.
    public var name: String
    /// What a label begins with: `LIMIT`.
    public var sign: String
    /// Two characters that stand for it on an edge, unlike those of every other kind; plain ones, so that every
    /// terminal has them.
    public var mark: String
    public var shape = Shape.letters
    /// What stands before the amount on an edge, where the shape alone does not say it.
    public var edgeWord = ""
    /// What its share is of.
    var subject = "requests"
    /// The amount that it is named with comes first, if it has one.
    public var fields: [FaultField]
    public var severity = Severity.usual
    /// False where it is all or nothing.
    public var hasShare = true
    /// It is done to the callee itself: it hits all who call that, not the requests of its edge alone.
    public var isOfCallee = false
    /// Why what it does can't be undone, as a sentence without its full stop; nil where it can.
    public var beyondUndo: String?
    /// Which of a proxy's counters counts what it hits; nil where none does.
    public var counter: FaultCounter?
    /// What it does, for a list of kinds: `delays each request`.
    public var words: String
    /// What what is hit does: `get status 503`.
    var predicate: @Sendable (FaultKind) -> String

    /// The amount that it is named with.
    public var mainField: FaultField? { fields.first { $0.name == word } }

    /// What a fault of this kind does to what it hits, as the end of a sentence: `get status 503`.
    public func said(of kind: FaultKind) -> String {
        let rest = fields.filter { $0.name != word && $0.name != "direction" }.compactMap { field -> String? in
            guard let amount = kind.amounts[field.name] else { return nil }
            return field.sign + field.unit.said(amount)
        }
        let isRequest = kind.amounts["direction"].map { $0 != 0 } ?? false
        let way = isRequest ? ", in the direction of the callee" : ""
        return predicate(kind) + rest.map { ", \($0)" }.joined() + way
    }

    /// The amount in a few cells, as an edge has it: `503`, `200ms`, `64K/s`; the kind's word where it has none.
    public func short(_ kind: FaultKind) -> String {
        guard let main = mainField, let amount = kind.mainAmount else { return edgeWord }
        return main.unit.short(amount)
    }

    /// The kind that was in the amounts typed, or which of them can't be read.
    public func kind(typed: [String: String]) throws(FaultFieldMistake) -> FaultKind {
        var amounts: [String: Int] = [:]
        for field in fields {
            guard let text = typed[field.name] else { continue }
            guard let amount = field.unit.amount(typed: text) else { throw FaultFieldMistake(field: field, text: text) }
            amounts[field.name] = amount
        }
        return FaultKind(word, amounts)
    }

    /// What the command line needs to ask for a kind: `--delay 200ms --jitter 50ms`.
    public func options(of kind: FaultKind) -> [String] {
        let main = kind.mainAmount.flatMap { amount in mainField.map { [$0.unit.typed(amount)] } } ?? []
        let rest = fields.filter { $0.name != word }.flatMap { field -> [String] in
            kind.amounts[field.name].map { ["--\(field.name)", field.unit.typed($0)] } ?? []
        }
        return ["--\(word)"] + main + rest
    }

    /// The first amount that is not within its range.
    public func outOfRange(_ kind: FaultKind) -> (field: FaultField, amount: Int)? {
        for field in fields {
            if let amount = kind.amount(field.name), !field.range.contains(amount) { return (field, amount) }
        }
        return nil
    }

    private static let byWord = Dictionary(uniqueKeysWithValues: all.map { ($0.word, $0) })

    /// The description of a kind; nil for one that a later version made up.
    public static func of(_ word: String) -> FaultKindDescription? { byWord[word] }

    /// The kinds in a sentence: `abort, delay, …`.
    public static var words: String { all.map(\.word).joined(separator: ", ") }
}

/// An amount that was typed and can't be read.
public struct FaultFieldMistake: Error, Equatable {
    public var field: FaultField
    public var text: String
}

/// A counter of a proxy that counts what faults of one kind hit.
public enum FaultCounter: CaseIterable, Sendable {
    case aborts, delays, rateLimits
}

extension TrafficSample {
    /// What a counter has counted.
    public subscript(counter: FaultCounter) -> UInt64 {
        get {
            switch counter {
            case .aborts: abortsInjected
            case .delays: delaysInjected
            case .rateLimits: rateLimitsInjected
            }
        }
        set {
            switch counter {
            case .aborts: abortsInjected = newValue
            case .delays: delaysInjected = newValue
            case .rateLimits: rateLimitsInjected = newValue
            }
        }
    }

    /// How many requests a kind of fault hit, of how many that it could have hit; nil where nothing counts that.
    ///
    /// Callers give up while a delay holds them, and those requests get no answer. Other faults are answers themselves;
    /// Envoy counts one as a reset too when it comes before the whole request, which then must not count twice.
    public func seen(of kind: FaultKind) -> SeenShare? {
        guard let counter = kind.description?.counter else { return nil }
        let hit = self[counter]
        return SeenShare(hit: hit, requests: max(hit, counter == .delays ? ended : completed))
    }

    /// How many requests faults hit, of whatever kind.
    public var hits: UInt64 { FaultCounter.allCases.reduce(0) { $0.addingClamped(self[$1]) } }
}
