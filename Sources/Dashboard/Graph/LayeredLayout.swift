import MeshModel

/// Which service stands in which layer and in which order: the first three steps of Sugiyama's method (1981).
/// It knows no cells; `GraphPlan` gives each place its coordinates.
struct LayeredLayout: Equatable, Sendable {
    /// What stands at a place of a layer.
    enum Slot: Hashable, Sendable {
        case service(ServiceName)
        /// An edge that goes on through this layer without a stop.
        case passage(Edge)
    }

    /// The layers from the entrance on, each from top to bottom.
    var layers: [[Slot]]
    /// Edges which lead back towards the entrance; they are laid out as if they led the other way.
    var reversed: Set<Edge>

    init(_ graph: Digraph, entrance: ServiceName?) {
        let forward = Self.withoutCycles(graph, entrance: entrance)
        let depth = Self.depths(graph, forward: forward, entrance: entrance)
        var reversed: Set<Edge> = []
        var layers = [[Slot]](repeating: [], count: (depth.max() ?? -1) + 1)
        var spans: [(upper: Slot, lower: Slot)] = []
        for number in forward.order { layers[depth[number]].append(.service(graph.names[number])) }
        for from in forward.order {
            for to in graph.callees[from] {
                let edge = Edge(from: graph.names[from], to: graph.names[to])
                let isBack = depth[from] > depth[to]
                if isBack { reversed.insert(edge) }
                let upper = isBack ? to : from
                let lower = isBack ? from : to
                var above = Slot.service(graph.names[upper])
                for layer in stride(from: depth[upper] + 1, to: depth[lower], by: 1) {
                    layers[layer].append(.passage(edge))
                    spans.append((above, .passage(edge)))
                    above = .passage(edge)
                }
                spans.append((above, .service(graph.names[lower])))
            }
        }
        self.reversed = reversed
        self.layers = CrossingReduction(layers: layers, spans: spans).reduced()
    }

    /// The edges that remain when those are left out which close a cycle, and the services callers first.
    private static func withoutCycles(
        _ graph: Digraph, entrance: ServiceName?
    ) -> (callees: [[Int]], order: [Int]) {
        var callees = [[Int]](repeating: [], count: graph.names.count)
        var isOpen = [Bool](repeating: false, count: graph.names.count)
        var isDone = isOpen
        var finished: [Int] = []
        for root in graph.roots(entrance: entrance) where !isDone[root] {
            var path = [(number: root, next: 0)]
            isOpen[root] = true
            while let top = path.last {
                guard top.next < graph.callees[top.number].count else {
                    isOpen[top.number] = false
                    isDone[top.number] = true
                    finished.append(top.number)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let callee = graph.callees[top.number][top.next]
                if isOpen[callee] { continue }
                callees[top.number].append(callee)
                if !isDone[callee] {
                    isOpen[callee] = true
                    path.append((callee, 0))
                }
            }
        }
        return (callees, finished.reversed())
    }

    /// How many calls each service is from the entrance, by the longest way.
    private static func depths(
        _ graph: Digraph, forward: (callees: [[Int]], order: [Int]), entrance: ServiceName?
    ) -> [Int] {
        var depth = [Int](repeating: 0, count: graph.names.count)
        for number in forward.order {
            for callee in forward.callees[number] { depth[callee] = max(depth[callee], depth[number] + 1) }
        }
        // Somebody whom nobody calls stands next to those whom it calls, not far away beside the entrance.
        for number in forward.order where graph.callers[number].isEmpty && graph.names[number] != entrance {
            let nearest = forward.callees[number].map { depth[$0] }.min() ?? 0
            depth[number] = max(0, nearest - 1)
        }
        return depth
    }
}
