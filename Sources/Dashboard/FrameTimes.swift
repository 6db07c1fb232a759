/// How long the last frames took to draw, and what the screen could not follow.
struct FrameTimes: Sendable {
    private static let kept = 200

    private var times: [Duration] = []
    private var next = 0
    /// Events that were never seen here: the control plane told the state in place of them.
    var skipped: UInt64 = 0

    mutating func add(_ time: Duration) {
        if times.count < Self.kept {
            times.append(time)
        } else {
            times[next] = time
            next = (next + 1) % Self.kept
        }
    }

    /// The time that this share of the frames took at most, in milliseconds; nil before the first.
    func quantile(_ share: Double) -> Double? {
        guard !times.isEmpty else { return nil }
        let place = Int((share * Double(times.count)).rounded(.up)) - 1
        return times.sorted()[min(times.count - 1, max(0, place))] / .milliseconds(1)
    }
}
