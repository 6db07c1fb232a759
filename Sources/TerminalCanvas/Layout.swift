/// How much of a length a part of a layout gets.
public enum Extent: Hashable, Sendable {
    /// Exactly so many cells, or what is left.
    case fixed(Int)
    /// A share of what the fixed parts leave, by weight, but at least the minimum while there is room.
    case share(Int, atLeast: Int = 0)

    /// An equal share of what is left.
    public static var rest: Extent { .share(1) }
}

/// Divides a rect among its parts. The parts tile the rect: nothing overlaps, nothing is left over once one part shares.
public enum Layout {
    /// Stacks the parts from top to bottom.
    public static func rows(_ extents: [Extent], in area: Rect) -> [Rect] {
        var row = area.row
        return lengths(extents, of: area.rows).map { length in
            defer { row += length }
            return Rect(area.column, row, area.columns, length)
        }
    }

    /// Puts the parts side by side from left to right.
    public static func columns(_ extents: [Extent], in area: Rect) -> [Rect] {
        var column = area.column
        return lengths(extents, of: area.columns).map { length in
            defer { column += length }
            return Rect(column, area.row, length, area.rows)
        }
    }

    /// The length of each part. Fixed parts come first, then minimums, in order; the earlier part wins when it is tight.
    public static func lengths(_ extents: [Extent], of total: Int) -> [Int] {
        var left = max(0, total)
        var lengths = [Int](repeating: 0, count: extents.count)
        for (index, extent) in extents.enumerated() {
            guard case .fixed(let length) = extent else { continue }
            lengths[index] = min(max(0, length), left)
            left -= lengths[index]
        }
        for (index, extent) in extents.enumerated() {
            guard case .share(_, let minimum) = extent else { continue }
            lengths[index] = min(max(0, minimum), left)
            left -= lengths[index]
        }
        share(left, among: extents, into: &lengths)
        return lengths
    }

    /// Fills the poorest part, measured by its weight, until the rest is used up; the earlier one wins a tie.
    private static func share(_ rest: Int, among extents: [Extent], into lengths: inout [Int]) {
        let sharers = extents.indices.compactMap { index -> (index: Int, weight: Int)? in
            guard case .share(let weight, _) = extents[index], weight > 0 else { return nil }
            return (index, min(weight, 1 << 16))
        }
        guard !sharers.isEmpty else { return }
        for _ in 0..<rest {
            let poorest = sharers.min { left, right in
                lengths[left.index] * right.weight < lengths[right.index] * left.weight
            }
            if let poorest { lengths[poorest.index] += 1 }
        }
    }
}
