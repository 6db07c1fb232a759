public import MeshModel

/// What a fault will do, and how to undo it.
public struct FaultPlan: Equatable, Sendable {
    /// What will be done, which may differ from what was asked.
    public var kind: FaultKind
    public var share: Double
    public var scope: Scope
    /// How it differs, in words for a person.
    public var explanation: String?
    /// What it will be known by.
    public var evidence: Evidence
    public var undo: FaultUndo
    /// What makes the fault, in the words of its injector; nobody else reads it.
    public var work: JSON

    public init(
        kind: FaultKind, share: Double, scope: Scope, explanation: String? = nil, evidence: Evidence = .counted,
        undo: FaultUndo, work: JSON
    ) {
        self.kind = kind
        self.share = share
        self.scope = scope
        self.explanation = explanation
        self.evidence = evidence
        self.undo = undo
        self.work = work
    }

    /// Who does it; nil for a plan of nothing.
    public var injector: String? { undo.parts.first?.injector }
}

/// What one proxy said when asked for a fault.
public struct FaultEvidence: Equatable, Sendable {
    /// What is known of the fault in one proxy.
    public enum State: Equatable, Sendable {
        case held
        /// None of its settings is there.
        case gone
        /// Some are there, or hold another value.
        case changed
        /// The proxy did not say.
        case unknown
    }

    public var source: String
    public var state: State
    public var explanation: String?
    /// It was of a kind that nobody can undo, and what it did has passed.
    public var isOver = false

    public init(source: String, state: State, explanation: String? = nil, isOver: Bool = false) {
        self.source = source
        self.state = state
        self.explanation = explanation
        self.isOver = isOver
    }
}
