public import MeshModel

/// What one source holds.
public struct FaultSurvey: Equatable, Sendable {
    /// One fault that a source holds, and what takes it away.
    public struct Held: Equatable, Sendable {
        public var kind: FaultKind
        public var share: Double
        public var scope: Scope
        public var undo: FaultUndo
        /// What it is known by.
        public var evidence: Evidence
        /// It is surely another's, so that no halt takes it away; only who asks for just that does.
        public var isOthers: Bool

        public init(
            kind: FaultKind, share: Double, scope: Scope, undo: FaultUndo, evidence: Evidence = .counted,
            isOthers: Bool = false
        ) {
            self.kind = kind
            self.share = share
            self.scope = scope
            self.undo = undo
            self.evidence = evidence
            self.isOthers = isOthers
        }
    }

    public var source: String
    /// Nil when it did not say.
    public var faults: [Held]?
    public var explanation: String?

    public init(source: String, faults: [Held]?, explanation: String? = nil) {
        self.source = source
        self.faults = faults
        self.explanation = explanation
    }
}
