/// An experiment of the catalogue: what it would do, before anybody runs it.
public struct ExperimentPlan: Equatable, Sendable, Identifiable {
    /// One activity of the method or the rollbacks.
    public struct Step: Equatable, Sendable {
        public var part: ExperimentReport.Activity.Part
        public var kind: ExperimentReport.Activity.Kind
        public var name: String
        /// What it acts on, in a few words.
        public var touches: String
        public var isInBackground: Bool
        /// Seconds, as far as the document says them plainly.
        public var pauseBefore: Double?
        public var pauseAfter: Double?
        /// The fault that it starts here, where it starts one of ours.
        public var fault: FaultRequest?

        public init(
            part: ExperimentReport.Activity.Part, kind: ExperimentReport.Activity.Kind, name: String, touches: String
        ) {
            self.part = part
            self.kind = kind
            self.name = name
            self.touches = touches
            isInBackground = false
        }
    }

    /// How the last run of it came out, as its journal says.
    public struct LastRun: Equatable, Sendable {
        public var outcome: ExperimentReport.Verdict.Outcome
        public var at: Timestamp

        public init(outcome: ExperimentReport.Verdict.Outcome, at: Timestamp) {
            self.outcome = outcome
            self.at = at
        }
    }

    /// What there is to learn from it: what the mesh does about the trouble, and what only code can do.
    public struct Lesson: Equatable, Sendable {
        public var mesh: String
        public var code: String

        public init(mesh: String, code: String) {
            self.mesh = mesh
            self.code = code
        }
    }

    /// The file's name in its folder, by which it is started.
    public var file: String
    public var title: String
    public var description: String
    public var steps: [Step]
    /// The names of the hypothesis' probes, each with what it expects.
    public var probes: [ExperimentReport.Probe]
    /// Why it can't be run, the first mistakes of the document; none when it can.
    public var problems: [String]
    public var lastRun: LastRun?
    /// Nil for an experiment that teaches nothing of this kind.
    public var lesson: Lesson?

    public var id: String { file }

    public init(
        file: String, title: String, description: String = "", steps: [Step] = [],
        probes: [ExperimentReport.Probe] = [], problems: [String] = [], lastRun: LastRun? = nil
    ) {
        self.file = file
        self.title = title
        self.description = description
        self.steps = steps
        self.probes = probes
        self.problems = problems
        self.lastRun = lastRun
    }

    /// What it acts on, each once, in the order of its steps.
    public var touches: [String] {
        var known: Set<String> = []
        return steps.filter { $0.part == .method && $0.kind == .action }.map(\.touches)
            .filter { !$0.isEmpty && known.insert($0).inserted }
    }

    /// The faults of ours that its method starts.
    public var faults: [FaultRequest] { steps.filter { $0.part == .method }.compactMap(\.fault) }
}
