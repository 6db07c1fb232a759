/// How much of a fault one proxy shows.
public enum FaultPresence: String, CaseIterable, Sendable {
    /// The proxy was told, and has not confirmed yet.
    case asked
    /// It says that it holds the fault; nothing crossed the edge there, so nothing could be hit.
    case accepted
    /// Its counters show requests hit.
    case seen
    /// It says that it holds the fault, and so many requests passed unhit that chance is no excuse.
    case unseen
    /// It does not hold it, or not as it was asked for.
    case missing
}

extension MeshState {
    /// What each source of a fault shows of it, in the order of the fault's sources.
    public func presence(of fault: Fault) -> [(source: String, presence: FaultPresence, seen: SeenShare?)] {
        fault.sources.map { source in
            let seen = watch.sightings[fault.id]?[source]
            let presence: FaultPresence
            if fault.missing.contains(source) {
                presence = .missing
            } else if fault.acceptedAt == nil {
                presence = .asked
            } else if let seen, seen.hit > 0 {
                presence = .seen
            } else {
                let isTelling = fault.evidence == .counted && seen.map { $0.isTelling(against: fault.share) } == true
                presence = isTelling ? .unseen : .accepted
            }
            return (source, presence, seen)
        }
    }

    /// Some of its proxies show a fault and some do not, as far as is known.
    public func isPartial(_ fault: Fault) -> Bool {
        guard !fault.phase.isOver, fault.phase != .requested, fault.phase != .reverting else { return false }
        let shown = presence(of: fault).map(\.presence)
        return shown.contains { $0 == .missing || $0 == .unseen }
    }
}

extension SeenShare {
    /// No request was hit, and with this share that would happen by chance less than once in a thousand times.
    func isTelling(against share: Double) -> Bool {
        hit == 0 && share > 0 && Double(min(requests, 1_000_000)) * share > 6.9
    }
}
