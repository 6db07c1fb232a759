internal import Glibc
internal import MeshModel

/// Times as Kubernetes writes them. A Lease takes exactly six digits of a second.
enum KubeTime {
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// `2026-11-28T01:54:28.123000Z`
    static func micro(_ time: Timestamp) -> String {
        let milliseconds = ((time.milliseconds % 1000) + 1000) % 1000
        var seconds = time_t((time.milliseconds - milliseconds) / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int, _ count: Int) -> String {
            let text = "\(number)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let hour = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(hour).\(digits(Int(milliseconds), 3))000Z"
    }

    /// Reads it with any number of digits, in UTC; nil for anything else.
    static func read(_ text: String) -> Timestamp? {
        let fields = text.dropLast().split { "-T:.".contains($0) }
        guard text.hasSuffix("Z"), fields.count >= 6 else { return nil }
        let numbers = fields.prefix(6).compactMap { Int32($0) }
        guard numbers.count == 6, (1970...9999).contains(numbers[0]) else { return nil }
        var parts = tm()
        parts.tm_year = numbers[0] - 1900
        parts.tm_mon = numbers[1] - 1
        (parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[2], numbers[3], numbers[4], numbers[5])
        let fraction = fields.count > 6 ? Int64((fields[6] + "000").prefix(3)) ?? 0 : 0
        return Timestamp(milliseconds: Int64(timegm(&parts)) * 1000 + fraction)
    }
}
