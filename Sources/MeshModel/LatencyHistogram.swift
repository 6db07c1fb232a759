/// How long requests took, as counts in bins; histograms of neighbours in time or space can be merged, quantiles can not.
public struct LatencyHistogram: Equatable, Sendable {
    /// The requests that took from `lower` up to `lower + width` milliseconds.
    public struct Bin: Equatable, Sendable {
        public var lower: Double
        public var width: Double
        public var count: UInt64

        public init(lower: Double, width: Double, count: UInt64) {
            self.lower = lower
            self.width = width
            self.count = count
        }
    }

    /// Ordered by `lower`, each `lower` at most once, no empty bin.
    public private(set) var bins: [Bin]

    /// Takes bins in any order; one without a place on the scale is left out.
    public init(_ bins: [Bin] = []) {
        self.bins = bins.filter { $0.count > 0 && $0.lower.isFinite && $0.width.isFinite && $0.width >= 0 }
        if !zip(self.bins, self.bins.dropFirst()).allSatisfy({ $0.lower < $1.lower }) {
            self.bins.sort { $0.lower < $1.lower }
            self.bins = Self.merged(self.bins, [])
        }
    }

    public var count: UInt64 { bins.reduce(0) { $0.addingClamped($1.count) } }
    public var isEmpty: Bool { bins.isEmpty }

    public mutating func add(_ other: LatencyHistogram) {
        if other.bins.isEmpty { return }
        bins = bins.isEmpty ? other.bins : Self.merged(bins, other.bins)
    }

    private static func merged(_ left: [Bin], _ right: [Bin]) -> [Bin] {
        var result: [Bin] = []
        result.reserveCapacity(left.count + right.count)
        var i = 0
        var j = 0
        while i < left.count || j < right.count {
            let takesLeft = j == right.count || (i < left.count && left[i].lower <= right[j].lower)
            let next = takesLeft ? left[i] : right[j]
            if takesLeft { i += 1 } else { j += 1 }
            if let last = result.indices.last, result[last].lower == next.lower {
                result[last].count = result[last].count.addingClamped(next.count)
                result[last].width = max(result[last].width, next.width)
            } else {
                result.append(next)
            }
        }
        return result
    }

    /// The time in milliseconds that a share `q` (0...1) of the requests did not exceed; nil when there were none.
    /// Inside a bin the requests are taken as spread evenly, so the answer is exact to the width of a bin.
    public func quantile(_ q: Double) -> Double? {
        guard let bin = bin(at: q) else { return nil }
        return bin.lower + bin.width * bin.fraction
    }

    /// The width in milliseconds of the bin that a quantile falls in: how coarse the answer is.
    public func resolution(at q: Double) -> Double? {
        bin(at: q)?.width
    }

    /// The bounds in milliseconds of the bin that a quantile falls in: it lies somewhere between them.
    public func bounds(at q: Double) -> ClosedRange<Double>? {
        bin(at: q).map { $0.lower...($0.lower + $0.width) }
    }

    /// The share of requests that took at most `limit` milliseconds; nil when there were none.
    public func share(within limit: Double) -> Double? {
        guard !isEmpty else { return nil }
        var within = 0.0
        var total = 0.0
        for bin in bins {
            total += Double(bin.count)
            guard bin.lower <= limit else { continue }
            let covered = bin.width > 0 ? min(1, (limit - bin.lower) / bin.width) : 1
            within += Double(bin.count) * covered
        }
        return within / total
    }

    private func bin(at q: Double) -> (lower: Double, width: Double, fraction: Double)? {
        let total = bins.reduce(0) { $0 + Double($1.count) }
        guard total > 0, q.isFinite else { return nil }
        let rank = min(max(q, 0), 1) * total
        var below = 0.0
        for bin in bins {
            let here = Double(bin.count)
            if below + here >= rank {
                return (bin.lower, bin.width, max(0, (rank - below) / here))
            }
            below += here
        }
        return bins.last.map { ($0.lower, $0.width, 1) }
    }
}

extension UInt64 {
    /// The largest count that the wire carries exactly; sums stop there.
    static let largestCount = UInt64(Int64.max)

    /// The sum, bounded: a hostile counter must neither trap nor begin anew.
    public func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? Self.largestCount : Swift.min(sum, Self.largestCount)
    }
}
