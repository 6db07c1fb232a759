/// The vertical lines in the room between two layers: which line stands where, so that few edges cross and none overlap.
struct ChannelTracks {
    /// Edges that share one vertical line, because they leave the same box.
    struct Net: Equatable, Sendable {
        /// The rows where it meets the boxes on the left and on the right.
        var left: [Int]
        var right: [Int]

        var rows: ClosedRange<Int>? {
            let all = left + right
            guard let low = all.min(), let high = all.max() else { return nil }
            return low...high
        }

        /// A straight line needs no track.
        var isStraight: Bool { rows.map { $0.count == 1 } ?? true }
    }

    /// Two lines upon each other are worse than any number of crossings.
    private static let overlap = 50

    /// The track of each net, from 0 on the left; nil for a straight one. And how many tracks there are.
    static func assigned(_ nets: [Net]) -> (tracks: [Int?], count: Int) {
        var order = nets.indices.filter { !nets[$0].isStraight }
        order.sort { heading(nets[$0]) < heading(nets[$1]) }
        order = improved(order, nets)
        var tracks = [Int?](repeating: nil, count: nets.count)
        // A net goes as far left as those allow which stand left of it and share rows with it.
        for (place, index) in order.enumerated() {
            var track = 0
            for other in order[..<place] where meets(nets[other], nets[index]) {
                track = max(track, (tracks[other] ?? 0) + 1)
            }
            tracks[index] = track
        }
        return (tracks, (tracks.compactMap { $0 }.max() ?? -1) + 1)
    }

    /// Nets that go up stand left, the upper ones first; those that go down stand right, the lower ones first.
    private static func heading(_ net: Net) -> Int {
        guard let start = net.left.first, let rows = net.rows else { return 0 }
        let goesUp = start - rows.lowerBound >= rows.upperBound - start
        return goesUp ? start - 100_000 : 100_000 - start
    }

    private static func meets(_ one: Net, _ other: Net) -> Bool {
        guard let first = one.rows, let second = other.rows else { return false }
        return first.lowerBound <= second.upperBound + 1 && second.lowerBound <= first.upperBound + 1
            || !Set(one.left + one.right).isDisjoint(with: other.left + other.right)
    }

    /// Swaps pairs as long as that helps.
    private static func improved(_ order: [Int], _ nets: [Net]) -> [Int] {
        var best = order
        guard best.count > 1, best.count <= 24 else { return best }
        var cost = cost(of: best, nets)
        var isBetter = cost > 0
        while isBetter {
            isBetter = false
            for first in best.indices {
                for second in best.indices where second > first {
                    best.swapAt(first, second)
                    let candidate = Self.cost(of: best, nets)
                    if candidate < cost {
                        cost = candidate
                        isBetter = true
                    } else {
                        best.swapAt(first, second)
                    }
                }
            }
        }
        return best
    }

    private static func cost(of order: [Int], _ nets: [Net]) -> Int {
        var cost = 0
        for (place, one) in order.enumerated() {
            for other in order[(place + 1)...] {
                guard let leftRows = nets[one].rows, let rightRows = nets[other].rows else { continue }
                // The right net comes from the left through the left net's line, and the left net goes on to the right.
                for row in nets[other].left where leftRows.contains(row) {
                    cost += nets[one].right.contains(row) ? overlap : 1
                }
                for row in nets[one].right where rightRows.contains(row) { cost += 1 }
            }
        }
        return cost
    }
}
