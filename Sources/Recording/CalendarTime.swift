public import MeshModel

extension Timestamp {
    /// The moment as ISO 8601 has it, in UTC: `2026-11-23T16:20:55.123Z`. Years beyond four digits are held at 9999
    /// and 0.
    public var iso8601: String {
        let (year, month, day) = civil
        let clock = millisecondsOfDay
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        return "\(date)T\(Self.clockText(clock)).\(Self.padded(clock % 1000, 3))Z"
    }

    /// The time of day in UTC, `16:20:55`.
    public var timeOfDay: String {
        Self.clockText(millisecondsOfDay)
    }

    private var millisecondsOfDay: Int64 { (milliseconds % 86_400_000 + 86_400_000) % 86_400_000 }

    private static func clockText(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        return "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Year, month and day of the Gregorian calendar; the arithmetic counts in eras of 400 years from a 1st of March.
    private var civil: (year: Int64, month: Int64, day: Int64) {
        let days = min(2_932_896, max(-719_528, milliseconds.flooredDivision(by: 86_400_000))) + 719_468
        let era = days.flooredDivision(by: 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    fileprivate func flooredDivision(by other: Int64) -> Int64 {
        let quotient = self / other
        return self % other < 0 ? quotient - 1 : quotient
    }
}

/// Spans of time as people read them.
enum SpanText {
    /// `4.2 s`, `1:05`, `1:02:05`.
    static func text(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e9 else { return "?" }
        if seconds < 60 { return "\((seconds * 10).rounded() / 10) s" }
        let whole = Int(seconds.rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let tail = "\(two(whole % 60))"
        return whole < 3600 ? "\(whole / 60):\(tail)" : "\(whole / 3600):\(two(whole / 60 % 60)):\(tail)"
    }
}
