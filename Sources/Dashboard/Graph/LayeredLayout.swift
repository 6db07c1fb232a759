import MeshModel

/// Which service stands in which layer and in which order: the first three steps of Sugiyama's method (1981).
/// It knows no cells; `GraphPlan` gives each place its coordinates. The same graph always has the same layout.
struct LayeredLayout: Sendable {
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

    /// The same by numbers: slots below the number of services are services, the others passages.
    let numbers: LayeredOrder

    init(_ graph: Digraph, entrance: ServiceName?) {
        let assignment = LayerAssignment(
            graph, entrance: entrance.flatMap(graph.number(of:)), roots: graph.roots(entrance: entrance))
        var layers = [[Int]](repeating: [], count: assignment.count)
        var spans: [(upper: Int, lower: Int)] = []
        var reversed: Set<Edge> = []
        var passages: [Edge] = []
        for number in assignment.order { layers[assignment.layers[number]].append(number) }
        for from in assignment.order {
            for to in graph.callees[from] {
                let isBack = assignment.layers[from] > assignment.layers[to]
                let (upper, lower) = isBack ? (to, from) : (from, to)
                let edge = Edge(from: graph.names[from], to: graph.names[to])
                if isBack { reversed.insert(edge) }
                var above = upper
                for layer in stride(from: assignment.layers[upper] + 1, to: assignment.layers[lower], by: 1) {
                    let passage = graph.names.count + passages.count
                    passages.append(edge)
                    layers[layer].append(passage)
                    spans.append((above, passage))
                    above = passage
                }
                spans.append((above, lower))
            }
        }
        var reduction = CrossingReduction(layers: layers, spans: spans)
        numbers = LayeredOrder(layers: reduction.reduced(), spans: spans)
        self.reversed = reversed
        self.layers = numbers.layers.map { layer in
            layer.map { slot in
                slot < graph.names.count
                    ? .service(graph.names[slot]) : .passage(passages[slot - graph.names.count])
            }
        }
    }
}
