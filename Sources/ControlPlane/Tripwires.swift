internal import MeshModel

/// The guards of gameday.yaml: conditions which halt everything by themselves while faults are active.
enum Tripwires {
    /// The reason to halt now, if there is one; the same reading that the screen counts down by.
    static func reasonToHalt(_ state: MeshState, at now: Timestamp) -> String? {
        guard !state.isHalted, state.faults.contains(where: { !$0.phase.isOver }) else { return nil }
        return (state.session?.guards ?? []).lazy.map { state.reading(of: $0, at: now) }.first { $0.isMet }?.reason
    }
}
