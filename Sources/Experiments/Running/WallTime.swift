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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        func add(_ number: Int32, _ width: Int = 2, then mark: StaticString) {
            var (rest, start) = (number, bytes.count + width)
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: width))
            while rest > 0, start > bytes.count - width {
                start -= 1
                bytes[start] += UInt8(rest % 10)
                rest /= 10
            }
            mark.withUTF8Buffer { bytes.append(contentsOf: $0) }
        }
        add(parts.tm_year + 1900, 4, then: "-")
        add(parts.tm_mon + 1, then: "-")
        add(parts.tm_mday, then: "T")
        add(parts.tm_hour, then: ":")
        add(parts.tm_min, then: ":")
        add(parts.tm_sec, then: ".")
        add(Int32(microseconds % 1_000_000), 6, then: "+00:00")
        return String(decoding: bytes, as: UTF8.self)
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

    /// The machine's own. A run begins by the clock on the wall and goes on by the time that passes, whoever sets it.
    static var system: RunClock {
        let (start, clock) = (WallTime.now, ContinuousClock())
        let begun = clock.now
        return RunClock(
            now: {
                let passed = (clock.now - begun).components
                return WallTime(
                    microseconds: start.microseconds + passed.seconds * 1_000_000
                        + passed.attoseconds / 1_000_000_000_000)
            }, sleep: { try await Task.sleep(for: $0) })
    }
}
