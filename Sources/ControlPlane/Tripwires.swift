internal import MeshModel

/// The guards of gameday.yaml: conditions which by themselves halt everything while faults are active, or stop the run
/// that is on.
enum Tripwires {
    /// A run goes on blind for so many seconds at most, whether the settings have a guard for that or not.
    private static let longestBlindness = 15.0

    /// The reason to stop now, if there is one; the same reading that the screen counts down by.
    static func reasonToHalt(_ state: MeshState, at now: Timestamp) -> String? {
        let run = state.runningExperiment
        let faults = state.activeFaults
        guard !state.isHalted, run != nil || !faults.isEmpty else { return nil }
        // A run that is being stopped has had its reason; only what is not its own is still to be stopped.
        if let run, run.stop != nil, faults.allSatisfy({ $0.run == run.id }) { return nil }
        let guards = state.session?.guards ?? []
        var own = run?.guards ?? []
        if run != nil, !(guards + own).contains(where: isForBlindness) {
            own.append(.stale(seconds: max(longestBlindness, 5 * (state.session?.pollInterval ?? 1))))
        }
        let readings =
            guards.map { state.reading(of: $0, at: now) }
            + own.map { state.reading(of: $0, at: now, since: run?.startedAt) }
        return readings.first { $0.isMet }?.reason
    }

    private static func isForBlindness(_ rule: Guard) -> Bool {
        if case .stale = rule { true } else { false }
    }
}
