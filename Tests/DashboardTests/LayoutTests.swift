import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// The layered layout: every service once, in layers from the entrance on, and pinned once it is there.
struct LayoutTests {
    static let bar = Digraph(services: BarDay.services, edges: BarDay.edges.map(\.0))

    @Test func `the bar has four layers from the door to the cellar`() {
        let layout = LayeredLayout(Self.bar, entrance: "door")
        let services = layout.layers.map { layer in
            layer.compactMap { slot -> String? in if case .service(let name) = slot { name.text } else { nil } }
                .sorted()
        }
        #expect(
            services == [
                ["door"], ["bar", "bathroom", "bouncer"], ["kitchen", "menu", "tab", "taps"], ["cellar", "till"],
            ])
        #expect(layout.reversed.isEmpty)
    }

    @Test func `the bar fits as boxes into 118x24 and not into 44x12`() {
        #expect(GraphPlan(Self.bar, entrance: "door", area: Size(118, 24)).fits)
        #expect(!GraphPlan(Self.bar, entrance: "door", area: Size(44, 12)).fits)
    }

    @Test(arguments: SeededGenerator.seeds(40))
    func `in any graph boxes and passages never overlap and every edge has a way`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let graph = Self.random(&generator)
        let plan = GraphPlan(graph, entrance: graph.names.first, area: Size(120, 40))
        Self.expectSound(plan, graph, seed)
        for (number, from) in graph.names.enumerated() {
            for callee in graph.callees[number] {
                let edge = Edge(from: from, to: graph.names[callee])
                let route = plan.routes[edge]
                #expect(route != nil, "seed \(seed): \(edge) has no way")
                let corners = route?.corners ?? []
                for (one, other) in zip(corners, corners.dropFirst()) {
                    #expect(one.row == other.row || one.column == other.column, "seed \(seed): \(edge) is not square")
                }
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `a new service moves none of the others`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let graph = Self.random(&generator)
        let plan = GraphPlan(graph, entrance: graph.names.first, area: Size(120, 40))
        let caller = graph.names[generator.int(in: 0...graph.names.count - 1)]
        let edges = Self.edges(of: graph) + [Edge(from: caller, to: "late"), Edge(from: "late", to: graph.names[0])]
        let grown = Digraph(services: graph.names, edges: edges)
        let extended = plan.extended(to: grown)
        for (name, box) in plan.boxes { #expect(extended.boxes[name] == box, "seed \(seed): \(name) moved") }
        #expect(extended.boxes["late"] != nil)
        Self.expectSound(extended, grown, seed)
    }

    @Test func `edges that lead back are drawn with their head at the caller's side of the callee`() {
        let graph = Digraph(services: [], edges: [Edge(from: "a", to: "b"), Edge(from: "b", to: "a")])
        let plan = GraphPlan(graph, entrance: "a", area: Size(80, 20))
        #expect(plan.routes[Edge(from: "a", to: "b")]?.heading == .right)
        #expect(plan.routes[Edge(from: "b", to: "a")]?.heading == .left)
    }

    @Test func `crossing reduction straightens a ladder that was given crossed`() {
        let edges = ["d", "c", "b", "a"].enumerated().map {
            Edge(from: "r", to: ServiceName("\($0.element)\($0.offset)"))
        }
        let lower = edges.map { Edge(from: $0.to, to: ServiceName("z" + String($0.to.text.last ?? "0"))) }
        let layout = LayeredLayout(Digraph(services: [], edges: edges + lower), entrance: "r")
        let order = layout.layers[1].compactMap { slot -> Character? in
            if case .service(let name) = slot { name.text.last } else { nil }
        }
        let below = layout.layers[2].compactMap { slot -> Character? in
            if case .service(let name) = slot { name.text.last } else { nil }
        }
        #expect(order == below)
    }

    @Test func `lines of a channel never lie upon each other when they can avoid it`() {
        let nets = [
            ChannelTracks.Net(left: [2], right: [8]), ChannelTracks.Net(left: [8], right: [2]),
            ChannelTracks.Net(left: [5], right: [5]),
        ]
        let assigned = ChannelTracks.assigned(nets)
        #expect(assigned.tracks[0] != assigned.tracks[1])
        #expect(assigned.tracks[2] == nil)
        #expect(assigned.count == 2)
    }

    @Test func `the tree shows each service once in full and later by name only`() {
        let tree = ServiceTree(Self.bar, entrance: "door")
        let full = tree.rows.filter { !$0.isRepeat }.map(\.service)
        #expect(Set(full) == Set(BarDay.services) && full.count == BarDay.services.count)
        #expect(tree.rows.filter { $0.service == "cellar" }.count == 3)
        #expect(tree.rows.count == BarDay.edges.count + 1)
    }

    @Test func `a tree of a cycle ends`() {
        let graph = Digraph(services: [], edges: [Edge(from: "a", to: "b"), Edge(from: "b", to: "a")])
        #expect(ServiceTree(graph, entrance: "a").rows.count == 3)
    }

    private static func expectSound(_ plan: GraphPlan, _ graph: Digraph, _ seed: UInt64) {
        #expect(Set(plan.boxes.keys) == Set(graph.names), "seed \(seed): not every service has a box")
        for column in plan.columns {
            let sorted = column.sorted { $0.top < $1.top }
            for (one, other) in zip(sorted, sorted.dropFirst()) {
                #expect(one.end <= other.top, "seed \(seed): \(one.slot) lies on \(other.slot)")
            }
        }
        for box in plan.boxes.values {
            #expect(
                box.column >= 0 && box.row >= 0 && box.endColumn <= plan.size.columns && box.endRow <= plan.size.rows)
        }
    }

    private static func edges(of graph: Digraph) -> [Edge] {
        graph.callees.enumerated().flatMap { number, callees in
            callees.map { Edge(from: graph.names[number], to: graph.names[$0]) }
        }
    }

    private static func random(_ generator: inout SeededGenerator) -> Digraph {
        let count = generator.int(in: 1...24)
        let names = (0..<count).map { ServiceName("s\($0)") }
        let edges = (0..<generator.int(in: 0...40)).map { _ in
            Edge(from: names[generator.int(in: 0...count - 1)], to: names[generator.int(in: 0...count - 1)])
        }
        return Digraph(services: names, edges: edges)
    }
}

/// Texts that are longer than their dialog.
struct ScrolledTextTests {
    @Test(arguments: [Size(80, 24), Size(120, 40), Size(60, 20)])
    func `the help stops where its end is seen, and goes back at the first key`(size: Size) {
        var day = BarDay(size)
        day.run(seconds: 2)
        day.press("? end")
        let end = CanvasText.glyphs(Screen.draw(day.state))
        #expect(end.contains("kills the control plane"))
        day.press(String(repeating: "pgdn ", count: 30))
        #expect(CanvasText.glyphs(Screen.draw(day.state)) == end)
        day.press("up")
        #expect(CanvasText.glyphs(Screen.draw(day.state)) != end)
        day.press("down")
        #expect(CanvasText.glyphs(Screen.draw(day.state)) == end)
        day.press("home pgdn end esc")
        #expect(!day.state.hasLayer)
    }

    @Test func `a question stands alone, without the form that it came of`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 8)
        day.state.select(.edge(Edge(from: "taps", to: "cellar")))
        day.press("f enter")
        let question = CanvasText.glyphs(Screen.draw(day.state))
        #expect(question.contains("Inject this fault?") && !question.contains("INJECT A FAULT"))
        day.press("esc")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("INJECT A FAULT"))
    }
}
