/// A histogram of whole milliseconds in the bins that Envoy's library uses: two decimal digits of precision, so that
/// 123 ms falls in the bin from 120, ten wide. Like Envoy's it moves only when it is flushed.
struct LatencyBins: Sendable {
    /// Counts of each bin since the start, as of the last flush; only as long as needed.
    private(set) var totals: [UInt32] = []
    /// The bins of the requests between the last two flushes, ordered.
    private(set) var interval: [UInt16] = []
    private var pending: [UInt16] = []

    mutating func record(milliseconds: Double) {
        pending.append(UInt16(Self.bin(of: Int(min(max(milliseconds, 0), 3_600_000)))))
    }

    mutating func flush() {
        swap(&interval, &pending)
        pending.removeAll(keepingCapacity: true)
        interval.sort()
        if let last = interval.last, last >= totals.count {
            totals.append(contentsOf: repeatElement(0, count: Int(last) + 1 - totals.count))
        }
        for bin in interval { totals[Int(bin)] &+= 1 }
    }

    static func bin(of milliseconds: Int) -> Int {
        guard milliseconds >= 10 else { return milliseconds }
        var mantissa = milliseconds
        var exponent = 0
        while mantissa >= 100 {
            mantissa /= 10
            exponent += 1
        }
        return 10 + exponent * 90 + mantissa - 10
    }

    /// The lower bound of a bin and its width.
    static func bounds(of bin: Int) -> (lower: Double, width: Double) {
        if bin == 0 { return (0, 0) }
        if bin < 10 { return (Double(bin), 0.1) }
        var scale = 1.0
        for _ in 0..<((bin - 10) / 90) { scale *= 10 }
        return (Double((bin - 10) % 90 + 10) * scale, scale)
    }

    /// The quantiles that Envoy's page tells, by its library's rule: the requests of a bin stand evenly inside it.
    static func quantiles(of bins: [(bin: Int, count: UInt32)]) -> [Double?] {
        let total = bins.reduce(0) { $0 + Int($1.count) }
        guard total > 0 else { return told.map { _ in nil } }
        var place = 0
        var below = 0
        return told.map { percent in
            let rank = max(1, Int((percent / 100 * Double(total)).rounded(.up)))
            while place < bins.count - 1, below + Int(bins[place].count) < rank {
                below += Int(bins[place].count)
                place += 1
            }
            let (lower, width) = bounds(of: bins[place].bin)
            return lower + width * Double(rank - below) / Double(bins[place].count + 1)
        }
    }

    static let told: [Double] = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100]

    /// The bins since the start that are not empty.
    var totalBins: [(bin: Int, count: UInt32)] {
        totals.indices.compactMap { totals[$0] > 0 ? ($0, totals[$0]) : nil }
    }

    /// The bins of the last interval that are not empty.
    var intervalBins: [(bin: Int, count: UInt32)] {
        var bins: [(bin: Int, count: UInt32)] = []
        for bin in interval {
            if let last = bins.last, last.bin == Int(bin) {
                bins[bins.count - 1].count += 1
            } else {
                bins.append((Int(bin), 1))
            }
        }
        return bins
    }
}
