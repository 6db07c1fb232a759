import MeshModel
import TerminalCanvas

/// How far a question has come to the person: a yes that was typed before, into a terminal that hangs, is none.
struct Sight: Equatable, Sendable {
    /// It was drawn, and the terminal has taken what was drawn.
    var isDrawn = false
    var isSeen = false
}

/// The last question before something is done to the mesh. Nothing else lets a fault start.
struct Confirmation: Equatable, Sendable {
    enum Demand: Equatable, Sendable {
        /// Enter alone, where little can break.
        case enter
        /// The letter y.
        case letter
        /// A word typed in full and Enter, where much would break.
        case word(String)

        /// One step more where nobody would end the fault if this machine were lost.
        fileprivate func raised(_ isWanted: Bool) -> Demand { isWanted && self == .enter ? .letter : self }
    }

    /// What a key does to it.
    enum Answer: Equatable, Sendable { case yes, no, open }

    var title: String
    /// What will happen, in words.
    var lines: [String]
    var demand: Demand
    var effect: Effect
    /// What the same yes does besides.
    var others: [Effect] = []
    var sight = Sight()
    private(set) var typed = TextField(limit: 40)
    private(set) var isMistyped = false

    /// True where the word is asked for because of the gate, however little would break.
    var overridesGate: Bool {
        if case .startExperiment(_, overridesGate: true) = effect { return true }
        return false
    }

    init(title: String, lines: [String], demand: Demand, effect: Effect) {
        self.title = title
        self.lines = lines
        self.demand = demand
        self.effect = effect
    }

    mutating func receive(_ key: Key, _ keymap: Keymap) -> Answer {
        if key == .escape { return .no }
        switch demand {
        case .enter, .letter:
            if keymap.isKey(key, of: .no) { return .no }
            if demand == .enter ? key == .enter : keymap.isKey(key, of: .yes) { return .yes }
            return key.isTyped && sight.isSeen ? .no : .open
        case .word(let word):
            if key == .enter {
                if typed.text == word { return .yes }
                isMistyped = true
            } else {
                isMistyped = false
                _ = typed.receive(key)
            }
            return .open
        }
    }

    /// The question before a fault.
    static func start(
        _ request: FaultRequest, _ ability: FaultAbility? = nil, in mesh: MeshState, at now: Timestamp
    ) -> Confirmation {
        let edge = request.edge
        let share = request.kind.description?.hasShare == false ? "" : "\(Format.asked(request.share)) of "
        let what = "\(request.kind.label) on \(share)\(edge.from) > \(edge.to) for \(Format.span(request.lease))"
        let radius = mesh.blastRadius(of: request.kind, on: edge, share: request.share, at: now)
        let absent = [mesh.absentSources(of: edge.from, at: now).leftOut].compactMap(\.self).map(Text.sanitised)
        return Confirmation(
            title: "Inject this fault?",
            lines: [what] + words(radius, edge, mesh, request.kind) + absent.map { "\($0)." }
                + AbilityWords.lines(ability),
            demand: demand(edge, request.kind, share: request.share, radius, mesh).raised(ability?.outlivesUs == true),
            effect: .startFault(request))
    }

    /// The question before a fault hits more.
    static func raise(_ fault: Fault, to share: Double, in mesh: MeshState, at now: Timestamp) -> Confirmation {
        let what =
            "\(fault.id) \(fault.kind.label) on \(fault.edge.from) > \(fault.edge.to):"
            + " from \(Format.asked(fault.share)) to \(Format.asked(share))"
        let radius = mesh.blastRadius(of: fault.kind, on: fault.edge, share: share, at: now)
        return Confirmation(
            title: "Raise the percentage?", lines: [what] + words(radius, fault.edge, mesh, fault.kind),
            demand: demand(fault.edge, fault.kind, share: share, radius, mesh),
            effect: .changeFault(id: fault.id, FaultChange(share: share)))
    }

    /// The question before a fault lives longer.
    static func renew(_ fault: Fault, seconds: Double, at now: Timestamp) -> Confirmation {
        let left = Format.countdown(fault.leaseRemaining(at: now))
        return Confirmation(
            title: "Renew its lease?",
            lines: [
                "\(fault.id) \(fault.kind.label) on \(fault.edge.from) > \(fault.edge.to) has \(left) left.",
                "The new lease lasts \(Format.span(seconds)) from now.",
            ], demand: .enter, effect: .changeFault(id: fault.id, FaultChange(lease: seconds)))
    }

    /// The question before faults are removed that somebody else may rely on.
    static func remove(_ orphans: [Fault]) -> Confirmation {
        let lines = orphans.prefix(6).map { orphan in
            "\(orphan.id) \(orphan.kind.label) on \(Format.asked(orphan.share)) of \(orphan.edge.from) > \(orphan.edge.to)"
        }
        let rest = orphans.count > 6 ? ["and \(orphans.count - 6) more"] : []
        let isOne = orphans.count == 1
        var question = Confirmation(
            title: isOne ? "Remove this orphan?" : "Remove these \(orphans.count) orphans?",
            lines: lines + rest + [
                "\(isOne ? "It was" : "They were") not started here; someone else may need \(isOne ? "it" : "them")."
            ],
            demand: .letter, effect: .stopFault(id: orphans.first?.id ?? ""))
        question.others = orphans.dropFirst().map { .stopFault(id: $0.id) }
        return question
    }

    private static func words(
        _ radius: BlastRadius, _ edge: Edge, _ mesh: MeshState, _ kind: FaultKind
    ) -> [String] {
        let guarded = protectedNeighbours(of: edge, mesh)
        let names = guarded.map(\.text).joined(separator: ", ")
        return BlastWords.lines(radius, entrance: mesh.session?.entrance, kind)
            + (guarded.isEmpty ? [] : ["Next to a protected service: \(names)."])
    }

    /// What a fault of this reach must be confirmed with: the more can break, the more there is to type.
    private static func demand(
        _ edge: Edge, _ kind: FaultKind, share: Double, _ radius: BlastRadius, _ mesh: MeshState
    ) -> Demand {
        let severity = kind.description?.severity ?? .total
        let ofDoor = radius.shareOfEntrance
        let isUnknown = radius.edgeRate == nil || ofDoor == nil && share >= 0.5
        if severity == .total || isUnknown || (ofDoor ?? 0) >= 0.5 || !protectedNeighbours(of: edge, mesh).isEmpty {
            return .word(typable(edge.to))
        }
        return severity > .usual || (ofDoor ?? 0) >= 0.1 || share >= 0.5 ? .letter : .enter
    }

    /// Protected services that call or are called by an end of the edge.
    private static func protectedNeighbours(of edge: Edge, _ mesh: MeshState) -> [ServiceName] {
        let ends = [edge.from, edge.to]
        let near = mesh.edges.keys.flatMap { other -> [ServiceName] in
            ends.contains(other.from) ? [other.to] : ends.contains(other.to) ? [other.from] : []
        }
        return (mesh.session?.protected ?? []).intersection(near + ends).sorted()
    }

    static var rearm: Confirmation {
        Confirmation(
            title: "Re-arm?", lines: ["This allows new faults to start."], demand: .letter, effect: .rearm)
    }

    /// A name that every keyboard can type and that no noise types; for others a plain word stands in.
    private static func typable(_ name: ServiceName) -> String {
        let isPlain = name.text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "!" }
        return isPlain && (3...30).contains(name.text.count) ? name.text : "break"
    }
}

extension Key {
    /// Keys that a hand on the keyboard types, or noise on the line: they close a question which they do not answer.
    var isTyped: Bool {
        switch self {
        case .character, .control, .alt, .enter, .tab, .backTab, .backspace: true
        default: false
        }
    }
}
