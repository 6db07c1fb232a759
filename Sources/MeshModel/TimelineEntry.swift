/// One line of the day's story.
public struct TimelineEntry: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case session, source, fault, objective, halt, note, experiment
        case finding, prediction, mark
        /// What the mesh does by itself.
        case mesh
        /// What a later version tells: its words are shown.
        case other

        init(_ kind: Note.Kind) {
            self =
                switch kind {
                case .note: .note
                case .finding: .finding
                case .prediction: .prediction
                case .mark: .mark
                }
        }

        /// True for what a person said.
        public var isSaid: Bool {
            switch self {
            case .note, .finding, .prediction, .mark: true
            case .session, .source, .fault, .objective, .halt, .experiment, .mesh, .other: false
            }
        }
    }

    public enum Tone: String, CaseIterable, Sendable {
        case plain, good, warn, bad
    }

    public var at: Timestamp
    public var kind: Kind
    public var tone: Tone
    public var turn: Turn
    /// Who did or said it, if anybody.
    public var by: String?
    /// The service or edge it is about, if it is about one.
    public var scope: Scope?

    public init(at: Timestamp, kind: Kind, tone: Tone, turn: Turn, by: String? = nil, scope: Scope? = nil) {
        self.at = at
        self.kind = kind
        self.tone = tone
        self.turn = turn
        self.by = by
        self.scope = scope
    }
}
