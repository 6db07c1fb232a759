/// Orders the slots of each layer so that few edges cross: sweeps by barycentre, the best order met is kept.
struct CrossingReduction {
    typealias Slot = LayeredLayout.Slot

    private var layers: [[Slot]]
    private var above: [Slot: [Slot]] = [:]
    private var below: [Slot: [Slot]] = [:]

    private static let sweeps = 12

    /// Each span joins a slot to one in the next layer.
    init(layers: [[Slot]], spans: [(upper: Slot, lower: Slot)]) {
        self.layers = layers
        // An edge's passages in several layers are one slot here; their neighbours are told apart by the layer.
        for span in spans {
            below[span.upper, default: []].append(span.lower)
            above[span.lower, default: []].append(span.upper)
        }
    }

    func reduced() -> [[Slot]] {
        var current = layers
        var best = layers
        var fewest = crossings(of: layers)
        for sweep in 0..<Self.sweeps where fewest > 0 {
            if sweep.isMultiple(of: 2) {
                for index in current.indices.dropFirst() {
                    current[index] = ordered(current[index], by: above, in: current[index - 1])
                }
            } else {
                for index in current.indices.dropLast().reversed() {
                    current[index] = ordered(current[index], by: below, in: current[index + 1])
                }
            }
            let count = crossings(of: current)
            if count < fewest {
                fewest = count
                best = current
            }
        }
        return best
    }

    private func places(of layer: [Slot]) -> [Slot: Int] {
        Dictionary(uniqueKeysWithValues: layer.enumerated().map { ($0.element, $0.offset) })
    }

    private func ordered(_ layer: [Slot], by neighbours: [Slot: [Slot]], in fixed: [Slot]) -> [Slot] {
        let place = places(of: fixed)
        let weighed = layer.enumerated().map { offset, slot in
            let near = (neighbours[slot] ?? []).compactMap { place[$0] }
            let centre = near.isEmpty ? Double(offset) : Double(near.reduce(0, +)) / Double(near.count)
            return (slot: slot, centre: centre, offset: offset)
        }
        return weighed.sorted { ($0.centre, $0.offset) < ($1.centre, $1.offset) }.map(\.slot)
    }

    private func crossings(of layers: [[Slot]]) -> Int {
        var count = 0
        for (upper, lower) in zip(layers, layers.dropFirst()) {
            let place = places(of: lower)
            var spans: [(Int, Int)] = []
            for (offset, slot) in upper.enumerated() {
                for neighbour in below[slot] ?? [] {
                    if let target = place[neighbour] { spans.append((offset, target)) }
                }
            }
            for (index, one) in spans.enumerated() {
                for other in spans[(index + 1)...] where (one.0 - other.0) * (one.1 - other.1) < 0 { count += 1 }
            }
        }
        return count
    }
}
