/// Whether what is shown comes from real proxies, from a model, or from a recording.
public enum SessionMode: String, CaseIterable, Sendable {
    case live, simulated, replay
}

/// One game day: what is observed, since when.
public struct Session: Equatable, Sendable {
    public var id: String
    /// What the settings call the mesh.
    public var name: String
    public var mode: SessionMode
    public var startedAt: Timestamp
    /// The service that the world's requests enter by, if told.
    public var entrance: ServiceName?
    /// Seconds between two polls of a source.
    public var pollInterval: Double
    public var objectives: [Objective]
    /// What halts everything by itself while faults are active.
    public var guards: [Guard]
    /// Services that no fault may touch.
    public var protected: Set<ServiceName>
    /// The longest lease that is granted, in seconds.
    public var longestLease: Double

    /// The longest lease where the settings name none.
    public static let usualLongestLease = 3600.0

    public init(
        id: String, name: String, mode: SessionMode, startedAt: Timestamp, entrance: ServiceName? = nil,
        pollInterval: Double = 1, objectives: [Objective] = [], guards: [Guard] = [],
        protected: Set<ServiceName> = [], longestLease: Double = Session.usualLongestLease
    ) {
        self.id = id
        self.name = name
        self.mode = mode
        self.startedAt = startedAt
        self.entrance = entrance
        self.pollInterval = pollInterval
        self.objectives = objectives
        self.guards = guards
        self.protected = protected
        self.longestLease = longestLease
    }
}

extension Session {
    /// The scopes that hold answers to queries, and are no services.
    public var queryScopes: Set<ServiceName> { Set(objectives.lazy.filter { $0.query != nil }.map(\.scope)) }
}

/// The latch of a halt: once set, nothing new may start until somebody rearms.
public struct Halt: Equatable, Sendable {
    /// What one proxy said after the undo.
    public struct Proof: Equatable, Sendable {
        public var source: String
        /// True when the proxy itself showed no fault of ours any more.
        public var isClean: Bool
        public var explanation: String?
        /// When a proxy was last heard that did not answer and holds no fault that anybody knows of.
        public var unheardSince: Timestamp?

        public init(source: String, isClean: Bool, explanation: String? = nil) {
            self.source = source
            self.isClean = isClean
            self.explanation = explanation
        }
    }

    public var isLatched: Bool
    public var by: String
    /// Why: a person's key, a guard, a lost dashboard.
    public var reason: String
    public var proofs: [Proof]
    /// True for the halt with which a control plane ends: that is no halt of the day.
    public var isEnd: Bool

    public init(isLatched: Bool, by: String, reason: String, proofs: [Proof] = [], isEnd: Bool = false) {
        self.isLatched = isLatched
        self.by = by
        self.reason = reason
        self.proofs = proofs
        self.isEnd = isEnd
    }

    /// Does a control plane end with it? Versions that did not tell so had reasons of their own for it.
    public var endsControlPlane: Bool {
        if isEnd { return true }
        let number = reason.hasPrefix("signal ") && reason.hasSuffix(" ended it") ? reason.dropFirst(7).dropLast(9) : ""
        let isSignal = by == "gameday" && !number.isEmpty && number.allSatisfy(\.isNumber)
        return isSignal || reason == "the control plane is to end" || reason == "the control plane ends"
    }
}

/// Words typed by a person, on the same axis as everything else.
public struct Note: Equatable, Sendable {
    /// What the words are meant as.
    public enum Kind: String, CaseIterable, Sendable {
        case note
        /// Something to act on after the day.
        case finding
        /// What somebody expects to happen, said before it does.
        case prediction
        /// A moment to come back to.
        case mark
    }

    public var by: String
    public var text: String
    public var kind: Kind

    public init(by: String, text: String, kind: Kind = .note) {
        self.by = by
        self.text = text
        self.kind = kind
    }

    /// Its members; a plain note has no kind, as in the days before there were others.
    public var json: JSON {
        let members: [(String, JSON)] =
            [("by", .string(by)), ("text", .string(text))]
            + (kind == .note ? [] : [("kind", .string(kind.rawValue))])
        return .object(members.map { JSON.Member($0.0, $0.1) })
    }
}

/// What was seen or done, before it has a number.
public enum Observation: Equatable, Sendable {
    case session(Session)
    case source(SourceReport)
    case traffic(TrafficReport)
    /// What a proxy tells of an edge beside its traffic.
    case edge(EdgeReport)
    case fault(Fault)
    case halt(Halt)
    case note(Note)
    /// A run of an experiment, by what changed.
    case experiment(ExperimentReport)
    /// The experiments that can be run, all of them.
    case catalogue([ExperimentPlan])
    /// How the recording of this session does.
    case recording(RecordingStatus)
    /// The control plane is alive and nothing else happened; now and then with what it costs.
    case beat(OwnCost?)
    /// Everything known at this moment, so that a reader can begin here.
    case keyframe(MeshState)
}

/// A numbered and stamped observation. Numbers rise by one; a gap means that something was missed.
public struct Event: Equatable, Sendable {
    public var number: UInt64
    public var at: Timestamp
    public var observation: Observation

    public init(number: UInt64, at: Timestamp, observation: Observation) {
        self.number = number
        self.at = at
        self.observation = observation
    }
}
