/// What a run is going to do, as far as it is known when it begins.
public struct RunOutline: Sendable {
    /// The title of the hypothesis as Python writes it, or nil when there is none.
    public var hypothesis: String?
    public var hypothesisStrategy: HypothesisStrategy
    public var rollbackStrategy: RollbackStrategy
    public var hasMethod: Bool
    public var hasRollbacks: Bool

    init(_ experiment: Value, _ plan: RunPlan) {
        let title = experiment["steady-state-hypothesis"]?["title"]
        hypothesis = plan.hasHypothesis ? PythonText.string(title ?? .null) : nil
        hypothesisStrategy = plan.hypothesisStrategy
        rollbackStrategy = plan.rollbackStrategy
        hasMethod = !plan.method.isEmpty
        hasRollbacks = !plan.rollbacks.isEmpty
    }
}
