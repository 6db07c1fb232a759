import MeshModel
import TerminalCanvas

/// Where the boxes and edges of a service graph stand, in cells from the top left of the graph.
///
/// It is made when the topology or the size changes, never for a frame. A plan that is extended keeps every box in place.
struct GraphPlan: Equatable, Sendable {
    /// What a plan was made for: as long as that is the same, boxes stay where they are.
    struct Key: Hashable, Sendable {
        var area: Size
        var detail: GraphShape.Detail
        var lens: GraphLens
    }

    /// The way of one edge over the screen.
    struct Route: Equatable, Sendable {
        /// Its corners from the caller to the callee; two neighbours share a row or a column.
        var corners: [Point]
        /// The corner up to which other edges of the caller run along the same line; 0 when none does.
        var shared: Int
        /// The stretch of its last horizontal piece that words may stand on; empty when there is none.
        var label: Rect
        /// The free line above those words.
        var above: Rect?
        /// The free line below them.
        var below: Rect?
        /// The cell before the callee's box, where the arrow's head is.
        var head: Point
        /// The way the head points.
        var heading: Direction
    }

    private(set) var boxes: [ServiceName: Rect] = [:]
    private(set) var routes: [Edge: Route] = [:]
    /// The cells it needs; it may be more than the area it was made for, and is scrolled then.
    private(set) var size: Size
    private(set) var shape: GraphShape
    /// Services that call themselves.
    private(set) var selfCallers: Set<ServiceName> = []
    private(set) var columns: [[RowPlacement.Place]]
    private(set) var channels: [Channel] = []

    /// The room between two layers.
    struct Channel: Equatable, Sendable {
        var start: Int
        /// The columns for vertical lines; the rest is for words and the arrow's head.
        var tracks: Int
        var end: Int

        /// Words keep a blank to the lines on their left.
        var wordsStart: Int { start + tracks + 2 }
        /// Columns that are no words': one before the tracks, one after them, and the arrow's head.
        static let margins = 3
    }

    private let area: Size
    /// The area as the layers see it: turned where they lie below each other.
    private var room: Size { shape.isTopDown ? area.turned : area }
    /// What it shows.
    private var graph: Digraph

    /// Plans a graph anew. If even the tightest shape does not fit, the plan is larger than the area.
    init(
        _ graph: Digraph, entrance: ServiceName?, area whole: Size, detail: GraphShape.Detail = .numbers,
        isTopDown: Bool = false
    ) {
        let area = isTopDown ? whole.turned : whole
        let layout = LayeredLayout(graph, entrance: entrance)
        let joined = Self.joined(layout, graph)
        var chosen: (shape: GraphShape, columns: [[RowPlacement.Place]], needed: Size)?
        let longest = graph.names.map { Text.width($0.text) }.max() ?? 0
        let shapes =
            isTopDown
            ? GraphShape.topDown(longestName: longest, detail: detail)
            : GraphShape.all(longestName: longest, detail: detail)
        for var shape in shapes {
            func height(_ slot: LayeredLayout.Slot) -> Int {
                guard case .service(let name) = slot, let number = graph.number(of: name) else { return 1 }
                return shape.height(callers: graph.callers[number].count)
            }
            let heights = layout.layers.map { $0.map(height) }
            var rows = RowPlacement.neededRows(heights, gap: shape.gap)
            while shape.gap < GraphShape.widestGap, shape.gap > 0,
                case let more = RowPlacement.neededRows(heights, gap: shape.gap + 1), more <= area.rows
            {
                shape.gap += 1
                rows = more
            }
            let placement = RowPlacement(gap: shape.gap, rows: max(rows, area.rows))
            let columns = placement.placed(layout.layers, height: height, joined: joined)
            let tracks = EdgeNets(columns: columns, graph: graph, shape: shape).trackCounts
            let channels = tracks.reduce(0) { $0 + $1 + shape.words.columns + Channel.margins }
            shape.widen(
                for: longest, by: (area.columns - channels) / max(1, columns.count) - shape.boxWidth)
            chosen = (shape, columns, Size(columns.count * shape.boxWidth + channels, rows))
            if chosen.map({ $0.needed.columns <= area.columns && rows <= area.rows }) == true { break }
        }
        self.area = whole
        self.graph = graph
        shape = chosen?.shape ?? shapes[0]
        columns = chosen?.columns ?? []
        size = whole
        route(graph, keepsColumns: false)
    }

    /// True when all of it can be seen at once.
    var fits: Bool { size.columns <= area.columns && size.rows <= area.rows }

    /// The layer a service stands in.
    func layer(of name: ServiceName) -> Int? {
        columns.firstIndex { $0.contains { $0.slot == .service(name) } }
    }

    /// The same plan with services and edges that came later; nothing that was there moves but what is `unsettled`:
    /// services so new that their edges may only just have come.
    func extended(to graph: Digraph, unsettled: Set<ServiceName> = []) -> GraphPlan {
        guard graph != self.graph || !unsettled.isEmpty else { return self }
        var plan = self
        plan.graph = graph
        for index in plan.columns.indices {
            plan.columns[index].removeAll { place in
                guard case .service(let name) = place.slot else { return false }
                return unsettled.contains(name)
            }
        }
        // Callers first, so that a chain of new services stands in its order.
        var missing = graph.names.indices.filter { plan.layer(of: graph.names[$0]) == nil }
        while !missing.isEmpty {
            let next = missing.firstIndex { number in
                graph.callers[number].allSatisfy { plan.layer(of: graph.names[$0]) != nil }
            }
            let number = missing.remove(at: next ?? 0)
            plan.settle(graph.names[number], number: number, in: graph)
        }
        plan.route(graph, keepsColumns: true)
        return plan
    }

    private mutating func settle(_ name: ServiceName, number: Int, in graph: Digraph) {
        let callers = graph.callers[number].compactMap { layer(of: graph.names[$0]) }
        let callees = graph.callees[number].compactMap { layer(of: graph.names[$0]) }
        let wish = callers.max().map { $0 + 1 } ?? callees.min().map { max(0, $0 - 1) } ?? 0
        let place = min(wish, columns.count)
        if place == columns.count { columns.append([]) }
        let height = shape.height(callers: graph.callers[number].count)
        let callerRow = graph.callers[number].compactMap { middle(of: graph.names[$0]) }.first
        let top = freeTop(in: columns[place], height: height, near: callerRow ?? 0)
        columns[place].append(RowPlacement.Place(slot: .service(name), top: top, height: height))
    }

    private func middle(of name: ServiceName) -> Int? {
        columns.lazy.joined().first { $0.slot == .service(name) }?.middle
    }

    /// A place that is seen without scrolling, the nearest to a row, even if boxes touch there; else below all others.
    private func freeTop(in column: [RowPlacement.Place], height: Int, near row: Int) -> Int {
        let wish = row - (height - 1) / 2
        let tops = 0..<max(0, room.rows - height + 1)
        for gap in [1, 0] {
            let free = tops.filter { top in
                column.allSatisfy { $0.end + gap <= top || top + height + gap <= $0.top }
            }
            if let nearest = free.min(by: { (abs($0 - wish), $0) < (abs($1 - wish), $1) }) { return nearest }
        }
        return column.map { $0.end + max(1, shape.gap) }.max() ?? 0
    }

    private static func joined(
        _ layout: LayeredLayout, _ graph: Digraph
    ) -> [LayeredLayout.Slot: Set<LayeredLayout.Slot>] {
        var joined: [LayeredLayout.Slot: Set<LayeredLayout.Slot>] = [:]
        for (from, callees) in graph.callees.enumerated() {
            for to in callees {
                let edge = Edge(from: graph.names[from], to: graph.names[to])
                let ends: [LayeredLayout.Slot] = [.service(edge.from), .passage(edge), .service(edge.to)]
                for one in ends {
                    for other in ends { joined[one, default: []].insert(other) }
                }
            }
        }
        return joined
    }

    private mutating func route(_ graph: Digraph, keepsColumns: Bool) {
        selfCallers = Set(graph.selfCallers.map { graph.names[$0] })
        let nets = EdgeNets(columns: columns, graph: graph, shape: shape)
        columns = nets.columns
        if !keepsColumns { widen(for: nets.trackCounts) }
        while channels.count < max(0, columns.count - 1) {
            let start = startColumn(ofLayer: channels.count) + shape.boxWidth
            let tracks = nets.trackCounts[channels.count]
            let end = start + tracks + Channel.margins + shape.words.columns
            channels.append(Channel(start: start, tracks: tracks, end: end))
        }
        boxes = [:]
        var last = Point(0, 0)
        for (layer, column) in columns.enumerated() {
            for place in column {
                guard case .service(let name) = place.slot else { continue }
                let box = Rect(startColumn(ofLayer: layer), place.top, shape.boxWidth, place.height)
                boxes[name] = box
                last = Point(max(last.column, box.endColumn), max(last.row, box.endRow))
            }
        }
        size = Size(max(room.columns, last.column), max(room.rows, last.row))
        routes = nets.routes(channels: channels, boxes: boxes)
        if shape.isTopDown { turn() }
    }

    /// Lays the layers below each other: what was right is down.
    private mutating func turn() {
        size = size.turned
        boxes = boxes.mapValues(\.turned)
        routes = routes.mapValues { route in
            Route(
                corners: route.corners.map(\.turned), shared: route.shared,
                label: Rect(
                    route.label.row + 2, route.label.column, GraphShape.besideColumns, route.label.columns),
                head: route.head.turned, heading: route.heading == .right ? .down : .up)
        }
    }

    private func startColumn(ofLayer layer: Int) -> Int {
        layer == 0 ? margin : channels[layer - 1].end
    }

    /// What is left when boxes and channels are as wide as is good for them goes to both sides.
    private var margin: Int { channels.first.map { max(0, $0.start - shape.boxWidth) } ?? 0 }

    private mutating func widen(for tracks: [Int]) {
        let lines = tracks.reduce(0) { $0 + $1 + Channel.margins }
        let rest = room.columns - columns.count * shape.boxWidth - lines
        let labels = tracks.isEmpty ? 0 : rest / tracks.count
        let widest = shape.isTopDown ? shape.words.columns : GraphShape.widestLabel
        let label = min(widest, max(shape.words.columns, labels))
        var column = max(0, (rest - label * tracks.count) / 2)
        channels = tracks.map { count in
            let start = column + shape.boxWidth
            column = start + count + Channel.margins + label
            return Channel(start: start, tracks: count, end: column)
        }
    }
}

extension Size {
    /// Columns for rows.
    fileprivate var turned: Size { Size(rows, columns) }
}

extension Point {
    fileprivate var turned: Point { Point(row, column) }
}

extension Rect {
    fileprivate var turned: Rect { Rect(row, column, rows, columns) }
}
