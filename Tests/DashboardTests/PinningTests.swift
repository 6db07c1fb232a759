import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Boxes stay where they are, and lines keep out of them, whatever comes.
struct PinningTests {
    @Test(arguments: SeededGenerator.seeds(30))
    func `no sequence of additions moves a box, and no line runs through one`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var edges = Self.edges(4, among: 6, &generator)
        var graph = Digraph(services: ["s0"], edges: edges)
        var plan = GraphPlan(graph, entrance: "s0", area: Size(120, 40))
        var count = 6
        for step in 0..<12 {
            count += generator.int(in: 0...2)
            edges += Self.edges(generator.int(in: 1...3), among: count, &generator)
            graph = Digraph(services: graph.names, edges: edges)
            let next = plan.extended(to: graph)
            for (name, box) in plan.boxes {
                #expect(next.boxes[name] == box, "seed \(seed), step \(step): \(name) moved")
            }
            #expect(Set(next.boxes.keys) == Set(graph.names))
            next.expectClearLines("seed \(seed), step \(step)")
            plan = next
        }
    }

    @Test(arguments: SeededGenerator.seeds(30))
    func `no line of a fresh plan runs through a box, at any detail`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let graph = Digraph(
            services: ["s0"], edges: Self.edges(generator.int(in: 0...40), among: 20, &generator))
        for detail in GraphShape.Detail.allCases {
            let plan = GraphPlan(graph, entrance: "s0", area: Size(140, 44), detail: detail)
            plan.expectClearLines("seed \(seed)")
        }
    }

    @Test func `a screen that comes back shows its boxes where they were`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        day.extra.append((Edge(from: "tab", to: "bank"), 3))
        day.run(seconds: 8)
        let before = Self.boxes(of: day)
        #expect(before["bank"] != nil)
        day.press("2")
        #expect(Self.boxes(of: day) != before)
        day.press("1")
        #expect(Self.boxes(of: day) == before)
        day.press("v v v v")
        #expect(Self.boxes(of: day) == before)
        _ = day.state.update(.size(Size(200, 60)))
        _ = day.state.update(.size(Size(120, 40)))
        #expect(Self.boxes(of: day) == before)
        day.press("L")
        #expect(Self.boxes(of: day) != before)
    }

    private static func edges(_ count: Int, among services: Int, _ generator: inout SeededGenerator) -> [Edge] {
        (0..<count).map { _ in
            let ends = (generator.int(in: 0...services - 1), generator.int(in: 0...services - 1))
            return Edge(from: ServiceName("s\(ends.0)"), to: ServiceName("s\(ends.1)"))
        }
    }

    private static func boxes(of day: BarDay) -> [ServiceName: Rect] {
        if case .boxes(let plan) = day.state.picture { plan.boxes } else { [:] }
    }
}

extension GraphPlan {
    /// Fails where a line of an edge runs through a box.
    func expectClearLines(_ words: String) {
        for (edge, route) in routes {
            for (from, to) in zip(route.corners, route.corners.dropFirst()) {
                let line = Rect(
                    min(from.column, to.column), min(from.row, to.row), abs(from.column - to.column) + 1,
                    abs(from.row - to.row) + 1)
                for (name, box) in boxes where !line.intersection(box).isEmpty {
                    Issue.record("\(words): \(edge) runs through \(name)")
                }
            }
        }
    }
}
