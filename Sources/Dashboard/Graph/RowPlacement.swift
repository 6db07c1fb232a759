/// Gives the slots of each layer their rows: in order, apart by a gap, and as near as may be to whom they are joined.
struct RowPlacement {
    typealias Slot = LayeredLayout.Slot

    /// A slot in its column: its top row and how many rows it takes.
    struct Place: Equatable, Sendable {
        var slot: Slot
        var top: Int
        var height: Int

        var middle: Int { top + (height - 1) / 2 }
        var end: Int { top + height }
    }

    let gap: Int
    let rows: Int

    private static let sweeps = 4

    /// How many rows the fullest layer needs.
    static func neededRows(_ heights: [[Int]], gap: Int) -> Int {
        heights.map { $0.reduce(0, +) + gap * max(0, $0.count - 1) }.max() ?? 0
    }

    /// Places each layer; `joined` tells the neighbours of a slot in the layer before or after.
    func placed(_ layers: [[Slot]], height: (Slot) -> Int, joined: [Slot: Set<Slot>]) -> [[Place]] {
        var columns = layers.map { layer in spread(layer.map { ($0, height($0)) }) }
        guard columns.count > 1 else { return columns }
        for _ in 0..<Self.sweeps {
            for index in 1..<columns.count { columns[index] = pulled(columns[index], to: columns[index - 1], joined) }
            for index in (0..<columns.count - 1).reversed() {
                columns[index] = pulled(columns[index], to: columns[index + 1], joined)
            }
        }
        return columns
    }

    /// One layer by itself, in the middle of the rows.
    private func spread(_ layer: [(slot: Slot, height: Int)]) -> [Place] {
        let total = layer.reduce(0) { $0 + $1.height } + gap * max(0, layer.count - 1)
        var top = max(0, (rows - total) / 2)
        return layer.map { slot, height in
            defer { top += height + gap }
            return Place(slot: slot, top: top, height: height)
        }
    }

    private func pulled(_ column: [Place], to fixed: [Place], _ joined: [Slot: Set<Slot>]) -> [Place] {
        let middles = Dictionary(fixed.map { ($0.slot, $0.middle) }, uniquingKeysWith: { first, _ in first })
        let wishes = column.map { place -> Double in
            let near = (joined[place.slot] ?? []).compactMap { middles[$0] }
            guard !near.isEmpty else { return Double(place.top) }
            return Double(near.reduce(0, +)) / Double(near.count) - Double((place.height - 1) / 2)
        }
        return settled(column, wishes: wishes)
    }

    /// The tops nearest to the wishes (least squares) which keep order and gaps: pool adjacent violators.
    private func settled(_ column: [Place], wishes: [Double]) -> [Place] {
        var offset = 0
        var pools: [(sum: Double, count: Int)] = []
        var offsets: [Int] = []
        for (place, wish) in zip(column, wishes) {
            offsets.append(offset)
            pools.append((wish - Double(offset), 1))
            offset += place.height + gap
            while pools.count > 1 {
                let last = pools[pools.count - 1]
                let before = pools[pools.count - 2]
                guard before.sum / Double(before.count) > last.sum / Double(last.count) else { break }
                pools.removeLast()
                pools[pools.count - 1] = (before.sum + last.sum, before.count + last.count)
            }
        }
        let most = max(0, rows - (offset - gap))
        var result = column
        var index = 0
        for pool in pools {
            let base = min(max(0, Int((pool.sum / Double(pool.count)).rounded())), most)
            for _ in 0..<pool.count {
                result[index].top = base + offsets[index]
                index += 1
            }
        }
        return result
    }
}
