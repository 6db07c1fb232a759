/// Everything known at a moment: the fold over all events so far. Live, replay and reports all show one of these.
public struct MeshState: Equatable, Sendable {
    /// What is known of a source, and when it last said anything.
    public struct SourceStatus: Equatable, Sendable {
        public var report: SourceReport
        /// When it last answered; nil if it never did.
        public var heardAt: Timestamp?

        public init(report: SourceReport, heardAt: Timestamp?) {
            self.report = report
            self.heardAt = heardAt
        }
    }

    public var session: Session?
    public var sources: [String: SourceStatus] = [:]
    /// Traffic into each service, as its own sidecar saw it.
    public var services: [ServiceName: ScopeState] = [:]
    /// Traffic on each edge, as the caller's sidecar saw it.
    public var edges: [Edge: ScopeState] = [:]
    /// What the callers' proxies tell of edges beside their traffic.
    public var knowledge: [Edge: EdgeKnowledge] = [:]
    /// The faults of the session, oldest first: all that stand, and of those that are over the last `keptFaults`.
    public var faults: [Fault] = []
    public var halt: Halt?
    /// The last `keptExperiments` runs of the session, oldest first.
    public var experiments: [ExperimentReport] = []
    /// What was dropped from the two; a recording has it.
    public var older = Older()
    /// The experiments that can be run.
    public var catalogue: [ExperimentPlan] = []
    /// How the recording does; nil until it is told.
    public var recording: RecordingStatus?
    /// What the control plane costs; nil until it is told.
    public var cost: OwnCost?
    /// The last `keptEntries` lines of the story, oldest first.
    public var timeline: [TimelineEntry] = []
    /// How many lines the story has had in all.
    public var told = 0
    /// Whether each objective was met when last judged; the fold tells a crossing by it.
    public var verdicts: [Objective: Bool] = [:]
    /// Budgets, baselines, and what each proxy showed of each fault.
    public var watch = Watch()
    /// The number and time of the last event folded in.
    public var lastNumber: UInt64 = 0
    public var lastAt: Timestamp?

    public static let keptEntries = 500
    public static let keptFaults = 200
    public static let keptExperiments = 25

    /// How many of the oldest are kept no more.
    public struct Older: Equatable, Sendable {
        public var faults = 0
        public var experiments = 0

        public init() {}
    }

    public init() {}

    public var activeFaults: [Fault] { faults.filter { !$0.phase.isOver } }
    public var isHalted: Bool { halt?.isLatched ?? false }

    /// Folds one event in. An event that is not newer than what is known is dropped; a key frame replaces everything.
    public mutating func apply(_ event: Event) {
        if case .keyframe(let state) = event.observation {
            guard event.number >= lastNumber else { return }
            self = state
            lastNumber = event.number
            lastAt = event.at
            return
        }
        guard event.number > lastNumber else { return }
        lastNumber = event.number
        lastAt = event.at
        switch event.observation {
        case .session(let session): begin(session, at: event.at)
        case .source(let report): hear(report, at: event.at)
        case .traffic(let report): add(report, at: event.at)
        case .edge(let report): learn(report, at: event.at)
        case .fault(let fault): follow(fault, at: event.at)
        case .halt(let halt): follow(halt, at: event.at)
        case .note(let note): tell(note, at: event.at)
        case .experiment(let report): follow(report, at: event.at)
        case .catalogue(let plans): catalogue = plans
        case .recording(let status): follow(status, at: event.at)
        case .beat(let news): cost = news ?? cost
        case .keyframe: break
        }
    }

    private mutating func tell(_ note: Note, at: Timestamp) {
        tell(
            .init(note.kind), note.kind == .finding ? .warn : .plain, .said(by: note.by, note.text), at: at, by: note.by
        )
    }

    mutating func tell(
        _ kind: TimelineEntry.Kind, _ tone: TimelineEntry.Tone, _ turn: TimelineEntry.Turn, at: Timestamp,
        by: String? = nil, about scope: Scope? = nil
    ) {
        if timeline.count >= Self.keptEntries { timeline.removeFirst(Self.keptEntries / 5) }
        told &+= 1
        timeline.append(TimelineEntry(at: at, kind: kind, tone: tone, turn: turn, by: by, scope: scope))
    }
}
