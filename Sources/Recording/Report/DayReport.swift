public import MeshModel

/// A day in figures: what a report tells and a verdict rests on.
public struct DayReport: Sendable {
    /// An objective over the whole day.
    public struct Judged: Sendable {
        public var objective: Objective
        /// All that the objective counted, as the fold has it.
        public var day = BudgetTally()
        /// The error budget at the end of the day, as a screen would show it then.
        public var budget: BudgetReading?
        /// What the objective comes to at the end of the day, as a screen would show it then.
        public var last = ObjectiveReading(value: nil, isMet: nil, burnRate: nil, requests: 0)
        /// The indicator over the day: a ratio for success, milliseconds for latency; nil without traffic.
        public var value: Double?
        public var breaches: [Breach] = []
        /// The worst reading, and when.
        public var worst: (value: Double, at: Timestamp)?
        /// Readings over time, in order; nil is a gap.
        public var readings: [(at: Timestamp, value: Double?)] = []

        /// Nil when there was nothing to judge.
        public var isHeld: Bool? { readings.contains { $0.value != nil } ? breaches.isEmpty : nil }
        public var brokenSeconds: Double { breaches.reduce(0) { $0 + max(0, $1.to.seconds(since: $1.from)) } }
    }

    /// A spell of faults, and how it touched the objectives: the stopwatch of the screen.
    public struct Spell: Sendable {
        public var startedAt: Timestamp
        /// Nil when it went on to the end of the day.
        public var stoppedAt: Timestamp?
        public var faults: [String]
        public var effects: [Objective: FaultEffect] = [:]
    }

    /// A fault and what came of it.
    public struct Injected: Sendable {
        public var fault: Fault
        /// When requests were first seen to be hit.
        public var activeAt: Timestamp?
        /// When nothing of it was left.
        public var endedAt: Timestamp?
        /// Requests on its edge in the polls that lie wholly after its acceptance, or its last dial, and how many it hit.
        public var seen = SeenShare(hit: 0, requests: 0)
    }

    /// What went through a service or over an edge in all.
    public struct Total: Sendable {
        public var requests: UInt64 = 0
        public var errors: UInt64 = 0
        public var latency = LatencyHistogram()

        public var errorShare: Double? { requests > 0 ? Double(min(errors, requests)) / Double(requests) : nil }
    }

    public var header: RecordingHeader
    public var session: Session?
    public var start: Timestamp
    public var end: Timestamp
    public var findings: [String]
    /// Was the recording closed in order?
    public var isComplete = true
    public var objectives: [Judged] = []
    public var faults: [Injected] = []
    public var spells: [Spell] = []
    public var timeline: [TimelineEntry] = []
    public var services: [ServiceName: Total] = [:]
    public var edges: [Edge: Total] = [:]
    /// Before the first fault, while each fault was active that no run started, and at the end.
    public var moments: [GraphMoment] = []
    /// While the faults of a run were active, by the run's id.
    public var runMoments: [String: GraphMoment] = [:]
    /// Halts, each once; not that with which the control plane ended.
    public var halts = 0
    /// The halt that is in force at the end.
    public var lastHalt: Halt?
    /// Faults that may be in the mesh at the end.
    public var standing: [Fault] = []
    /// The mesh at even steps over the day.
    var frames: DayFrames?
    /// All runs of experiments, and what the catalogue told of them.
    public var experiments: [ExperimentReport] = []
    public var catalogue: [ExperimentPlan] = []

    public var duration: Double { max(0, end.seconds(since: start)) }
    public var name: String { session?.name ?? "a game day" }

    /// True when every objective held, false when one was broken; nil when there was none, or one without traffic.
    public var isHeld: Bool? {
        let verdicts = objectives.map(\.isHeld)
        if verdicts.contains(false) { return false }
        return verdicts.isEmpty || verdicts.contains(nil) ? nil : true
    }
}

extension RecordingReader {
    /// The day in figures, by the recording's own objectives or by others.
    public func report(objectives: [Objective]? = nil) -> DayReport {
        let day = ExportedDay(header: header, start: start, end: end, findings: findings, options: ExportOptions())
        var builder = DayReportBuilder(day)
        var state = MeshState()
        var cursor = events()
        while var event = cursor.next() {
            if let objectives { event = event.judged(by: objectives) }
            state.apply(event)
            builder.take(event, state)
        }
        var report = builder.report(state)
        report.isComplete = isComplete
        return report
    }
}

extension Event {
    /// The event as it would be had the session had these objectives.
    fileprivate func judged(by objectives: [Objective]) -> Event {
        var event = self
        switch observation {
        case .session(var session):
            session.objectives = objectives
            event.observation = .session(session)
        case .keyframe(var state):
            state.session?.objectives = objectives
            state.verdicts = state.verdicts.filter { objectives.contains($0.key) }
            state.watch.tracks = state.watch.tracks.filter { objectives.contains($0.key) }
            event.observation = .keyframe(state)
        case .source, .traffic, .edge, .fault, .halt, .note, .experiment, .catalogue, .recording, .beat: break
        }
        return event
    }
}
