/// A kind of fault with its amounts. What a word means stands in `FaultKindDescription`; one that is not known here is
/// kept as it came.
public struct FaultKind: Hashable, Sendable {
    /// One word, as the command line and the wire spell it.
    public let word: String
    /// By the names of the kind's fields. What is left out is as the description has it.
    public let amounts: [String: Int]
    /// Which requests it is for; nil for all of its edge.
    public let only: FaultCondition?
    /// All of a kind that is not known here, as JSON.
    let unread: String?

    /// Amounts of fields that the kind does not have are left out.
    public init(_ word: String, _ amounts: [String: Int] = [:], only: FaultCondition? = nil) {
        self.init(word, amounts, only: only, unread: nil)
    }

    /// The same for some requests, or for all.
    public func only(_ condition: FaultCondition?) -> FaultKind {
        FaultKind(word, amounts, only: condition, unread: unread)
    }

    init(_ word: String, _ amounts: [String: Int], only: FaultCondition? = nil, unread: String?) {
        let fields = FaultKindDescription.of(word)?.fields ?? []
        self.word = word
        self.only = only
        self.unread = unread
        self.amounts = amounts.filter { name, amount in
            fields.contains { $0.name == name && ($0.isRequired || $0.usual != amount) }
        }
    }

    /// The caller gets this HTTP status instead of an answer.
    public static func abort(status: Int) -> FaultKind { FaultKind("abort", ["abort": status]) }

    /// The request waits this many milliseconds before it goes on, give or take the jitter.
    public static func delay(milliseconds: Int, jitter: Int = 0) -> FaultKind {
        FaultKind("delay", ["delay": milliseconds, "jitter": jitter])
    }

    /// The body of the answer comes at no more than this many KiB a second.
    public static func rateLimit(kbps: Int) -> FaultKind { FaultKind("rate-limit", ["rate-limit": kbps]) }

    /// What is known of a kind like this; nil for one that a later version made up.
    public var description: FaultKindDescription? { unread == nil ? FaultKindDescription.of(word) : nil }

    /// True when it is known here what it does.
    public var isKnown: Bool { description != nil }

    /// True where every version of gameday can read it.
    var isEverKnown: Bool { isKnown && only == nil && FaultKindDescription.everKnown.contains(word) }

    /// The amount of a field; nil for a field that the kind does not have.
    public func amount(_ name: String) -> Int? {
        amounts[name] ?? description?.fields.first { $0.name == name }?.usual
    }

    /// The amount that the kind is named with: the status of an abort, the milliseconds of a delay.
    public var mainAmount: Int? { amount(word) }

    /// The kind and its amounts, as a screen shows it: `DELAY 200 ms`, `DELAY 200 ms ±50 ms`.
    public var label: String {
        guard let description else {
            let text = unread ?? word
            return "unknown fault " + (text.count > 40 ? text.prefix(39) + "…" : text)
        }
        let said = description.fields.compactMap { field in
            amounts[field.name].map { field.sign + field.unit.label($0) }
        }
        let whom = only.map { ["only \($0.text)"] } ?? []
        return ([description.sign] + said + whom).joined(separator: " ")
    }
}

extension FaultKind {
    /// An object that begins with the word: `{"abort":503}`, `{"delay":200,"jitter":50}`, `{"off":true}`.
    public var json: JSON {
        guard let description else {
            return unread.flatMap { try? JSON(parsing: $0) } ?? .object([JSON.Member(word, .bool(true))])
        }
        let main = mainAmount.flatMap { amount in description.mainField.map { $0.unit.json(amount) } }
        var members = [JSON.Member(word, main ?? .bool(true))]
        for field in description.fields where field.name != word {
            if let amount = amounts[field.name] { members.append(JSON.Member(field.name, field.unit.json(amount))) }
        }
        if let only { members.append(JSON.Member(Self.onlyMember, .string(only.text))) }
        return .object(members)
    }

    private static let onlyMember = "only"

    /// Takes whatever a feed, a ledger or a recording has: a kind that is not known here is kept as it came. Words
    /// beside what is known are passed over, as everywhere.
    public init(_ fields: WireFields) throws(WireError) {
        let members = fields.members
        guard let first = members.first else { throw fields.wrong("", "missing fault kind") }
        let description = Self.description(of: members)
        var amounts: [String: Int] = [:]
        var isRead = description != nil
        for field in description?.fields ?? [] {
            guard let value = fields.value(field.name) else { continue }
            amounts[field.name] = field.unit.amount(of: value)
            isRead = isRead && amounts[field.name] != nil
        }
        let condition = fields.value(Self.onlyMember)
        let only = condition?.string.flatMap { try? FaultCondition($0) }
        isRead = isRead && (condition == nil || only != nil)
        let isWhole = description?.fields.allSatisfy { !$0.isRequired || amounts[$0.name] != nil } ?? false
        if let description, isRead, isWhole {
            self.init(description.word, amounts, only: only)
        } else {
            self.init(description?.word ?? first.name, [:], unread: JSON.object(members).text)
        }
    }

    /// A sorted object need not begin with the word; one that begins with what the kind does not have is another kind.
    private static func description(of members: [JSON.Member]) -> FaultKindDescription? {
        let place = members.firstIndex { FaultKindDescription.of($0.name) != nil }
        guard let place, let description = FaultKindDescription.of(members[place].name) else { return nil }
        let isOwn = members[..<place].allSatisfy { member in
            member.name == onlyMember || description.fields.contains { $0.name == member.name }
        }
        return isOwn ? description : nil
    }

    /// Takes what somebody asks for: what is not known is told, never guessed.
    public init(asked fields: WireFields) throws(WireError) {
        let members = fields.members
        guard let description = Self.description(of: members) else {
            throw fields.wrong(
                members.first?.name ?? "", "unknown fault kind; expected one of \(FaultKindDescription.words)")
        }
        for member in members where !member.value.isNull {
            if member.name == Self.onlyMember {
                do throws(FaultCondition.Mistake) {
                    _ = try FaultCondition(member.value.string ?? "")
                } catch {
                    throw fields.wrong(member.name, error.words)
                }
                continue
            }
            guard let field = description.fields.first(where: { $0.name == member.name }) else {
                guard member.name == description.word else {
                    throw fields.wrong(member.name, "\(description.word) does not take this value")
                }
                continue
            }
            guard field.unit.amount(of: member.value) != nil else {
                throw fields.wrong(member.name, "expected a \(field.unit.noun)")
            }
        }
        for field in description.fields where field.isRequired { _ = try fields.required(field.name) }
        try self.init(fields)
    }
}
