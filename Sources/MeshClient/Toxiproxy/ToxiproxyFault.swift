public import MeshModel

/// Which toxic makes which kind of fault. Kinds that stand in no row need more than bytes to be seen.
struct ToxiproxyFault: Sendable {
    /// A field of a kind, the attribute that it becomes, and by what it is multiplied then.
    struct Amount: Sendable {
        var field: String
        var attribute: String
        var factor = 1.0
    }

    var word: String
    /// The word of the toxic.
    var type: String
    var amounts: [Amount]
    /// What has to be said of it beforehand.
    var note: String?

    /// The first row of a toxic's type says what it is taken for when it is found.
    static let all: [ToxiproxyFault] = [
        ToxiproxyFault(
            word: "delay", type: "latency",
            amounts: [
                Amount(field: "delay", attribute: "latency"), Amount(field: "jitter", attribute: "jitter"),
            ]),
        ToxiproxyFault(word: "reset", type: "reset_peer", amounts: [Amount(field: "after", attribute: "timeout")]),
        // A kilobyte has 1,000 bytes there.
        ToxiproxyFault(
            word: "bandwidth", type: "bandwidth",
            amounts: [Amount(field: "bandwidth", attribute: "rate", factor: 1.024)]
        ),
        ToxiproxyFault(
            word: "rate-limit", type: "bandwidth",
            amounts: [Amount(field: "rate-limit", attribute: "rate", factor: 1.024)], note: "of each connection"),
        ToxiproxyFault(
            word: "slow-close", type: "slow_close", amounts: [Amount(field: "slow-close", attribute: "delay")]),
        ToxiproxyFault(
            word: "timeout", type: "timeout", amounts: [Amount(field: "timeout", attribute: "timeout")],
            note: "stopping it closes the connections that it blocked"),
        ToxiproxyFault(
            word: "slicer", type: "slicer",
            amounts: [
                Amount(field: "slicer", attribute: "average_size"),
                Amount(field: "variation", attribute: "size_variation"), Amount(field: "pause", attribute: "delay"),
            ]),
        ToxiproxyFault(
            word: "limit-data", type: "limit_data", amounts: [Amount(field: "limit-data", attribute: "bytes")]),
    ]

    /// A proxy that is switched off: no toxic, but a mark that it was us.
    static let off = "off"

    /// What comes nearest to a kind, and how it differs. Older servers (2.1.5 was
    /// seen) end themselves when slices do not differ.
    static func possible(_ kind: FaultKind) -> (kind: FaultKind, explanation: String?) {
        guard kind.word == "slicer", kind.amount("variation") == 0 else { return (kind, nil) }
        let varied = FaultKind(kind.word, kind.amounts.merging(["variation": 1]) { $1 })
        return (varied, "slices differ by 1 byte, because older servers crash when all are equal")
    }

    /// The toxic that makes a fault.
    static func toxic(_ kind: FaultKind, share: Double) throws(InjectionError) -> ToxiproxyToxic {
        guard share > 0, share <= 1 else { throw .impossible("The percentage must be above 0, at most 100") }
        if let (field, amount) = kind.description?.outOfRange(kind) {
            throw .impossible("The \(field.title) \(field.unit.label(amount)) is outside \(field.span)")
        }
        if kind.word == off {
            guard share == 1 else { throw .impossible("A proxy is switched off for all connections: use 100%") }
            return ToxiproxyToxic(mark: ToxiproxyPart.offMark)
        }
        guard let row = all.first(where: { $0.word == kind.word }) else { throw .impossible(refusal(of: kind.word)) }
        let kind = possible(kind).kind
        if kind.word == "slicer", let slice = kind.amount("slicer"), let variation = kind.amount("variation"),
            variation >= slice
        {
            // The server would cut for ever.
            throw .impossible("The variation \(variation) must be smaller than the slice of \(slice) bytes")
        }
        let attributes = row.amounts.map { amount in
            let value = Double(kind.amount(amount.field) ?? 0)
            let scaled = (value * amount.factor).rounded()
            return JSON.Member(amount.attribute, .integer(Int64(value > 0 ? max(1, scaled) : 0)))
        }
        let stream = kind.amount("direction") == 1 ? ToxiproxyToxic.upstream : ToxiproxyToxic.downstream
        return ToxiproxyToxic(
            name: "gameday-\(kind.word)-\(stream)", type: row.type, stream: stream, toxicity: share,
            attributes: attributes)
    }

    /// What a toxic does, whoever made it; a type that is not known here is shown by its word.
    static func kind(of toxic: ToxiproxyToxic) -> FaultKind {
        guard let row = all.first(where: { $0.type == toxic.type }) else {
            let unknown: JSON = .object([JSON.Member(toxic.type, .bool(true))])
            return (try? FaultKind(WireFields(unknown, page: "toxic"))) ?? FaultKind(toxic.type)
        }
        let amounts = row.amounts.reduce(into: ["direction": toxic.stream == ToxiproxyToxic.upstream ? 1 : 0]) {
            let value = (Double(toxic.attribute($1.attribute) ?? 0) / $1.factor).rounded()
            $0[$1.field] = Int(Int64(clamping: value))
        }
        return FaultKind(row.word, amounts)
    }

    static func refusal(of word: String) -> String {
        word == "abort"
            ? "Toxiproxy works on TCP, without HTTP statuses: use reset, timeout or off"
            : "Toxiproxy does not support '\(word)'"
    }
}

extension FaultKind {
    /// What a toxic of a Toxiproxy does, by its type and attributes; nil for a type that is not known here.
    public init?(toxic type: String, stream: String, attributes: [String: Int]) {
        guard ToxiproxyFault.all.contains(where: { $0.type == type }) else { return nil }
        self = ToxiproxyFault.kind(
            of: ToxiproxyToxic(
                name: type, type: type, stream: stream, toxicity: 1,
                attributes: attributes.map { JSON.Member($0.key, .integer(Int64($0.value))) }))
    }
}
