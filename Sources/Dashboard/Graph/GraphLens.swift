import MeshModel

/// Which part of the mesh the graph shows: all of it, a neighbourhood, or namespaces folded into one box each.
struct GraphLens: Hashable, Sendable {
    /// The service around which everything stands; nil shows all.
    var focus: ServiceName?
    /// How many calls away from it, both ways.
    var hops = 1
    /// The namespaces that are one box each.
    var folded: Set<String> = []

    static let mostHops = 3

    var isWide: Bool { focus == nil && folded.isEmpty }

    /// The box a service stands in.
    func box(of name: ServiceName) -> ServiceName {
        guard !folded.isEmpty, let space = name.namespace, folded.contains(space) else { return name }
        return ServiceName("\(space)/*")
    }

    /// The line an edge runs along.
    func line(of edge: Edge) -> Edge {
        folded.isEmpty ? edge : Edge(from: box(of: edge.from), to: box(of: edge.to))
    }

    func seen(of graph: Digraph) -> Digraph {
        guard !isWide else { return graph }
        let near = focus.flatMap { graph.number(of: $0) }.map { neighbourhood(of: $0, in: graph) }
        func isSeen(_ number: Int) -> Bool { near?.contains(number) ?? true }
        let shown = graph.names.indices.filter(isSeen)
        var edges: Set<Edge> = []
        for from in shown {
            if graph.selfCallers.contains(from) {
                edges.insert(line(of: Edge(from: graph.names[from], to: graph.names[from])))
            }
            for to in graph.callees[from] where isSeen(to) {
                edges.insert(line(of: Edge(from: graph.names[from], to: graph.names[to])))
            }
        }
        return Digraph(services: shown.map { box(of: graph.names[$0]) }, edges: edges)
    }

    /// Who calls it within so many calls, and whom it calls.
    private func neighbourhood(of centre: Int, in graph: Digraph) -> Set<Int> {
        var near: Set<Int> = [centre]
        for ways in [graph.callers, graph.callees] {
            var edge = [centre]
            for _ in 0..<max(1, hops) {
                edge = edge.flatMap { ways[$0] }.filter { !near.contains($0) }
                near.formUnion(edge)
            }
        }
        return near
    }
}

extension Readings {
    /// The same with the numbers of folded namespaces: sums of what they hold, and the worst of their states.
    func folded(by lens: GraphLens) -> Readings {
        guard !lens.folded.isEmpty else { return self }
        var result = self
        let inner = Dictionary(grouping: services, by: { lens.box(of: $0.key) })
        for (box, members) in inner where members.count > 1 || members.first?.key != box {
            result.set(box, Reading(of: members.map(\.value)))
        }
        let lines = Dictionary(grouping: edges, by: { lens.line(of: $0.key) })
        for (line, members) in lines where members.count > 1 || members.first?.key != line {
            result.set(line, Reading(of: members.map(\.value)))
        }
        return result
    }
}

extension Reading {
    /// Several as one: their requests together, their errors by weight, and the worst of what can't be added.
    init(of parts: [Reading]) {
        let ranks: [Health] = [.bad, .warn, .ok, .stale, .unknown]
        self.init(health: ranks.first { health in parts.contains { $0.health == health } } ?? .unknown)
        let rates = parts.compactMap(\.rate)
        rate = rates.isEmpty ? nil : rates.reduce(0, +)
        requests = parts.reduce(0) { $0 &+ $1.requests }
        let failed = parts.reduce(0.0) { $0 + ($1.errors ?? 0) * Double($1.requests) }
        errors = requests > 0 ? failed / Double(requests) : nil
        p50 = parts.compactMap(\.p50).max()
        p99 = parts.compactMap(\.p99).max()
        age = parts.compactMap(\.age).min()
        silence = requests > 0 ? nil : parts.compactMap(\.silence).min()
        absence = parts.allSatisfy { $0.absence != nil } ? parts.first?.absence : nil
        for part in parts { mark(part.marks) }
    }
}
