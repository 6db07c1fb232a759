internal import MeshClient
internal import MeshModel

/// A fault that may exist somewhere, with all that takes it back.
struct OpenFault {
    /// Why it is being taken back, and what it will be called once that is proven.
    struct Ending {
        var reason: String
        var phase: FaultPhase = .reverted
    }

    /// What kept a fault from being held.
    struct Failure: Sendable {
        var problem: Problem
        var summary: String
        /// No answer came, so that the request may reach its proxy later.
        var mayArrive = false
    }

    var fault: Fault
    var undo: FaultUndo
    /// Nil where nobody here started it: an orphan, or what an earlier control plane left.
    var plan: FaultPlan?
    /// Where an orphan sits, if not on an edge.
    var foundAt: Scope?
    /// An orphan that is surely another's: no halt takes it away.
    var isOthers = false
    /// On the clock that nobody can set; nil for an orphan, which has no lease.
    var leaseEnds: Duration?
    /// The injection while it is under way. Whoever takes the fault back waits for it first, since a proxy could
    /// otherwise perform the two in the wrong order.
    var application: Task<Failure?, Never>?
    /// The last of the changes to it; each waits for the one before.
    var changing: Task<Result<Fault, Problem>, Never>?
    var ending: Ending?
    /// Until then a request of ours without an answer may reach its proxy: to be seen clean earlier proves nothing.
    var mayArriveUntil: Duration?
    var absences = FaultDesk.Absences()
    var isBeingSwept = false

    var id: String { fault.id }
    var isEnding: Bool { ending != nil }
    var scope: Scope { plan?.scope ?? foundAt ?? .edge(fault.edge) }

    /// Confirmed by its proxies, and nobody takes it back.
    var isLive: Bool { !isEnding && application == nil && (fault.phase == .accepted || fault.phase == .active) }

    func isExpired(at elapsed: Duration) -> Bool {
        guard let leaseEnds, !isEnding else { return false }
        return leaseEnds <= elapsed
    }

    func isLeaseOver(elapsed: Duration, now: Timestamp) -> Bool {
        leaseEnds.map { $0 <= elapsed } ?? (fault.leaseEnds <= now)
    }

    /// What its proxies still have to prove; nil when each of them was seen clean.
    func unproven(by proofs: [Halt.Proof]) -> String? {
        let own = proofs.filter { proof in undo.parts.contains { $0.source == proof.source } }
        let left = own.filter { !$0.isClean }.map { $0.explanation ?? "\($0.source) is not verified clean" }
        if !left.isEmpty { return left.joined(separator: "; ") }
        return own.isEmpty && !undo.parts.isEmpty ? "no proxy responded" : nil
    }
}
