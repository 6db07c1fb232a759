import MeshModel
import TerminalCanvas

/// The service graph as it is shown: boxes where there is room, else a tree, else a table.
enum GraphPicture: Equatable, Sendable {
    case boxes(GraphPlan)
    case tree(ServiceTree)
    case table

    /// What a person chose; `auto` leaves it to the room there is.
    enum Choice: String, CaseIterable, Sendable {
        case auto, boxes, tree, table
    }

    /// More boxes than this nobody can read, whatever the room.
    static let mostBoxes = 60
    /// Who asks for boxes scrolls through so many.
    static let mostBoxesAsked = 4 * mostBoxes
    /// A tree longer than that is worse to read than a table of the worst.
    static let mostTreeRows = 120

    init(
        _ graph: Digraph, entrance: ServiceName?, area: Size, choice: Choice, detail: GraphShape.Detail = .numbers
    ) {
        let mostBoxes = detail == .names ? Self.mostBoxesAsked : Self.mostBoxes
        switch choice {
        case .table: self = .table
        case .tree: self = .tree(ServiceTree(graph, entrance: entrance))
        case .boxes where graph.names.count <= Self.mostBoxesAsked:
            self = .boxes(Self.plan(graph, entrance: entrance, area: area, detail: detail))
        case .auto, .boxes:
            if graph.names.count <= mostBoxes {
                let plan = Self.plan(graph, entrance: entrance, area: area, detail: detail)
                // Who asks for all of each box scrolls.
                if plan.fits || detail == .all {
                    self = .boxes(plan)
                    return
                }
            }
            self = graph.names.count <= Self.mostTreeRows ? .tree(ServiceTree(graph, entrance: entrance)) : .table
        }
    }

    /// From left to right, as one reads; from the top down where only that shows all at once with all figures.
    private static func plan(
        _ graph: Digraph, entrance: ServiceName?, area: Size, detail: GraphShape.Detail
    ) -> GraphPlan {
        let across = GraphPlan(graph, entrance: entrance, area: area, detail: detail)
        guard !across.fits || across.shape.words == .within && detail != .names else { return across }
        let down = GraphPlan(graph, entrance: entrance, area: area, detail: detail, isTopDown: true)
        return down.fits ? down : across
    }
}
