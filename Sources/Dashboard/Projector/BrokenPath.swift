import MeshModel

/// A way through the mesh to what is broken, from where the world comes in: all that the back row sees of the graph.
struct BrokenPath: Equatable, Sendable {
    /// A service on the way, and the edge that leads to it.
    struct Stop: Equatable, Sendable {
        var service: ServiceName
        var health: Health
        /// The faults on the edge before it, as words like `ABORT 503`.
        var faults: [String] = []
    }

    var stops: [Stop]

    private static let most = 8

    /// The ways to the faults, the oldest first, and then to services that are not well and on none of these ways.
    static func all(in state: DashboardState) -> [BrokenPath] {
        let mesh = state.shown
        let ways = Ways(state.digraph, entrance: mesh.session?.entrance)
        var chains: [[ServiceName]] = []
        for fault in mesh.activeFaults.prefix(most) {
            let way = ways.way(to: fault.edge.from)
            chains.append(way.last == fault.edge.to ? way : way + [fault.edge.to])
        }
        var seen = Set(chains.joined())
        let unwell = state.shownReadings.worstFirst().prefix(most).filter { name in
            switch state.shownReadings[name].health {
            case .bad, .warn, .stale: true
            case .ok, .unknown: false
            }
        }
        for name in unwell where !seen.contains(name) {
            chains.append(ways.way(to: name))
            seen.formUnion(chains.last ?? [])
        }
        // A way that is only the beginning of another tells nothing more.
        let whole = chains.enumerated().filter { index, chain in
            !chains.enumerated().contains { other, longer in
                other != index && longer.starts(with: chain) && (longer.count > chain.count || other < index)
            }
        }
        return whole.prefix(most).map { BrokenPath(stops: stops(on: $0.element, state)) }
    }

    private static func stops(on chain: [ServiceName], _ state: DashboardState) -> [Stop] {
        chain.enumerated().map { index, name in
            let before = index > 0 ? chain[index - 1] : nil
            let faults = state.shown.activeFaults.filter { $0.edge.from == before && $0.edge.to == name }
            return Stop(
                service: name, health: state.shownReadings[name].health,
                faults: faults.map { "\($0.id) \($0.kind.label)" })
        }
    }
}

/// The shortest ways from the entrance to every service.
private struct Ways {
    private let graph: Digraph
    private var callers: [Int: Int] = [:]

    init(_ graph: Digraph, entrance: ServiceName?) {
        self.graph = graph
        guard let start = entrance.flatMap({ graph.number(of: $0) }) else { return }
        var queue = [start]
        var known: Set<Int> = [start]
        var next = 0
        while next < queue.count {
            for callee in graph.callees[queue[next]] where known.insert(callee).inserted {
                callers[callee] = queue[next]
                queue.append(callee)
            }
            next += 1
        }
    }

    /// The services on the way, the last one included; alone when no way is known.
    func way(to name: ServiceName) -> [ServiceName] {
        guard var place = graph.number(of: name) else { return [name] }
        var way = [name]
        while let caller = callers[place] {
            way.append(graph.names[caller])
            place = caller
        }
        return way.reversed()
    }
}
