import MeshModel

/// The graph as an indented list, for narrow screens: each service once with all it calls, later only by its name.
struct ServiceTree: Equatable, Sendable {
    struct Row: Equatable, Sendable {
        var service: ServiceName
        /// The call that leads here; nil for a service at the top.
        var edge: Edge?
        /// For each level above whether its line goes on below this row.
        var rails: [Bool]
        /// Whether it is the last of its siblings.
        var isLast: Bool
        /// Shown with all it calls further up.
        var isRepeat: Bool
    }

    private(set) var rows: [Row] = []

    /// No more rows than a person could scroll through.
    private static let mostRows = 5000

    init(_ graph: Digraph, entrance: ServiceName?) {
        var isShown = [Bool](repeating: false, count: graph.names.count)
        for root in graph.roots(entrance: entrance) where !isShown[root] {
            var open = [Row(service: graph.names[root], edge: nil, rails: [], isLast: true, isRepeat: false)]
            while var row = open.popLast(), rows.count < Self.mostRows {
                guard let number = graph.number(of: row.service) else { continue }
                row.isRepeat = isShown[number]
                isShown[number] = true
                rows.append(row)
                guard !row.isRepeat else { continue }
                let rails = row.edge == nil ? [] : row.rails + [!row.isLast]
                for (place, callee) in graph.callees[number].enumerated().reversed() {
                    let name = graph.names[callee]
                    open.append(
                        Row(
                            service: name, edge: Edge(from: row.service, to: name), rails: rails,
                            isLast: place == graph.callees[number].count - 1, isRepeat: false))
                }
                // A call to itself stands first.
                guard graph.selfCallers.contains(number) else { continue }
                let own = Edge(from: row.service, to: row.service)
                let isOnly = graph.callees[number].isEmpty
                open.append(Row(service: row.service, edge: own, rails: rails, isLast: isOnly, isRepeat: false))
            }
        }
    }

    /// The row that shows a selection best.
    func row(of scope: Scope?) -> Int? {
        switch scope {
        case .service(let name): rows.firstIndex { $0.service == name && !$0.isRepeat }
        case .edge(let edge): rows.firstIndex { $0.edge == edge }
        case nil: nil
        }
    }
}
