/// A moment of wall time, in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The time from another moment to this one, in seconds; negative if that one is later.
    public func seconds(since other: Timestamp) -> Double {
        let (difference, isTooLarge) = milliseconds.subtractingReportingOverflow(other.milliseconds)
        return isTooLarge ? (Double(milliseconds) - Double(other.milliseconds)) / 1000 : Double(difference) / 1000
    }

    public func advanced(bySeconds seconds: Double) -> Timestamp {
        advanced(byMilliseconds: Int64(clamping: seconds * 1000))
    }

    /// Ends at the first or the last moment that there is.
    public func advanced(byMilliseconds step: Int64) -> Timestamp {
        let (sum, isTooLarge) = milliseconds.addingReportingOverflow(step)
        return Timestamp(milliseconds: isTooLarge ? (step < 0 ? .min : .max) : sum)
    }
}

extension Int64 {
    /// The nearest whole number; what no Int64 can hold becomes the nearest one, and not-a-number becomes 0.
    public init(clamping value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 0x1p63 {
            self = .max
        } else if value <= -0x1p63 {
            self = .min
        } else {
            self = Int64(value.rounded())
        }
    }
}
