/// One run of an experiment: what it is, how far it has come, and how it came out.
///
/// As an event it brings its head whole, and of its activities and probes those that changed; folded it has them all.
public struct ExperimentReport: Equatable, Sendable, Identifiable {
    /// How far a run has come. `waiting` is a pause in the method, or the wait for what runs in the background.
    public enum Phase: String, CaseIterable, Sendable {
        case gate, before, method, waiting, after, rollbacks, ended
    }

    /// Short and unique in a session, like `E3`. Faults that the run starts carry it.
    public var id: String
    /// The file in the catalogue, or where else the document came from.
    public var file: String
    public var title: String
    /// Who started it.
    public var by: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    public var phase: Phase
    /// Until when it pauses, if it does.
    public var waitsUntil: Timestamp?
    /// What the gate would have refused, where somebody started it all the same.
    public var override: String?
    /// Who or what stops it before its regular end, and why.
    public var stop: Stop?
    public var verdict: Verdict?
    /// The file of its journal, without the folder.
    public var journal: String?
    public var activities: [Activity]
    public var probes: [Probe]
    /// The document's own guards, which stop this run beside those of the settings.
    public var guards: [Guard] = []

    public init(
        id: String, file: String, title: String, by: String, startedAt: Timestamp, phase: Phase = .gate,
        activities: [Activity] = [], probes: [Probe] = []
    ) {
        self.id = id
        self.file = file
        self.title = title
        self.by = by
        self.startedAt = startedAt
        self.phase = phase
        self.activities = activities
        self.probes = probes
    }

    public var isOver: Bool { phase == .ended }

    /// Whether nothing that it claimed failed or went untested, and all was undone.
    public var isSuccess: Bool {
        guard let verdict, verdict.isUndone else { return false }
        switch verdict.outcome {
        case .held: return true
        case .deviated, .unsteady, .failed, .stopped, .lost: return false
        case .completed:
            return activities.allSatisfy { activity in
                activity.part == .rollbacks || activity.state == .succeeded
                    || activity.state == .failed && (activity.kind == .probe || probes.isEmpty)
            }
        }
    }

    /// Why a run was stopped: a key, a halt, a guard.
    public struct Stop: Equatable, Sendable {
        public var by: String
        public var reason: String

        public init(by: String, reason: String) {
            self.by = by
            self.reason = reason
        }
    }

    /// Takes in what a later event tells of the same run.
    public mutating func take(_ news: ExperimentReport) {
        var whole = news
        whole.activities = Self.merged(activities, news.activities)
        whole.probes = Self.merged(probes, news.probes)
        self = whole
    }

    private static func merged<Item: Identifiable>(_ known: [Item], _ news: [Item]) -> [Item] where Item.ID == Int {
        var items = known
        for item in news {
            // Almost always a later item or the last ones: the search from the end is short.
            if let place = items.lastIndex(where: { $0.id <= item.id }) {
                if items[place].id == item.id {
                    items[place] = item
                } else {
                    items.insert(item, at: place + 1)
                }
            } else {
                items.insert(item, at: 0)
            }
        }
        return items
    }
}

extension ExperimentReport {
    /// One activity of the method or the rollbacks.
    public struct Activity: Equatable, Sendable, Identifiable {
        public enum Part: String, CaseIterable, Sendable { case method, rollbacks }
        public enum Kind: String, CaseIterable, Sendable { case action, probe }

        public enum State: String, CaseIterable, Sendable {
            case planned, running, succeeded, failed
            /// It was cut short.
            case interrupted
            /// The run ended without it.
            case skipped
        }

        /// Its place in the run: first the method, then the rollbacks.
        public var id: Int
        public var part: Part
        public var kind: Kind
        public var name: String
        /// What it acts on, in a few words: `bar>taps`, `POST shop.example`, `kubectl`.
        public var touches: String
        public var isInBackground: Bool
        public var state: State
        /// The beginning of what it put out, on one line.
        public var output: String?
        /// Why it did not succeed.
        public var why: String?
        public var startedAt: Timestamp?
        public var endedAt: Timestamp?

        public init(
            id: Int, part: Part, kind: Kind, name: String, touches: String = "", isInBackground: Bool = false,
            state: State = .planned
        ) {
            self.id = id
            self.part = part
            self.kind = kind
            self.name = name
            self.touches = touches
            self.isInBackground = isInBackground
            self.state = state
        }
    }

    /// One probe of the hypothesis, and what it found before, during and after the method.
    public struct Probe: Equatable, Sendable, Identifiable {
        public enum Moment: String, CaseIterable, Sendable { case before, during, after }

        /// What it found in one check.
        public struct Finding: Equatable, Sendable {
            /// The value that was judged, on one line; nil when there was none.
            public var value: String?
            /// Nil when it could not be judged.
            public var isMet: Bool?
            public var at: Timestamp
            public var why: String?

            public init(value: String?, isMet: Bool?, at: Timestamp, why: String? = nil) {
                self.value = value
                self.isMet = isMet
                self.at = at
                self.why = why
            }
        }

        public var id: Int
        public var name: String
        /// What is expected, in words.
        public var expected: String
        /// The check that asks it just now.
        public var asking: Moment?
        public var before: Finding?
        /// The newest finding of a continuous hypothesis.
        public var during: Finding?
        public var after: Finding?
        /// How often it was asked during the method, and how often it was not met then.
        public var checksDuring = 0
        public var unmetDuring = 0

        public init(id: Int, name: String, expected: String) {
            self.id = id
            self.name = name
            self.expected = expected
        }

        public subscript(moment: Moment) -> Finding? {
            get {
                switch moment {
                case .before: before
                case .during: during
                case .after: after
                }
            }
            set {
                switch moment {
                case .before: before = newValue
                case .during: during = newValue
                case .after: after = newValue
                }
            }
        }
    }

    /// How a run came out, in words for a person.
    public struct Verdict: Equatable, Sendable {
        public enum Outcome: String, CaseIterable, Sendable {
            /// The hypothesis held before and after.
            case held
            /// It came to its end, but there was no hypothesis, or it was not tested.
            case completed
            /// It held before, and not after.
            case deviated
            /// It did not even hold before, so that nothing was tried.
            case unsteady
            /// An unexpected error ended it.
            case failed
            /// Somebody or something stopped it.
            case stopped
            /// The control plane died in the middle of it.
            case lost
        }

        public var outcome: Outcome
        /// Whether everything that it did was taken back.
        public var isUndone: Bool
        /// The first is the summary; the others explain.
        public var words: [String]

        public init(_ outcome: Outcome, isUndone: Bool, words: [String]) {
            self.outcome = outcome
            self.isUndone = isUndone
            self.words = words
        }
    }
}
