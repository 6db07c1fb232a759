internal import MeshModel

/// The guards of gameday.yaml: conditions which halt everything by themselves while faults are active.
struct Tripwires {
    let guards: [Guard]
    /// Since when each objective is broken without a break.
    private var brokenSince: [String: Timestamp] = [:]

    init(_ guards: [Guard]) {
        self.guards = guards
    }

    /// The reason to halt now, if there is one. Called about once a second, faults or not, so that the time for which
    /// an objective is broken is known when a fault starts.
    mutating func reasonToHalt(_ state: MeshState, at now: Timestamp) -> String? {
        for objective in state.session?.objectives ?? [] {
            switch state.reading(of: objective, at: now).isMet {
            case true?: brokenSince[objective.name] = nil
            case false?: brokenSince[objective.name] = brokenSince[objective.name] ?? now
            // Without traffic nothing is known: neither a break nor an end of it.
            case nil: break
            }
        }
        guard !state.isHalted, state.faults.contains(where: { !$0.phase.isOver }) else { return nil }
        for rule in guards {
            if let reason = reason(rule, state, at: now) { return reason }
        }
        return nil
    }

    private func reason(_ rule: Guard, _ state: MeshState, at now: Timestamp) -> String? {
        switch rule {
        case .broken(let objective, let seconds):
            guard let since = brokenSince[objective], now.seconds(since: since) >= seconds else { return nil }
            return "\(objective) is broken for \(GuardRails.plain(now.seconds(since: since))) s"
        case .stale(let seconds):
            guard let newest = state.sources.values.compactMap(\.heardAt).max(),
                now.seconds(since: newest) > seconds
            else { return nil }
            return "the newest data is \(GuardRails.plain(now.seconds(since: newest))) s old"
        }
    }
}
