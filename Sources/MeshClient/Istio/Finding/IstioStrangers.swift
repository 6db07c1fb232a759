internal import MeshModel

/// Callers that a callee could not name. Where somebody who is polled calls the same service, their requests are most
/// likely those, and are not told twice.
struct IstioStrangers {
    static let name: ServiceName = "unknown"
    /// In the first seconds nobody knows yet who calls whom.
    private static let patience = Duration.seconds(5)
    /// A caller that was not seen to call for so long does not account for anything.
    private static let memory = Duration.seconds(60)

    private let start: ContinuousClock.Instant
    private var called: [ServiceName: ContinuousClock.Instant] = [:]

    init(at start: ContinuousClock.Instant) {
        self.start = start
    }

    /// The observation without what others tell of; nil when nothing is left.
    mutating func filter(_ observation: Observation, at now: ContinuousClock.Instant) -> Observation? {
        guard case .traffic(var report) = observation else { return observation }
        guard report.service == Self.name else {
            for edge in report.outbound where edge.sample.map({ $0.completed > 0 }) ?? false { called[edge.to] = now }
            return observation
        }
        report.outbound.removeAll { edge in
            start.duration(to: now) < Self.patience
                || called[edge.to].map { $0.duration(to: now) < Self.memory } ?? false
        }
        return report.outbound.isEmpty && report.inbound == nil ? nil : .traffic(report)
    }
}
