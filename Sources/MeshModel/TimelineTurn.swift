extension TimelineEntry {
    /// What happened, in figures and names. Its English is made where it is shown.
    public enum Turn: Equatable, Sendable {
        case began(name: String, session: String, mode: SessionMode)
        case source(String, SourceState, why: String?)
        case restarted(source: String)
        /// A source that was not there when the day began, and one that is no part of the mesh any more.
        case joined(source: String, why: String?)
        case left(source: String, why: String?)
        case fault(FaultTurn)
        /// A fault hits another share from now on.
        case dialled(fault: String, from: Double, to: Double, why: String?)
        /// An objective is met again or broken from now on, and how long after the faults, where it is laid to them.
        case objective(String, isMet: Bool, lag: Lag? = nil)
        case halted(by: String, reason: String)
        /// What the proofs of a halt came to.
        case proven(clean: Int, of: Int)
        case rearmed(by: String)
        case said(by: String, String)
        case run(id: String, RunTurn)
        /// A mechanism begins to act, with how much it does, and of how many where that is hosts; or it is over, with the
        /// requests that it dealt with, in how many seconds.
        case mechanism(Mechanism, isActing: Bool, amount: Double, of: Double)
        /// The callee's hosts answer from another zone than is meant, or from that again.
        case served(EdgeServing)
        case certificate(EdgeCertificate)
        case notRecording(why: String?)
        case recordingAgain(lost: UInt64)
        /// The words of another version, whose meaning is not known here.
        case words(String)

        /// The fault that it is about.
        public var fault: String? {
            switch self {
            case .fault(let turn): turn.id
            case .dialled(let id, _, _, _): id
            case .began, .source, .restarted, .joined, .left, .objective, .halted, .proven, .rearmed, .said, .run,
                .mechanism, .served, .certificate, .notRecording, .recordingAgain, .words:
                nil
            }
        }
    }

    /// How long after a fault an objective broke, or was back after the faults were gone: the figures of `Stopwatch`.
    public struct Lag: Equatable, Sendable {
        /// The fault by its id; nil for several.
        public var fault: String?
        public var milliseconds: Int64

        public init(fault: String?, milliseconds: Int64) {
            self.fault = fault
            self.milliseconds = milliseconds
        }

        public var seconds: Double { Double(milliseconds) / 1000 }
    }

    /// Where a fault has come to.
    public struct FaultTurn: Equatable, Sendable {
        public var id: String
        public var kind: FaultKind
        public var share: Double
        public var phase: FaultPhase
        public var ending: FaultEnding?
        public var isOrphan: Bool
        /// Who asked for it, where it is asked for.
        public var by: String?
        public var why: String?

        public init(
            id: String, kind: FaultKind, share: Double, phase: FaultPhase, ending: FaultEnding? = nil,
            isOrphan: Bool = false, by: String? = nil, why: String? = nil
        ) {
            self.id = id
            self.kind = kind
            self.share = share
            self.phase = phase
            self.ending = ending
            self.isOrphan = isOrphan
            self.by = by
            self.why = why
        }

        public init(_ fault: Fault) {
            self.init(
                id: fault.id, kind: fault.kind, share: fault.share, phase: fault.phase, ending: fault.ending,
                isOrphan: fault.isOrphan, by: fault.phase == .requested ? fault.by : nil, why: fault.explanation)
        }

        /// True for a step on the way to what a later turn tells: nothing was hit by it yet, or nothing is proven.
        public var isStep: Bool {
            guard ending == nil, !isOrphan else { return false }
            return phase == .requested || phase == .accepted || phase == .reverting
        }
    }

    /// What a run of an experiment did.
    public enum RunTurn: Equatable, Sendable {
        case started(title: String, by: String, override: String?)
        case stopped(by: String, reason: String)
        case action(String, isUndo: Bool)
        case failed(String, state: ExperimentReport.Activity.State, why: String?)
        case probe(String, moment: ExperimentReport.Probe.Moment, value: String)
        case ended(ExperimentReport.Verdict.Outcome, summary: String)
    }
}
