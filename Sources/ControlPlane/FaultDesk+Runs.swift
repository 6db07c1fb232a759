internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Takes back what a run started, also what it is just starting; it starts nothing more after this.
    func end(run id: String, because reason: String) async {
        endedRuns.insert(id)
        await end(open.filter { $0.fault.run == id }.map(\.id), because: reason)
    }

    /// What a run started, over or not, as it was last told.
    func faults(of run: String) -> [Fault] {
        tools.log.read { state in state.faults.filter { $0.run == run } }
    }

    /// Takes back what is on an edge, or everything without one; of a run only its own. Nothing there is fine too.
    func stop(on edge: Edge?, run: String?, by: String) async -> [Fault] {
        let ids = open.filter { record in
            !record.fault.isOrphan && (edge == nil || record.fault.edge == edge)
                && (run == nil || record.fault.run == run)
        }.map(\.id)
        await end(ids, because: "stopped by \(by)")
        return ids.compactMap { known($0) }
    }
}
