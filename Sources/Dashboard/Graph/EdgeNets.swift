import MeshModel
import TerminalCanvas

/// The edges between placed boxes, cut at each layer they pass and gathered to nets, and then their ways over the screen.
struct EdgeNets {
    typealias Place = RowPlacement.Place
    typealias Slot = LayeredLayout.Slot

    /// An edge between two neighbouring layers; `isUp` when it is walked from the right to the left.
    private struct Hop {
        var edge: Edge
        var channel: Int
        var left: Int
        var right: Int
        var net = 0
    }

    /// The places, with those of passages that were missing.
    private(set) var columns: [[Place]]
    private var hops: [Edge: [Hop]] = [:]
    private var backward: Set<Edge> = []
    private var nets: [[ChannelTracks.Net]]
    private var tracks: [[Int?]] = []
    private(set) var trackCounts: [Int] = []
    private let spacing: Int

    init(columns: [[Place]], graph: Digraph, shape: GraphShape) {
        self.columns = columns
        spacing = shape.portSpacing
        nets = [[ChannelTracks.Net]](repeating: [], count: max(0, columns.count - 1))
        var layers: [ServiceName: Int] = [:]
        for (layer, column) in columns.enumerated() {
            for case .service(let name) in column.map(\.slot) { layers[name] = layer }
        }
        var forward: [(edge: Edge, upper: Int, lower: Int)] = []
        for (number, from) in graph.names.enumerated() {
            for callee in graph.callees[number] {
                let edge = Edge(from: from, to: graph.names[callee])
                guard let start = layers[edge.from], let end = layers[edge.to], start != end else { continue }
                if start > end { backward.insert(edge) }
                forward.append((edge, min(start, end), max(start, end)))
            }
        }
        for (edge, upper, lower) in forward { addPassages(of: edge, upper: upper, lower: lower) }
        let ports = entryPorts(of: forward)
        for (edge, upper, lower) in forward {
            hops[edge] = makeHops(of: edge, upper: upper, lower: lower, entry: ports[edge])
        }
        gather(forward.map(\.edge))
        for channel in nets {
            let assigned = ChannelTracks.assigned(channel)
            tracks.append(assigned.tracks)
            trackCounts.append(assigned.count)
        }
    }

    /// The end of an edge that stands further left, and the one further right.
    private func ends(of edge: Edge) -> (upper: ServiceName, lower: ServiceName) {
        backward.contains(edge) ? (edge.to, edge.from) : (edge.from, edge.to)
    }

    private func place(_ slot: Slot, in layer: Int) -> Place? {
        columns[layer].first { $0.slot == slot }
    }

    private mutating func addPassages(of edge: Edge, upper: Int, lower: Int) {
        guard let start = place(.service(ends(of: edge).upper), in: upper) else { return }
        for layer in stride(from: upper + 1, to: lower, by: 1) where place(.passage(edge), in: layer) == nil {
            columns[layer].append(Place(slot: .passage(edge), top: freeRow(near: start.middle, in: layer), height: 1))
        }
    }

    private func freeRow(near wish: Int, in layer: Int) -> Int {
        func isFree(_ row: Int) -> Bool { row >= 0 && !columns[layer].contains { $0.top <= row && row < $0.end } }
        for distance in 0..<1000 {
            if isFree(wish - distance) { return wish - distance }
            if isFree(wish + distance) { return wish + distance }
        }
        return 0
    }

    /// The row each edge enters its right box by: spread over the box, in the order of where the edges come from.
    private func entryPorts(of edges: [(edge: Edge, upper: Int, lower: Int)]) -> [Edge: Int] {
        var entering: [ServiceName: [(edge: Edge, from: Int)]] = [:]
        var places: [ServiceName: Place] = [:]
        for (edge, upper, lower) in edges {
            let (start, end) = ends(of: edge)
            let before: Slot = lower - upper > 1 ? .passage(edge) : .service(start)
            guard let from = place(before, in: lower - 1), let to = place(.service(end), in: lower) else { continue }
            entering[end, default: []].append((edge, from.middle))
            places[end] = to
        }
        var ports: [Edge: Int] = [:]
        for (name, edges) in entering {
            guard let place = places[name] else { continue }
            let inner = max(1, place.height - 2)
            let sorted = edges.sorted { ($0.from, $0.edge) < ($1.from, $1.edge) }
            let step = sorted.count > 1 ? min(spacing, max(1, (inner - 1) / (sorted.count - 1))) : 1
            let first = place.top + 1 + max(0, (inner - 1 - step * (sorted.count - 1)) / 2)
            for (index, entry) in sorted.enumerated() {
                // More callers than rows share the last row.
                ports[entry.edge] = min(first + index * step, place.top + inner)
            }
        }
        return ports
    }

    private func makeHops(of edge: Edge, upper: Int, lower: Int, entry: Int?) -> [Hop] {
        let (start, end) = ends(of: edge)
        guard let first = place(.service(start), in: upper), let last = place(.service(end), in: lower) else {
            return []
        }
        // What comes back enters beside the row where the box's own calls leave.
        var row = backward.contains(edge) ? min(first.middle + 1, first.end - 2) : first.middle
        var hops: [Hop] = []
        for channel in upper..<lower {
            let isLast = channel == lower - 1
            let next = isLast ? entry ?? last.middle : place(.passage(edge), in: channel + 1)?.middle ?? row
            hops.append(Hop(edge: edge, channel: channel, left: row, right: next))
            row = next
        }
        return hops
    }

    /// Edges that leave the same box by the same row share a net.
    private mutating func gather(_ edges: [Edge]) {
        var trunks: [Int: [Int: [ServiceName: Int]]] = [:]
        for edge in edges {
            guard var path = hops[edge] else { continue }
            for index in path.indices {
                let hop = path[index]
                let isTrunk = index == 0 && !backward.contains(edge)
                if isTrunk, let net = trunks[hop.channel]?[hop.left]?[edge.from] {
                    nets[hop.channel][net].right.append(hop.right)
                    path[index].net = net
                } else {
                    path[index].net = nets[hop.channel].count
                    nets[hop.channel].append(ChannelTracks.Net(left: [hop.left], right: [hop.right]))
                    if isTrunk {
                        trunks[hop.channel, default: [:]][hop.left, default: [:]][edge.from] = path[index].net
                    }
                }
            }
            hops[edge] = path
        }
    }

    /// The ways over the screen, now that it is known where the channels are.
    func routes(channels: [GraphPlan.Channel], boxes: [ServiceName: Rect]) -> [Edge: GraphPlan.Route] {
        var routes: [Edge: GraphPlan.Route] = [:]
        var taken = [Set<Int>](repeating: [], count: channels.count)
        for hop in hops.values.joined() { taken[hop.channel].insert(hop.right) }
        for (edge, path) in hops {
            guard let first = path.first, let last = path.last else { continue }
            var corners = [Point(channels[first.channel].start, first.left)]
            var shared = 0
            for hop in path {
                let channel = channels[hop.channel]
                guard hop.left != hop.right else { continue }
                let track = tracks[hop.channel][hop.net] ?? 0
                // An extended plan keeps its channels, so that late lines may have to share the last track.
                let column = channel.start + min(track, max(0, channel.tracks - 1)) + 1
                corners.append(Point(column, hop.left))
                corners.append(Point(column, hop.right))
                if nets[hop.channel][hop.net].right.count > 1 { shared = corners.count - 1 }
            }
            let channel = channels[last.channel]
            corners.append(Point(channel.end - 1, last.right))
            let isBack = backward.contains(edge)
            let row = last.right
            let rows = taken[last.channel]
            let isAboveFree = row > 0 && !rows.contains(row - 1)
            let isBelowFree = !rows.contains(row + 1) && !rows.contains(row + 2)
            func words(_ row: Int) -> Rect {
                Rect(channel.wordsStart, row, channel.end - 1 - channel.wordsStart, 1)
            }
            routes[edge] = GraphPlan.Route(
                corners: isBack ? corners.reversed() : corners, shared: isBack ? 0 : shared,
                label: words(row), above: isAboveFree ? words(row - 1) : nil,
                below: isBelowFree ? words(row + 1) : nil,
                head: isBack ? corners[0] : corners[corners.count - 1], heading: isBack ? .left : .right)
        }
        return routes
    }
}
