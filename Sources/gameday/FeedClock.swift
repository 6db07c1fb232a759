import ControlPlane
import MeshModel

/// The control plane's time, as its events tell it: leases and ages are its own, whatever the clock of this machine says.
struct FeedClock: Sendable {
    /// From a clock that nobody can set.
    private let elapsed: @Sendable () -> Duration
    /// How far the control plane's time is ahead of that, and when this was last looked at.
    private var lead: Double?
    private var heardAt = 0.0

    /// Two clocks drift apart; one part in ten thousand is more than any does.
    private static let drift = 1e-4

    init(elapsed: @escaping @Sendable () -> Duration = DayClock.system.elapsed) {
        self.elapsed = elapsed
    }

    /// Takes the time of an event. One that was long under way says less than what is known.
    mutating func hear(_ at: Timestamp) {
        let here = elapsed() / .seconds(1)
        let told = Double(at.milliseconds) / 1000 - here
        lead = max(told, lead.map { $0 - (here - heardAt) * Self.drift } ?? told)
        heardAt = here
    }

    /// Another control plane answers.
    mutating func forget() { lead = nil }

    /// This machine's time while nothing was heard.
    var now: Timestamp {
        guard let lead else { return .now }
        return Timestamp(milliseconds: Int64(clamping: (lead + elapsed() / .seconds(1)) * 1000))
    }
}
