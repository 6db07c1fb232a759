/// How a run came out.
public struct RunVerdict: Equatable, Sendable {
    public var status: RunStatus
    public var hasDeviated: Bool
    /// Whether every check of the hypothesis that was made was met.
    public var isMet: Bool
    /// Whether all rollbacks that were to be played succeeded.
    public var isUndone: Bool
    /// What keeps the run from having tested a hypothesis; nothing when it has.
    public var untested: [Untested]

    /// Why a run that came to its end proves less than it seems to.
    public enum Untested: Equatable, Sendable {
        case noHypothesis
        /// By its strategy, or because nothing came of it: `moment` says when it was not.
        case notChecked(moment: String)
        case dryRun(DryRun)
        /// Actions of the method that did not do what they are for.
        case failed(actions: [String])
        /// Activities of the method whose programs somebody ended by a signal.
        case killed([String])
        /// Activities of the method that came to no result.
        case unjudged([String])

        var words: String {
            switch self {
            case .noHypothesis: "no hypothesis was defined"
            case .notChecked(let moment): "the hypothesis was not checked \(moment)"
            case .dryRun(let dry): "a dry run of \(dry.rawValue), in which they were only pretended"
            case .failed(let names): Self.subject("action", names) + " failed"
            case .killed(let names): Self.subject("activity", names) + " was ended by a signal"
            case .unjudged(let names): Self.subject("activity", names) + " came to no result"
            }
        }

        private static func subject(_ noun: String, _ names: [String]) -> String {
            let shown = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
            return "\(noun) \(shown)" + (names.count > 5 ? " and \(names.count - 5) more" : "")
        }
    }

    /// Whether the hypothesis was tested, and every check of it was met.
    public var hasHeld: Bool { isCompleted && isMet && untested.isEmpty }

    /// Whether nothing that was claimed failed or went untested, and all was undone: what exit code 0 says.
    ///
    /// Who claims nothing is not refuted by an action that failed: there the original's 0 stands.
    public var isSuccess: Bool {
        isCompleted && isMet && isUndone
            && untested.allSatisfy { reason in
                switch reason {
                case .noHypothesis, .notChecked, .dryRun: true
                case .failed, .killed: untested.contains(.noHypothesis)
                case .unjudged: false
                }
            }
    }

    /// Whether Chaos Toolkit would call it a success.
    public var isSuccessForOriginal: Bool { isCompleted }

    private var isCompleted: Bool { status == .completed && !hasDeviated }

    /// In one plain sentence; more where there is more to say.
    public var summary: String {
        var sentences: [String] = []
        switch status {
        case .completed where hasDeviated: sentences = ["The system deviated from its steady state."]
        case .completed where !isMet: sentences = ["The hypothesis did not hold."]
        case .completed where untested.isEmpty: sentences = ["The hypothesis held."]
        case .completed: return "Completed: \(reservations)." + rest
        case .failed where hasDeviated: sentences = ["A probe of the hypothesis failed after the method."]
        case .failed: sentences = ["The run was ended because the hypothesis did not hold."]
        case .aborted: sentences = ["The run was aborted by an unexpected error."]
        case .interrupted: sentences = ["The run was interrupted."]
        }
        for reason in untested {
            switch reason {
            case .failed, .killed:
                sentences.append(reason.words.prefix(1).uppercased() + reason.words.dropFirst() + ".")
            case .noHypothesis, .notChecked, .dryRun, .unjudged: continue
            }
        }
        return sentences.joined(separator: " ") + rest
    }

    private var reservations: String { untested.map(\.words).joined(separator: "; ") }
    private var rest: String { isUndone ? "" : " Not everything was rolled back." }
}
