import MeshModel

/// What people said would come, and how right they were. A prediction that begins with the word of a verdict, `held` or
/// `deviated`, is scored by the first run that ends with one of them after it; others are only told.
struct Predictions: Equatable, Sendable {
    /// The newest prediction, as it was said.
    var said: String
    /// Whether it came true; nil while nothing has told.
    var isRight: Bool?
    /// Of all that were scored so far.
    var right: Int
    var scored: Int

    /// Nil while nobody has predicted anything.
    init?(_ mesh: MeshState) {
        var open: [(index: Int, wanted: ExperimentReport.Verdict.Outcome)] = []
        var all: [(text: String, isRight: Bool?)] = []
        for entry in mesh.timeline {
            switch entry.turn {
            case .said(_, let text) where entry.kind == .prediction:
                all.append((text, nil))
                if let wanted = Self.outcome(text) { open.append((all.count - 1, wanted)) }
            case .run(_, .ended(let outcome, _)) where outcome == .held || outcome == .deviated:
                for guess in open { all[guess.index].isRight = guess.wanted == outcome }
                open = []
            default: break
            }
        }
        guard let last = all.last else { return nil }
        said = last.text
        isRight = last.isRight
        scored = all.count { $0.isRight != nil }
        right = all.count { $0.isRight == true }
    }

    private static func outcome(_ text: String) -> ExperimentReport.Verdict.Outcome? {
        switch text.split(whereSeparator: { !$0.isLetter }).first?.lowercased() {
        case "held": .held
        case "deviated": .deviated
        default: nil
        }
    }
}
