import MeshModel
import TerminalCanvas

extension DashboardState {
    /// The most runs and faults that are named when one leaves.
    private static let mostNamed = 8

    /// What came of the day, for the terminal after the screen is gone: verdicts, objectives, and what became of faults.
    public var farewell: [String] {
        guard let session = mesh.session, !isReplay else { return [] }
        var lines = ["\(session.name), T+\(Format.clock(now.seconds(since: session.startedAt)))"]
        for run in mesh.experiments.suffix(Self.mostNamed) {
            lines.append("  \(run.id) \(run.verdict?.outcome.word ?? "running"): \(run.title)")
        }
        for objective in session.objectives {
            let isMet = mesh.reading(of: objective, at: now).isMet
            lines.append("  \(isMet.map { $0 ? "MET" : "BROKEN" } ?? "NO DATA"): \(objective.name)")
        }
        if let halt = mesh.halt, halt.isLatched {
            let clean = halt.proofs.count { $0.isClean }
            lines.append("  HALTED: \(clean) of \(halt.proofs.count) proxies verified clean")
        }
        return lines + faultsLeft
    }

    /// How many faults were removed, and each that was not.
    private var faultsLeft: [String] {
        let all = mesh.faults.filter { !$0.isOrphan && $0.phase != .refused }
        guard !all.isEmpty else { return ["  no faults were injected"] }
        let left = all.filter { !$0.phase.isOver }
        let count = all.count + mesh.older.faults
        let lost = all.count { $0.phase.isOver && $0.phase != .reverted }
        let otherwise = lost == 0 ? "" : ", \(lost) ended otherwise"
        return ["  \(count - left.count - lost) of \(count) fault\(count == 1 ? "" : "s") removed\(otherwise)"]
            + left.prefix(Self.mostNamed).map { fault in
                let lease = Format.countdown(fault.leaseRemaining(at: now))
                return "  STILL ACTIVE: \(fault.id) \(fault.kind.label) on \(fault.edge), its lease expires in \(lease)"
            }
    }
}
