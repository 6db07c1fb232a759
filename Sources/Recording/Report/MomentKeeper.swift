import MeshModel

/// Keeps pictures of the mesh: before the first fault, and of each run and each fault of its own as it was while its
/// faults were active, neither before nor after.
struct MomentKeeper {
    /// The best picture so far of the faults that belong together.
    private struct Candidate {
        var moment: GraphMoment
        /// How many of the faults were active.
        var active: Int
        /// Seconds since the last of them was confirmed.
        var age: Double
    }

    private(set) var first: GraphMoment?
    /// By the id of the run, or of a fault that no run started, in the order of their coming.
    private var candidates: [(id: String, candidate: Candidate)] = []
    private var nextLook: Timestamp?

    /// After so many seconds a fault shows in all that hangs on it.
    private static let settling = 10.0
    private static let most = 60

    /// The picture of a run or a fault; nil when no proxy held anything of it.
    func moment(of id: String) -> GraphMoment? { candidates.first { $0.id == id }?.candidate.moment }

    mutating func take(_ event: Event, _ state: MeshState) {
        switch event.observation {
        case .fault(let fault):
            if first == nil {
                first = GraphMoment("Before the first fault", of: state, at: event.at)
                first?.forgetFaults()
            }
            // One that is gone before the next poll has a picture too.
            if fault.isHeld, !candidates.contains(where: { $0.id == fault.owner }) { look(state, at: event.at) }
        case .traffic:
            guard state.watch.spell?.stoppedAt == nil, state.watch.spell != nil else { return }
            // A clock that was set back must not end the looking.
            if let nextLook, event.at < nextLook, nextLook.seconds(since: event.at) <= 1 { return }
            nextLook = event.at.advanced(bySeconds: 1)
            look(state, at: event.at)
        case .session, .source, .edge, .halt, .note, .experiment, .catalogue, .recording, .beat, .keyframe: break
        }
    }

    private mutating func look(_ state: MeshState, at: Timestamp) {
        let active = Dictionary(grouping: state.activeFaults.filter(\.isHeld), by: \.owner)
        for (id, faults) in active.sorted(by: { $0.key < $1.key }) {
            let age = faults.compactMap { $0.acceptedAt.map { at.seconds(since: $0) } }.min() ?? 0
            let place = candidates.firstIndex { $0.id == id }
            if let place {
                let known = candidates[place].candidate
                guard faults.count > known.active || faults.count == known.active && known.age < Self.settling else {
                    continue
                }
            } else if candidates.count >= Self.most {
                continue
            }
            let title = "while active: " + faults.map(ReportText.fault).joined(separator: ", ")
            let candidate = Candidate(
                moment: GraphMoment(title, of: state, at: at), active: faults.count, age: age)
            if let place { candidates[place].candidate = candidate } else { candidates.append((id, candidate)) }
        }
    }
}

extension Fault {
    /// Does a proxy hold it, and is it not being removed?
    fileprivate var isHeld: Bool { phase == .accepted || phase == .active }

    /// What its picture belongs to: the run that started it, or itself.
    fileprivate var owner: String { run ?? id }
}
