/// How long the start of a demo may take: a busy machine takes its time, so the start goes on while more and more is up,
/// and is given up when nothing came up for a while, or when it takes far too long in all.
struct Vigil {
    private let patience: Duration
    private let end: ContinuousClock.Instant
    private var deadline: ContinuousClock.Instant
    private var nextLook: ContinuousClock.Instant
    private var fewest = Int.max

    /// - Parameters:
    ///   - patience: how long nothing more may come up; the whole may take six times as long.
    ///   - now: when the start begins.
    init(patience: Duration, now: ContinuousClock.Instant = .now) {
        self.patience = patience
        end = now + patience * 6
        deadline = now + patience
        nextLook = now + patience / 4
    }

    /// Whether it is time to count what is missing. That costs a question to each, so it is asked seldom.
    var isDue: Bool { isDue(at: .now) }

    func isDue(at now: ContinuousClock.Instant) -> Bool { now >= nextLook }

    /// Takes note of how many are missing. False when the wait is over.
    mutating func look(missing: Int, at now: ContinuousClock.Instant = .now) -> Bool {
        if missing < fewest {
            // The first look finds what came up before: that is no news about the time since.
            if fewest != .max { deadline = now + patience }
            fewest = missing
        }
        nextLook = min(now + patience / 4, max(deadline, now))
        return now < min(deadline, end)
    }
}

/// How far the start of a demo has come.
public struct DemoProgress: Equatable, Sendable {
    /// How many processes answer.
    public var up: Int
    /// How many there will be.
    public var of: Int

    init(missing: Int, of count: Int) {
        up = max(0, count - missing)
        of = count
    }
}
