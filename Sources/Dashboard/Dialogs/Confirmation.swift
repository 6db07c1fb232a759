import MeshModel
import TerminalCanvas

/// The last question before something is done to the mesh. Nothing else lets a fault start.
struct Confirmation: Equatable, Sendable {
    enum Demand: Equatable, Sendable {
        /// The letter y.
        case letter
        /// A word typed in full and Enter, where much would break.
        case word(String)
    }

    /// What a key does to it.
    enum Answer: Equatable, Sendable { case yes, no, open }

    var title: String
    /// What will happen, in words.
    var lines: [String]
    var demand: Demand
    var effect: Effect
    /// True once it was drawn, and once the terminal has taken what was drawn: a yes that was typed before, into a
    /// terminal that hangs, is none.
    var isDrawn = false
    var isSeen = false
    private(set) var typed = TextField(limit: 40)
    private(set) var isMistyped = false

    init(title: String, lines: [String], demand: Demand, effect: Effect) {
        self.title = title
        self.lines = lines
        self.demand = demand
        self.effect = effect
    }

    mutating func receive(_ key: Key) -> Answer {
        if key == .escape { return .no }
        switch demand {
        case .letter:
            switch key {
            case .character("y"), .character("Y"): return isSeen ? .yes : .open
            case .character("n"), .character("N"): return .no
            default: return .open
            }
        case .word(let word):
            if key == .enter {
                if typed.text == word { return isSeen ? .yes : .open }
                isMistyped = true
            } else {
                isMistyped = false
                _ = typed.receive(key)
            }
            return .open
        }
    }

    /// The question before a fault. From half of the requests on, or at the entrance, it wants the callee's name.
    static func start(_ request: FaultRequest, in mesh: MeshState, at now: Timestamp) -> Confirmation {
        let edge = request.edge
        let entrance = mesh.session?.entrance
        let isSevere = request.share >= 0.5 || edge.from == entrance || edge.to == entrance
        let what =
            "\(request.kind.label) on \(Format.asked(request.share)) of \(edge.from) > \(edge.to)"
            + " for \(Format.span(request.lease))"
        let radius = mesh.blastRadius(of: edge, share: request.share, at: now)
        return Confirmation(
            title: "Start this fault?", lines: [what] + BlastWords.lines(radius, entrance: entrance),
            demand: isSevere ? .word(typable(edge.to)) : .letter, effect: .startFault(request))
    }

    static var rearm: Confirmation {
        Confirmation(
            title: "Rearm?", lines: ["New faults may be started again after this."], demand: .letter, effect: .rearm)
    }

    /// A name that every keyboard can type; for others a plain word stands in.
    private static func typable(_ name: ServiceName) -> String {
        let isPlain = name.text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "!" }
        return isPlain && (1...30).contains(name.text.count) ? name.text : "break"
    }
}
