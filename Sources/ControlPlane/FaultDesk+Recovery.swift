internal import Logging
internal import MeshModel

extension FaultDesk {
    /// Takes back what an earlier control plane left, before anything else happens. What can't be reached now stays
    /// open, and is tried again each second like anything that is stuck.
    @discardableResult
    func recover() async -> [RecoveredFault] {
        let contents: LedgerContents
        do {
            contents = try await tools.ledger.contents()
        } catch {
            tools.logger.error("\(error.text): no fault can be started")
            tell("The ledger can't be read, so no fault can be started: \(error.text)")
            return []
        }
        nextNumber = contents.highest + 1
        for entry in contents.open {
            var fault = entry.fault
            fault.phase = .reverting
            fault.explanation = "left by a control plane that died"
            var record = OpenFault(fault: fault, undo: entry.undo)
            record.ending = OpenFault.Ending(reason: "left by a control plane that died")
            open.append(record)
            tools.log.append([.fault(fault)])
        }
        guard !contents.open.isEmpty else {
            try? await tools.ledger.compact(beyond: 0)
            return contents.ended
        }
        tools.logger.notice("recovering \(contents.open.count) faults of an earlier control plane")
        await sweep(contents.open.map(\.fault.id))
        await notingIsDone()
        let left = Set(open.map(\.id))
        return contents.ended
            + contents.open.map(\.fault).filter { !left.contains($0.id) }.map {
                RecoveredFault(fault: $0, by: "the next control plane")
            }
    }
}
