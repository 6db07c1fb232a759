/// Orders the slots of each layer so that few spans cross.
///
/// Sweeps by barycentre bring each slot near to its neighbours, and after each sweep slots that stand beside each other
/// change places where that takes crossings away. In half of the sweeps they also do where it takes none: without these
/// steps aside it would stop at the next best order (as graphviz does, Gansner et al. 1993). It counts its own work and
/// stops by that, not by a clock, so that a graph always looks the same.
struct CrossingReduction {
    /// Slots of each layer lie one after the other, from `starts[layer]` on.
    private let starts: [Int]
    private var order: [Int32]
    private var up: Neighbours
    private var down: Neighbours
    private var inversions = Inversions()
    private var keys: [UInt64] = []
    private var places: [Int32] = []

    /// Work that may still be done, in comparisons of two slots, and what a graph gets for a start and for each slot.
    private var budget: Int
    private static let (leastWork, workPerSlot) = (60_000, 45)
    /// More than these passes after one sweep it never took; and so many sweeps without a gain are the end.
    private static let (mostPasses, patience) = (50, 6)

    /// Each span joins a slot to one of the next layer; slots are numbered from 0 on without a hole.
    init(layers: [[Int]], spans: [(upper: Int, lower: Int)]) {
        let count = layers.reduce(0) { $0 + $1.count }
        starts = layers.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        order = layers.flatMap { $0.map(Int32.init) }
        up = Neighbours(count: count, of: spans.map { ($0.lower, $0.upper) })
        down = Neighbours(count: count, of: spans.map { ($0.upper, $0.lower) })
        budget = Self.leastWork + Self.workPerSlot * count
    }

    private var layerCount: Int { starts.count - 1 }

    private func range(_ layer: Int) -> Range<Int> { starts[layer]..<starts[layer + 1] }

    /// The slots of each layer in the best order that was found.
    mutating func reduced() -> [[Int]] {
        notePlaces()
        var (best, fewest) = (order, crossings())
        guard layerCount > 1, fewest > 0 else { return layers(of: order) }
        // What the first start leaves over the second one has too.
        for (isFromTop, least) in [(true, budget / 3), (false, 0)] where fewest > 0 {
            order = begun(fromTop: isFromTop)
            notePlaces()
            var (sweep, idle) = (0, 0)
            while budget > least, fewest > 0, idle < Self.patience {
                let isLoose = sweep % 4 < 2
                settle(isDownwards: sweep.isMultiple(of: 2) == isFromTop, isLoose: isLoose)
                exchange(isLoose: isLoose)
                let count = crossings()
                (sweep, idle) = (sweep + 1, idle + 1)
                if count < fewest { (best, fewest, idle) = (order, count, 0) }
            }
        }
        return layers(of: best)
    }

    private func layers(of order: [Int32]) -> [[Int]] {
        (0..<layerCount).map { order[range($0)].map(Int.init) }
    }

    /// An order to begin with: as a walk along the spans meets the slots, so that a tree has no crossing.
    private func begun(fromTop: Bool) -> [Int32] {
        var layer = [Int32](repeating: 0, count: order.count)
        for number in 0..<layerCount { for slot in order[range(number)] { layer[Int(slot)] = Int32(number) } }
        var isMet = [Bool](repeating: false, count: order.count)
        var (next, result) = (starts, order)
        for number in fromTop ? Array(0..<layerCount) : (0..<layerCount).reversed() {
            for slot in order[range(number)] where !isMet[Int(slot)] {
                var open = [slot]
                while let slot = open.popLast() {
                    guard !isMet[Int(slot)] else { continue }
                    isMet[Int(slot)] = true
                    let number = Int(layer[Int(slot)])
                    result[next[number]] = slot
                    next[number] += 1
                    let onward = fromTop ? down : up
                    for place in onward.range(slot).reversed() where !isMet[Int(onward.slots[place])] {
                        open.append(onward.slots[place])
                    }
                }
            }
        }
        return result
    }

    private mutating func notePlaces() {
        for layer in 0..<layerCount { notePlaces(of: layer) }
    }

    /// Tells the neighbours of a layer's slots where those stand.
    private mutating func notePlaces(of layer: Int) {
        down.note(order[range(layer)], of: up)
        up.note(order[range(layer)], of: down)
    }

    private mutating func crossings() -> Int {
        budget -= 2 * order.count
        return (0..<max(0, layerCount - 1)).reduce(0) { sum, layer in
            places.removeAll(keepingCapacity: true)
            for slot in order[range(layer)] { places += down.places[down.range(slot)] }
            return sum + inversions.count(places, width: range(layer + 1).count)
        }
    }

    /// Sorts each layer by the middle of the neighbours in the layer before it.
    private mutating func settle(isDownwards: Bool, isLoose: Bool) {
        budget -= 4 * order.count
        for step in 1..<layerCount {
            let layer = isDownwards ? step : layerCount - 1 - step
            let width = range(isDownwards ? layer - 1 : layer + 1).count
            let range = range(layer)
            keys.removeAll(keepingCapacity: true)
            for (place, slot) in order[range].enumerated() {
                // Who has no neighbour there keeps its place among the others.
                let alone = place * width * 1024 / range.count
                let centre = isDownwards ? up.centre(of: slot) : down.centre(of: slot)
                keys.append(UInt64(centre ?? alone) << 32 | UInt64(isLoose ? range.count - 1 - place : place))
            }
            keys.sort()
            places.removeAll(keepingCapacity: true)
            places += order[range]
            for (offset, key) in keys.enumerated() {
                let place = Int(key & 0xFFFF_FFFF)
                order[range.lowerBound + offset] = places[isLoose ? range.count - 1 - place : place]
            }
            notePlaces(of: layer)
        }
    }

    /// Lets neighbours change places for as long as that takes crossings away.
    private mutating func exchange(isLoose: Bool) {
        // Where nothing changed since it was looked at there is nothing to gain.
        var isOpen = [Bool](repeating: true, count: layerCount)
        for _ in 0..<Self.mostPasses where isOpen.contains(true) {
            for layer in 0..<layerCount where isOpen[layer] {
                isOpen[layer] = false
                let range = range(layer)
                budget -= 2 * range.count
                let change = order.withUnsafeMutableBufferPointer { order in
                    up.withLists { up in
                        down.withLists { down in
                            LayerExchange(slots: .init(rebasing: order[range]), up: up, down: down).pass(
                                isLoose: isLoose)
                        }
                    }
                }
                if change != .none { notePlaces(of: layer) }
                guard change == .better else { continue }
                for near in max(0, layer - 1)...min(layerCount - 1, layer + 1) { isOpen[near] = true }
            }
        }
    }
}

/// The neighbours of each slot in the layer before or after it.
private struct Neighbours {
    /// Where the neighbours of a slot begin in the lists; they end where those of the next slot begin.
    let starts: [Int32]
    let slots: [Int32]
    /// Their places in their layer, in rising order.
    private(set) var places: [Int32]
    private var cursors: [Int32]

    init(count: Int, of spans: [(slot: Int, neighbour: Int)]) {
        var starts = [Int32](repeating: 0, count: count + 1)
        for span in spans { starts[span.slot + 1] += 1 }
        for slot in 0..<count { starts[slot + 1] += starts[slot] }
        var (next, slots) = (starts, [Int32](repeating: 0, count: spans.count))
        for span in spans {
            slots[Int(next[span.slot])] = Int32(span.neighbour)
            next[span.slot] += 1
        }
        (self.starts, self.slots, places, cursors) = (starts, slots, slots, starts)
    }

    func range(_ slot: Int32) -> Range<Int> { Int(starts[Int(slot)])..<Int(starts[Int(slot) + 1]) }

    /// The middle of a slot's neighbours, in 1024ths of a place; nil where there is none.
    func centre(of slot: Int32) -> Int? {
        let range = range(slot)
        guard !range.isEmpty else { return nil }
        var sum = 0
        for index in range { sum += Int(places[index]) }
        return sum * 1024 / range.count
    }

    /// Takes in where the slots of a layer stand; `others` are their neighbours, whose lists these are.
    mutating func note(_ layer: ArraySlice<Int32>, of others: Neighbours) {
        for slot in layer {
            for index in others.range(slot) {
                let neighbour = Int(others.slots[index])
                cursors[neighbour] = starts[neighbour]
            }
        }
        // In the order of the layer, so each list is in order without being sorted.
        var place: Int32 = 0
        for slot in layer {
            for index in others.range(slot) {
                let neighbour = Int(others.slots[index])
                places[Int(cursors[neighbour])] = place
                cursors[neighbour] += 1
            }
            place += 1
        }
    }

    func withLists<Result>(_ body: (LayerExchange.Lists) -> Result) -> Result {
        starts.withUnsafeBufferPointer { starts in
            places.withUnsafeBufferPointer { body(LayerExchange.Lists(starts: starts, places: $0)) }
        }
    }
}

/// One layer whose slots change places, while the layers beside it stand still.
private struct LayerExchange {
    enum Change {
        case none, aside, better
    }

    /// Where the neighbours of a slot stand: its list is from its start to the next slot's.
    struct Lists {
        let starts: UnsafeBufferPointer<Int32>
        let places: UnsafeBufferPointer<Int32>
    }

    let slots: UnsafeMutableBufferPointer<Int32>
    let up: Lists
    let down: Lists

    /// Lets each slot change places with the next one where that is better, or as good.
    func pass(isLoose: Bool) -> Change {
        var change = Change.none
        var place = 1
        while place < slots.count {
            let (left, right) = (slots[place - 1], slots[place])
            let more = crossings(left, right, up) + crossings(left, right, down)
            if more < 0 || isLoose && more == 0 {
                (slots[place - 1], slots[place]) = (right, left)
                if more < 0 { change = .better } else if change == .none { change = .aside }
            }
            place += 1
        }
        return change
    }

    /// How many crossings more there are when two slots that stand beside each other change places.
    private func crossings(_ left: Int32, _ right: Int32, _ lists: Lists) -> Int {
        var first = Int(lists.starts[Int(left)])
        let firstEnd = Int(lists.starts[Int(left) + 1])
        let second = Int(lists.starts[Int(right)])
        let secondEnd = Int(lists.starts[Int(right) + 1])
        // Passages have one line each way, and most slots are passages.
        if firstEnd - first == 1, secondEnd - second == 1 {
            return Int((lists.places[second] - lists.places[first]).signum())
        }
        var sum = 0
        var (below, through) = (second, second)
        while first < firstEnd {
            let place = lists.places[first]
            while below < secondEnd, lists.places[below] < place { below += 1 }
            if through < below { through = below }
            while through < secondEnd, lists.places[through] <= place { through += 1 }
            // Those further on cross after the change, those before cross now.
            sum += (secondEnd - through) - (below - second)
            first += 1
        }
        return sum
    }
}
