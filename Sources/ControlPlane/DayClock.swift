internal import Glibc
public import MeshModel

/// The time of the control plane. Whatever somebody does to the clock on the wall, the day goes on by the time that
/// passed: leases, ages and the order of events come from nothing else.
public struct DayClock: Sendable {
    /// The time of the day: what the wall said when it began, and what has passed since.
    public var now: @Sendable () -> Timestamp
    /// Time passed since some moment in the past; it runs on while the process or the machine sleeps.
    public var elapsed: @Sendable () -> Duration
    /// What people read off the wall; somebody may set it.
    public var wall: @Sendable () -> Timestamp
    /// Returns early when the task is cancelled.
    public var sleep: @Sendable (Duration) async -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp, elapsed: @escaping @Sendable () -> Duration,
        wall: (@Sendable () -> Timestamp)? = nil, sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.now = now
        self.elapsed = elapsed
        self.wall = wall ?? now
        self.sleep = sleep
    }

    /// The machine's own; its day begins when it is first asked for.
    public static let system = {
        let (start, begun) = (readWall(), readElapsed())
        return DayClock(
            now: { start.advanced(bySeconds: (readElapsed() - begun) / .seconds(1)) }, elapsed: { readElapsed() },
            wall: { readWall() }, sleep: { try? await Task.sleep(for: $0, clock: .continuous) })
    }()

    private static func readWall() -> Timestamp {
        let time = read(CLOCK_REALTIME)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private static func readElapsed() -> Duration {
        let time = read(CLOCK_BOOTTIME)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}

/// Notices that somebody set the clock on the wall, and says so once.
struct WallWatch {
    /// How far the wall was ahead of the day when last looked at.
    private var lead: Double?

    /// Less than this may be a clock that is kept right little by little.
    private static let least = 1.0
    /// Who was held up between two readings knows nothing by them.
    private static let longestLook = 0.1

    mutating func step(by clock: DayClock) -> String? {
        let before = clock.elapsed()
        let now = clock.wall().seconds(since: clock.now())
        guard clock.elapsed() - before < .seconds(Self.longestLook) else { return nil }
        defer { lead = now }
        guard let step = lead.map({ now - $0 }), abs(step) >= Self.least else { return nil }
        let words =
            "the clock of this machine was set \(step < 0 ? "back" : "forward") by \(PlainWords.time(abs(step)))"
        return words + "; the times of this session are not affected"
    }
}
