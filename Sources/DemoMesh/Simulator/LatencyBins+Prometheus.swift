extension LatencyBins {
    /// The upper bounds of the buckets on Envoy's page for Prometheus, in milliseconds, unless it is configured otherwise.
    static let configuredBounds: [Double] = [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000,
    ]

    /// For each of these bounds the requests that were not slower, and last all. A bin belongs where its lower bound is.
    static func cumulativeCounts(of bins: [(bin: Int, count: UInt32)]) -> [UInt64] {
        var counts: [UInt64] = []
        var place = 0
        var below: UInt64 = 0
        for bound in configuredBounds {
            while place < bins.count, bounds(of: bins[place].bin).lower <= bound {
                below += UInt64(bins[place].count)
                place += 1
            }
            counts.append(below)
        }
        return counts + [bins[place...].reduce(below) { $0 + UInt64($1.count) }]
    }

    /// The sum that Envoy tells: each request counts with the harmonic mean of its bin's bounds.
    static func sum(of bins: [(bin: Int, count: UInt32)]) -> Double {
        bins.reduce(0) { sum, one in
            let (lower, width) = bounds(of: one.bin)
            guard lower > 0 else { return sum }
            return sum + Double(one.count) * 2 * lower * (lower + width) / (2 * lower + width)
        }
    }
}
