internal import Glibc
public import MeshModel

/// The time of the control plane: of the wall, and of a clock that nobody can set.
public struct DayClock: Sendable {
    /// What people read off the wall; somebody may set it.
    public var now: @Sendable () -> Timestamp
    /// Time passed since some moment in the past; it runs on while the process or the machine sleeps.
    public var elapsed: @Sendable () -> Duration
    /// Returns early when the task is cancelled.
    public var sleep: @Sendable (Duration) async -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp, elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.now = now
        self.elapsed = elapsed
        self.sleep = sleep
    }

    /// The machine's own.
    public static let system = DayClock(
        now: {
            let time = read(CLOCK_REALTIME)
            return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        },
        elapsed: {
            let time = read(CLOCK_BOOTTIME)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        sleep: { try? await Task.sleep(for: $0, clock: .continuous) })

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
