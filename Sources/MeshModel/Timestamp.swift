/// A moment of wall time, in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The time from another moment to this one, in seconds; negative if that one is later.
    public func seconds(since other: Timestamp) -> Double {
        Double(milliseconds &- other.milliseconds) / 1000
    }

    public func advanced(bySeconds seconds: Double) -> Timestamp {
        Timestamp(milliseconds: milliseconds &+ Int64(clamping: seconds * 1000))
    }
}

extension Int64 {
    /// The nearest whole number; what no Int64 can hold becomes the nearest one, and not-a-number becomes 0.
    public init(clamping value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 9.2e18 {
            self = .max
        } else if value <= -9.2e18 {
            self = .min
        } else {
            self = Int64(value.rounded())
        }
    }
}
