import MeshModel
import TestKit
import Testing

@testable import MeshModel

/// The points of a chart in a fourth of their room.
@Suite struct SeriesTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    @Test(arguments: SeededGenerator.seeds(8))
    func `points are what they were, whatever they are`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var series = ScopeState.Series()
        var points: [ScopeState.Point] = []
        func value() -> Double? {
            switch generator.int(in: 0...11) {
            case 0: nil
            case 1: 0
            case 2 where seed.isMultiple(of: 2): [-3, 1e11, 5e15, .infinity, 42_949_672.95][generator.int(in: 0...4)]
            default: Double(generator.int(in: 0...10_000_000)) / 977
            }
        }
        for step in 0..<2000 {
            let jump = generator.chance(0.01) ? -100_000_000_000 : 0
            let point = ScopeState.Point(
                at: Self.start.advanced(byMilliseconds: Int64(step * 1000 + jump)), rate: value(),
                successRatio: value(),
                p50: value(), p99: value())
            if points.count >= ScopeState.keptPoints {
                series.dropOldest()
                points.removeFirst(ScopeState.keptPoints / 4)
            }
            if generator.chance(0.1), !points.isEmpty {
                series.replaceLast(with: point)
                points[points.count - 1] = point
            } else {
                series.append(point)
                points.append(point)
            }
            if step % 50 == 0 { #expect(Array(series) == points && series.count == points.count) }
        }
        #expect(series == ScopeState.Series(points) && Array(series.suffix(7)) == points.suffix(7))
        series.append(points[0])
        #expect(series != ScopeState.Series(points))
    }
}
