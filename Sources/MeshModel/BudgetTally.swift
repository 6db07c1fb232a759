/// Requests that an objective counted, how many of them it called bad, and for how long somebody looked.
///
/// Whole numbers, so that sums are the same in whatever order they are made and whatever wire they crossed.
public struct BudgetTally: Equatable, Sendable {
    public private(set) var requests: UInt64 = 0
    /// A bin of latencies may lie across the limit, so a part of a request can be bad.
    public private(set) var badThousandths: UInt64 = 0
    /// What was observed; gaps are not in it.
    public private(set) var milliseconds: Int64 = 0

    public init() {}

    public init(requests: UInt64, bad: Double, milliseconds: Int64 = 0) {
        self.requests = min(requests, UInt64.largestCount)
        badThousandths = UInt64(max(0, Int64(clamping: bad * 1000)))
        self.milliseconds = max(0, milliseconds)
    }

    public var bad: Double { Double(badThousandths) / 1000 }
    public var seconds: Double { Double(milliseconds) / 1000 }

    public var badShare: Double? { requests > 0 ? min(1, bad / Double(requests)) : nil }

    public mutating func add(_ other: BudgetTally) {
        requests = requests.addingClamped(other.requests)
        badThousandths = badThousandths.addingClamped(other.badThousandths)
        let (sum, isTooLong) = milliseconds.addingReportingOverflow(other.milliseconds)
        milliseconds = isTooLong ? .max : sum
    }

    /// What was counted since an earlier tally of the same day.
    public func since(_ earlier: BudgetTally) -> BudgetTally {
        var rest = self
        rest.requests -= min(requests, earlier.requests)
        rest.badThousandths -= min(badThousandths, earlier.badThousandths)
        rest.milliseconds = max(0, milliseconds - earlier.milliseconds)
        return rest
    }

    var json: JSON {
        [JSON(requests), JSON(badThousandths), .integer(milliseconds)]
    }

    init(_ json: JSON?) {
        guard let items = json?.array, items.count == 3 else { return }
        requests = items[0].count ?? 0
        badThousandths = items[1].count ?? 0
        milliseconds = max(0, items[2].integer ?? 0)
    }
}
