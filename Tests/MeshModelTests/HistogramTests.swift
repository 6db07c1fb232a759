import MeshModel
import TestKit
import Testing

@Suite struct HistogramTests {
    /// Ten bins a decade step as Envoy's detailed page has them, for whole milliseconds.
    private func bins(of values: [Int]) -> LatencyHistogram {
        LatencyHistogram(
            values.map { value in
                let width = value < 100 ? 1 : 10
                return LatencyHistogram.Bin(lower: Double(value / width * width), width: Double(width), count: 1)
            })
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `a quantile lies in the bin of the sorted list's value`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<generator.int(in: 1...300)).map { _ in generator.int(in: 0...999) }.sorted()
        let histogram = bins(of: values)
        #expect(histogram.count == UInt64(values.count))
        for q in [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1] {
            let rank = max(1, Int((q * Double(values.count)).rounded(.up)))
            let exact = Double(values[rank - 1])
            let width = try #require(histogram.resolution(at: q))
            let answer = try #require(histogram.quantile(q))
            #expect(answer >= exact - width && answer <= exact + width, "p\(q): \(answer) is far from \(exact)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `a merged histogram is the histogram of both`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let left = (0..<generator.int(in: 0...80)).map { _ in generator.int(in: 0...999) }
        let right = (0..<generator.int(in: 0...80)).map { _ in generator.int(in: 0...999) }
        var merged = bins(of: left)
        merged.add(bins(of: right))
        #expect(merged == bins(of: left + right))
        var other = bins(of: right)
        other.add(bins(of: left))
        #expect(merged == other)
    }

    @Test(arguments: SeededGenerator.seeds(50))
    func `quantiles rise with their share and shares invert them`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let histogram = bins(of: (0..<100).map { _ in generator.int(in: 0...999) })
        var before = -Double.infinity
        for step in 0...100 {
            let q = Double(step) / 100
            let value = try #require(histogram.quantile(q))
            #expect(value >= before)
            let share = try #require(histogram.share(within: value))
            #expect(share >= q - 0.02)
            before = value
        }
        #expect(histogram.share(within: 1010) == 1)
        #expect(histogram.share(within: -1) == 0)
    }

    @Test func `nothing has no quantile`() {
        #expect(LatencyHistogram().quantile(0.5) == nil)
        #expect(LatencyHistogram().share(within: 5) == nil)
        #expect(bins(of: [1]).quantile(.nan) == nil)
        #expect(bins(of: [1]).quantile(7) == 2)
    }

    @Test func `bins without a place on the scale are left out`() {
        let odd = [Double.nan, .infinity].map { LatencyHistogram.Bin(lower: $0, width: 1, count: 1) }
        let narrow = LatencyHistogram.Bin(lower: 1, width: -1, count: 1)
        #expect(LatencyHistogram(odd + [narrow]).isEmpty)
    }

    @Test func `counts beyond all bounds neither trap nor begin anew`() throws {
        let huge = LatencyHistogram.Bin(lower: 1, width: 1, count: .max / 2 + 1)
        let other = LatencyHistogram.Bin(lower: 5, width: 1, count: .max / 2 + 1)
        let histogram = LatencyHistogram([huge, other])
        #expect(histogram.count == UInt64(Int64.max))
        #expect(try #require(histogram.quantile(0.99)) > 5)
        #expect(histogram.share(within: 3) == 0.5)
        var sample = TrafficSample(seconds: 1)
        sample.completed = .max
        sample.add(sample)
        #expect(sample.completed == UInt64(Int64.max))
    }
}
