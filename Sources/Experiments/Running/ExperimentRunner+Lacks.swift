extension ExperimentRunner {
    /// What the document's activities for other meshes lack in this one, each thing once.
    func lacks(_ native: [any NativeModule], _ substitution: Substitution) async -> [String] {
        guard !native.isEmpty else { return [] }
        let experiment = document.value
        let activities =
            (experiment["steady-state-hypothesis"]?["probes"]?.list ?? []) + (experiment["method"]?.list ?? [])
            + (experiment["rollbacks"]?.list ?? [])
        var known: [String] = []
        for activity in activities where activity["provider"]?["type"]?.text == "python" {
            let call = ActivityCall(activity, substitution)
            for module in native {
                guard let lack = await module.lack(of: call), !known.contains(lack) else { continue }
                known.append(lack)
            }
        }
        return known
    }
}
