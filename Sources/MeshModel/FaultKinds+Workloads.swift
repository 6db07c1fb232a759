extension FaultKindDescription {
    /// What is done to the pods of a callee, whoever calls it.
    static let workloads: [FaultKindDescription] = [deletePod, evictPod, scale, restart, partition]

    private static let deletePod = FaultKindDescription(
        word: "delete-pod", name: "pods deleted", sign: "DELETE PODS", mark: "KK", edgeWord: "killed",
        fields: [pods("delete-pod", "Number of the callee's pods to delete")], severity: .rough, hasShare: false,
        isOfCallee: true, beyondUndo: "A deleted pod does not come back; its controller creates another",
        words: "deletes pods of the callee"
    ) { "has \(FaultUnit.count("pods").said($0.mainAmount ?? 0)) deleted" }

    private static let evictPod = FaultKindDescription(
        word: "evict-pod", name: "pods evicted", sign: "EVICT PODS", mark: "EE", edgeWord: "evicted",
        fields: [pods("evict-pod", "Number of the callee's pods to evict, within its disruption budget")],
        severity: .rough, hasShare: false, isOfCallee: true,
        beyondUndo: "An evicted pod does not come back; its controller creates another",
        words: "evicts pods of the callee"
    ) { "has \(FaultUnit.count("pods").said($0.mainAmount ?? 0)) evicted" }

    private static let scale = FaultKindDescription(
        word: "scale", name: "scaled", sign: "SCALE TO", mark: "SS", edgeWord: "scaled",
        fields: [
            FaultField(
                "scale", "replicas", .count("replicas"), 0...1000, presets: [0, 1, 2, 3, 5, 10], usual: 0,
                isRequired: true, "Number of replicas to scale the callee to, until the fault ends")
        ], severity: .total, hasShare: false, isOfCallee: true, words: "scales the callee until the fault ends"
    ) { "is scaled to \(FaultUnit.count("replicas").said($0.mainAmount ?? 0))" }

    private static let restart = FaultKindDescription(
        word: "restart", name: "rollout restarted", sign: "RESTART", mark: "UU", edgeWord: "restart", fields: [],
        severity: .rough, hasShare: false, isOfCallee: true,
        beyondUndo: "A restart is complete when every pod was replaced",
        words: "replaces the callee's pods, a few at a time"
    ) { _ in "is restarted" }

    private static let partition = FaultKindDescription(
        word: "partition", name: "partition", sign: "PARTITION", mark: "PP", edgeWord: "cut off", fields: [],
        severity: .total, hasShare: false, isOfCallee: true,
        words: "isolates the callee with a NetworkPolicy"
    ) { _ in "is isolated by a NetworkPolicy" }

    private static func pods(_ word: String, _ words: String) -> FaultField {
        FaultField(
            word, "pods", .count("pods"), 1...1000, presets: [1, 2, 3, 5, 10], usual: 1, isRequired: true, words)
    }
}
