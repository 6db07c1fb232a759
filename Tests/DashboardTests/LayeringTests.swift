import MeshModel
import TestKit
import Testing

@testable import Dashboard

/// The layers of a graph and the order in each: sound, the same each time, and with few crossings.
struct LayeringTests {
    @Test(arguments: SeededGenerator.seeds(30))
    func `a line goes through every layer between its ends, and no other`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let graph = Self.random(&generator)
        let layout = LayeredLayout(graph, entrance: "s0")
        var layer: [Int: Int] = [:]
        for (number, slots) in layout.numbers.layers.enumerated() {
            for slot in slots { #expect(layer.updateValue(number, forKey: slot) == nil, "seed \(seed): twice \(slot)") }
        }
        #expect(graph.names.indices.allSatisfy { layer[$0] != nil })
        for span in layout.numbers.spans {
            #expect((layer[span.lower] ?? -9) - (layer[span.upper] ?? 9) == 1, "seed \(seed): \(span)")
        }
        let calls = graph.callees.reduce(0) { $0 + $1.count }
        let passages = layer.count - graph.names.count
        #expect(layout.numbers.spans.count == calls + passages)
    }

    @Test(arguments: SeededGenerator.seeds(30))
    func `lines are at most as long as when each service stands as near to the entrance as it can`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let graph = Self.random(&generator)
        let number = graph.number(of: "s0")
        let assignment = LayerAssignment(graph, entrance: number, roots: graph.roots(entrance: "s0"))
        var nearest = [Int](repeating: 0, count: graph.names.count)
        var (length, most) = (0, 0)
        let place = Dictionary(uniqueKeysWithValues: assignment.order.enumerated().map { ($0.element, $0.offset) })
        func forward(_ from: Int) -> [Int] { graph.callees[from].filter { (place[$0] ?? 0) > (place[from] ?? 0) } }
        for from in assignment.order {
            for to in forward(from) { nearest[to] = max(nearest[to], nearest[from] + 1) }
        }
        for from in assignment.order {
            for to in forward(from) {
                let own = assignment.layers[to] - assignment.layers[from]
                #expect(own >= 1, "seed \(seed): \(graph.names[from]) > \(graph.names[to])")
                length += own
                most += nearest[to] - nearest[from]
            }
        }
        #expect(length <= most, "seed \(seed)")
        #expect(assignment.layers.min() == 0)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `crossings are counted as one by one`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let order = LayeredLayout(Self.random(&generator), entrance: nil).numbers
        #expect(order.crossings == Self.crossings(of: order), "seed \(seed)")
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `reduction never adds a crossing, and gives the same order each time`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let graph = Self.random(&generator)
        let order = LayeredLayout(graph, entrance: "s0").numbers
        let shuffled = order.layers.map { $0.shuffled(using: &generator) }
        let before = LayeredOrder(layers: shuffled, spans: order.spans)
        #expect(order.layers == LayeredLayout(graph, entrance: "s0").numbers.layers)
        var reduction = CrossingReduction(layers: shuffled, spans: order.spans)
        let after = LayeredOrder(layers: reduction.reduced(), spans: order.spans)
        #expect(after.crossings <= before.crossings, "seed \(seed)")
        #expect(after.layers.map(Set.init) == before.layers.map(Set.init), "seed \(seed)")
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `a tree has no crossing`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let edges = (1..<generator.int(in: 2...200)).map {
            Edge(from: ServiceName("s\(generator.int(in: 0...$0 - 1))"), to: ServiceName("s\($0)"))
        }
        #expect(LayeredOrder(of: edges, entrance: "s0").crossings == 0, "seed \(seed)")
    }

    @Test func `a client that nobody calls stands beside those whom it calls`() {
        let edges = [
            Edge(from: "a", to: "b"), Edge(from: "b", to: "c"), Edge(from: "c", to: "d"), Edge(from: "x", to: "d"),
        ]
        let graph = Digraph(services: [], edges: edges)
        let assignment = LayerAssignment(graph, entrance: 0, roots: graph.roots(entrance: "a"))
        #expect(assignment.layers == [0, 1, 2, 3, 2])
    }

    private static func crossings(of order: LayeredOrder) -> Int {
        var (layer, place): ([Int: Int], [Int: Int]) = ([:], [:])
        for (number, slots) in order.layers.enumerated() {
            for (index, slot) in slots.enumerated() { (layer[slot], place[slot]) = (number, index) }
        }
        var count = 0
        for (index, one) in order.spans.enumerated() {
            for other in order.spans[(index + 1)...] where layer[one.upper] == layer[other.upper] {
                let upper = (place[one.upper] ?? 0) - (place[other.upper] ?? 0)
                let lower = (place[one.lower] ?? 0) - (place[other.lower] ?? 0)
                if upper * lower < 0 { count += 1 }
            }
        }
        return count
    }

    private static func random(_ generator: inout SeededGenerator) -> Digraph {
        let count = generator.int(in: 1...40)
        let names = (0..<count).map { ServiceName("s\($0)") }
        let edges = (0..<generator.int(in: 0...90)).map { _ in
            Edge(from: names[generator.int(in: 0...count - 1)], to: names[generator.int(in: 0...count - 1)])
        }
        return Digraph(services: names, edges: edges)
    }
}
