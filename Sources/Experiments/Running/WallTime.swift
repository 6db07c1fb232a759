internal import Glibc

/// A moment of wall time in whole microseconds since 1970, as journals have it.
struct WallTime: Comparable, Sendable {
    var microseconds: Int64

    static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    static func < (left: WallTime, right: WallTime) -> Bool { left.microseconds < right.microseconds }

    /// `2024-05-17T08:30:00.123456+00:00`.
    var text: String {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int32, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let date = "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
        let time = "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
        return "\(date)T\(time).\(padded(Int32(microseconds % 1_000_000), 6))+00:00"
    }

    func seconds(since other: WallTime) -> Double {
        Double(microseconds - other.microseconds) / 1_000_000
    }
}

/// The time of a run: what it is now, and how to wait.
struct RunClock: Sendable {
    var now: @Sendable () -> WallTime
    /// Throws when the waiting task is cancelled.
    var sleep: @Sendable (Duration) async throws -> Void

    static let system = RunClock(now: { WallTime.now }, sleep: { try await Task.sleep(for: $0) })
}
