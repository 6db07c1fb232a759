import MeshModel

/// From a fault to what suffers by it, hop by hop against the calls, each with what is worse than before the fault.
struct FaultPath: Equatable, Sendable {
    /// A service that calls what is broken, and how much worse it does.
    struct Hop: Equatable, Sendable {
        var service: ServiceName
        var health: Health
        /// `+434 ms`, `+50% errors`; nil where nothing is worse, or nothing is known of before.
        var worse: String?
    }

    var fault: String
    var label: String
    var callee: ServiceName
    /// The caller of the edge first, the entrance last.
    var hops: [Hop]

    private static let most = 6

    /// The paths of the standing faults, the oldest first.
    static func all(in state: DashboardState) -> [FaultPath] {
        let ways = Ways(state.digraph, entrance: state.shown.session?.entrance)
        return state.shown.activeFaults.prefix(most).map { fault in
            FaultPath(
                fault: fault.id, label: fault.kind.label, callee: fault.edge.to,
                hops: ways.way(to: fault.edge.from).reversed().map { hop($0, state) })
        }
    }

    private static func hop(_ name: ServiceName, _ state: DashboardState) -> Hop {
        Hop(
            service: name, health: state.shownReadings[name].health,
            worse: state.difference(of: .service(name)).flatMap(words))
    }

    /// What is worse by the most telling measure.
    private static func words(_ difference: Difference) -> String? {
        if let errors = difference[.success], errors.tendency == .worse {
            return "+\(Format.points(-errors.amount))% errors"
        }
        if let late = difference[.p99], late.tendency == .worse {
            return "+\(PlainWords.latency(late.amount.rounded()))"
        }
        return nil
    }

    /// Services that fail although no fault is behind them: nothing that was injected explains them.
    static func unexplained(in state: DashboardState) -> [ServiceName] {
        let mesh = state.shown
        // What was removed a moment ago is still felt.
        let felt = mesh.faults.suffix(20).filter { fault in
            !fault.phase.isOver
                || fault.endedAt.map { state.shownAt.seconds(since: $0) < Baseline.seconds / 2 } ?? false
        }
        let graph = state.digraph
        var reached: Set<Int> = []
        var queue = felt.flatMap { [$0.edge.from, $0.edge.to] }.compactMap { graph.number(of: $0) }
        while let next = queue.popLast() {
            guard reached.insert(next).inserted else { continue }
            queue += graph.callers[next]
        }
        let failing = state.shownReadings.worstFirst().prefix { state.shownReadings[$0].health == .bad }
        let causes = failing.filter { name in graph.number(of: name).map { !reached.contains($0) } ?? false }
        // Who calls what fails, fails with it: only the last of such a row is told.
        let numbers = Set(causes.compactMap { graph.number(of: $0) })
        return causes.filter { name in
            graph.number(of: name).map { graph.callees[$0].allSatisfy { !numbers.contains($0) } } ?? true
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
