/// How often an API server may be asked: as client-go's limit, so many a second, and a few more at once.
struct KubePace {
    /// Between two questions, once the first burst is over.
    private let step: Duration
    private let burst: Int
    /// When the last question would have its turn if there were no burst.
    private var full: Duration

    init(perSecond: Int = 50, burst: Int = 100) {
        step = .seconds(1) / perSecond
        self.burst = burst
        full = .zero
    }

    /// Takes the next turn, and says how long it is until then. `now` counts from any moment that stays the same.
    mutating func reserve(now: Duration) -> Duration {
        full = max(full, now) + step
        return max(.zero, full - now - step * burst)
    }
}
