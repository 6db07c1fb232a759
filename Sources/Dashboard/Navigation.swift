import MeshModel
import TerminalCanvas

/// Where an arrow key leads from the selected service or edge.
struct Navigation {
    let graph: Digraph
    let picture: GraphPicture
    /// The services in the order of the table.
    let table: [ServiceName]

    func next(from scope: Scope, _ direction: Direction) -> Scope {
        switch (scope, isTopDown ? direction.turned : direction) {
        case (.service(let name), .right): callee(of: name).map(Scope.edge) ?? scope
        case (.service(let name), .left): caller(of: name).map(Scope.edge) ?? scope
        case (.edge(let edge), .right): .service(edge.to)
        case (.edge(let edge), .left): .service(edge.from)
        case (_, .up): sibling(of: scope, by: -1)
        case (_, .down): sibling(of: scope, by: 1)
        }
    }

    /// The first or the last of what stands beside a selection.
    func end(of scope: Scope, isLast: Bool) -> Scope {
        let list = siblings(of: scope)
        return (isLast ? list.last : list.first) ?? scope
    }

    func sibling(of scope: Scope, by distance: Int) -> Scope {
        let list = siblings(of: scope)
        guard let index = list.firstIndex(of: scope) else { return list.first ?? scope }
        return list[min(max(0, index + distance), list.count - 1)]
    }

    /// What stands above and below a selection, itself included, from top to bottom.
    private func siblings(of scope: Scope) -> [Scope] {
        switch (picture, scope) {
        case (.boxes(let plan), .service(let name)):
            guard let box = plan.boxes[name] else { return [] }
            if plan.shape.isTopDown {
                return plan.boxes.filter { $0.value.row == box.row }
                    .sorted { $0.value.column < $1.value.column }.map { .service($0.key) }
            }
            return plan.boxes.filter { $0.value.column == box.column }
                .sorted { $0.value.row < $1.value.row }.map { .service($0.key) }
        case (.boxes(let plan), .edge(let edge)):
            guard let label = plan.routes[edge]?.label else { return [] }
            if plan.shape.isTopDown {
                return plan.routes.filter { $0.value.label.row == label.row }
                    .sorted { ($0.value.label.column, $0.key) < ($1.value.label.column, $1.key) }.map { .edge($0.key) }
            }
            return plan.routes.filter { $0.value.label.column == label.column }
                .sorted { ($0.value.label.row, $0.key) < ($1.value.label.row, $1.key) }.map { .edge($0.key) }
        case (.tree(let tree), .service):
            return tree.rows.filter { !$0.isRepeat }.map { .service($0.service) }
        case (.tree(let tree), .edge):
            return tree.rows.compactMap { $0.edge.map(Scope.edge) }
        case (.table, .service):
            return table.map { .service($0) }
        case (.table, .edge(let edge)):
            guard let number = graph.number(of: edge.from) else { return [] }
            return graph.callees[number].map { .edge(Edge(from: edge.from, to: graph.names[$0])) }
        }
    }

    private func callee(of name: ServiceName) -> Edge? {
        guard let number = graph.number(of: name) else { return nil }
        return nearest(graph.callees[number].map { Edge(from: name, to: graph.names[$0]) }, to: name)
    }

    private func caller(of name: ServiceName) -> Edge? {
        guard let number = graph.number(of: name) else { return nil }
        return nearest(graph.callers[number].map { Edge(from: graph.names[$0], to: name) }, to: name)
    }

    /// The edge whose words stand nearest to a box; without boxes the first.
    private func nearest(_ edges: [Edge], to name: ServiceName) -> Edge? {
        guard case .boxes(let plan) = picture, let box = plan.boxes[name] else { return edges.first }
        let isTopDown = plan.shape.isTopDown
        let middle = isTopDown ? box.column + (box.columns - 1) / 2 : box.row + (box.rows - 1) / 2
        func distance(_ edge: Edge) -> Int {
            plan.routes[edge].map { abs((isTopDown ? $0.label.column : $0.label.row) - middle) } ?? .max
        }
        return edges.min { (distance($0), $0) < (distance($1), $1) }
    }

    private var isTopDown: Bool {
        if case .boxes(let plan) = picture { plan.shape.isTopDown } else { false }
    }
}

extension Direction {
    /// The same way in a graph whose layers lie below each other.
    fileprivate var turned: Direction {
        switch self {
        case .up: .left
        case .down: .right
        case .left: .up
        case .right: .down
        }
    }
}
