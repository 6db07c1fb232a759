import MeshModel

/// The dial of one fault: each arrow key is a step of its share.
struct Dial: Equatable, Sendable {
    let fault: String
    /// What was last asked for and is not observed yet.
    var wished: Double?

    static let steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]

    /// The share that the next step starts from.
    func share(of fault: Fault) -> Double { wished ?? fault.share }

    /// The nearest step above or below a share; nil at the end of the dial.
    static func step(from share: Double, isUp: Bool) -> Double? {
        isUp ? steps.first { $0 > share + 1e-6 } : steps.last { $0 < share - 1e-6 }
    }
}
