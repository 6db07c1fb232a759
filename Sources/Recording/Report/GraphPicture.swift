import MeshModel

/// The graph of services at a moment as an SVG: the callers at the top, the called below, at most three boxes in a row,
/// so that it can be read on a telephone.
struct GraphPicture {
    let moment: GraphMoment
    /// Has each edge a place for a fault's name, for a script to fill?
    var isLive = false

    private typealias Place = (x: Double, y: Double)

    private static let box = (width: 150.0, height: 44.0)
    private static let gap = (x: 10.0, y: 30.0)
    private static let rowLength = 3
    /// More boxes than that are no picture any more.
    static let mostServices = 60

    var svg: String {
        let rows = self.rows
        let columns = Double(rows.map(\.count).max() ?? 1)
        let width = columns * (Self.box.width + Self.gap.x) - Self.gap.x + 12
        let height = Double(rows.count) * (Self.box.height + Self.gap.y) - Self.gap.y + 12
        var places: [ServiceName: Place] = [:]
        for (row, names) in rows.enumerated() {
            let length = Double(names.count) * (Self.box.width + Self.gap.x) - Self.gap.x
            for (column, name) in names.enumerated() {
                let x = (width - length) / 2 + Double(column) * (Self.box.width + Self.gap.x)
                places[name] = (x, 6 + Double(row) * (Self.box.height + Self.gap.y))
            }
        }
        var svg = "<svg class=\"graph\" style=\"max-width:\(Markup.number(width))px\" "
        svg += "viewBox=\"0 0 \(Markup.number(max(1, width))) \(Markup.number(max(1, height)))\" role=\"img\">"
        svg += Markup.element("title", "", moment.title)
        let drawn = moment.edges.compactMap { edge in
            places[edge.edge.from].flatMap { from in places[edge.edge.to].map { (edge, from, $0) } }
        }
        for (edge, from, to) in drawn { svg += Self.line(edge, from, to) }
        for service in moment.services {
            if let place = places[service.name] { svg += Self.box(service, place) }
        }
        // Over the boxes, or a short edge would hide what hit it.
        for (edge, from, to) in drawn where isLive || !edge.faults.isEmpty { svg += Self.tag(edge, from, to) }
        return svg + "</svg>"
    }

    /// Layers from the callers down, each in rows; in a layer whoever has callers at the left stands at the left.
    private var rows: [[ServiceName]] {
        let callers = Dictionary(grouping: moment.edges, by: \.edge.to).mapValues { $0.map(\.edge.from) }
        var columns: [ServiceName: Double] = [:]
        var rows: [[ServiceName]] = []
        for layer in layers {
            func column(_ name: ServiceName) -> Double {
                let known = (callers[name] ?? []).compactMap { columns[$0] }
                return known.isEmpty ? 0.5 : known.reduce(0, +) / Double(known.count)
            }
            let sorted = layer.map { ($0, column($0)) }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
            for (place, name) in sorted.enumerated() { columns[name] = (Double(place) + 0.5) / Double(sorted.count) }
            // As even as can be: four boxes are two rows of two.
            let count = (sorted.count + Self.rowLength - 1) / Self.rowLength
            let length = (sorted.count + count - 1) / max(1, count)
            for start in stride(from: 0, to: sorted.count, by: max(1, length)) {
                rows.append(Array(sorted[start..<min(sorted.count, start + length)]))
            }
        }
        return rows
    }

    /// Each service one layer after the farthest of its callers; edges that close a circle do not count.
    private var layers: [[ServiceName]] {
        var depth: [ServiceName: Int] = [:]
        var callees: [ServiceName: [ServiceName]] = [:]
        for edge in moment.edges { callees[edge.edge.from, default: []].append(edge.edge.to) }
        let names = Set(moment.services.map(\.name) + moment.edges.flatMap { [$0.edge.from, $0.edge.to] }).sorted()
        for name in names { depth[name] = 0 }
        // As many rounds as there are layers at most; a circle stops there.
        for _ in 0..<min(names.count, 12) {
            var isChanged = false
            for name in names {
                for callee in callees[name] ?? [] where callee != name {
                    let next = min(11, (depth[name] ?? 0) + 1)
                    if next > depth[callee] ?? 0, !reaches(callee, name, callees) {
                        depth[callee] = next
                        isChanged = true
                    }
                }
            }
            if !isChanged { break }
        }
        let deepest = depth.values.max() ?? 0
        return (0...deepest).map { layer in names.filter { depth[$0] == layer } }.filter { !$0.isEmpty }
    }

    private func reaches(_ from: ServiceName, _ to: ServiceName, _ callees: [ServiceName: [ServiceName]]) -> Bool {
        var open = [from]
        var seen: Set<ServiceName> = [from]
        while let name = open.popLast() {
            if name == to { return true }
            for next in callees[name] ?? [] where seen.insert(next).inserted { open.append(next) }
        }
        return false
    }

    private static func line(_ edge: GraphMoment.Line, _ from: Place, _ to: Place) -> String {
        let x1 = from.x + box.width / 2
        let x2 = to.x + box.width / 2
        let y1 = from.y + box.height
        let middle = (y1 + to.y) / 2
        let coordinates = [x1, y1, x1, middle, x2, middle, x2, to.y].map(Markup.number)
        let path =
            "M\(coordinates[0]) \(coordinates[1])C\(coordinates[2]) \(coordinates[3]) "
            + "\(coordinates[4]) \(coordinates[5]) \(coordinates[6]) \(coordinates[7])"
        let hurt = edge.faults.isEmpty ? "" : " hurt"
        let svg = "<g><path class=\"edge \(edge.health.rawValue)\(hurt)\" d=\"\(path)\"/>"
        let text = "\(edge.edge): \(ReportText.rate(edge.rate)), \(ReportText.percent(edge.errorShare)) errors"
        return svg + Markup.element("title", "", text) + "</g>"
    }

    private static func tag(_ edge: GraphMoment.Line, _ from: Place, _ to: Place) -> String {
        // In the gap above the callee, where no box is, and to the side of its caller, for another edge may end there.
        let x = Markup.number(from.x * 0.25 + to.x * 0.75 + box.width / 2)
        let y = Markup.number(to.y - 8)
        let text = edge.faults.isEmpty ? "" : "⚡ " + edge.faults.joined(separator: " ")
        return Markup.element("text", "class=\"hit\" text-anchor=\"middle\" x=\"\(x)\" y=\"\(y)\"", text)
    }

    private static func box(_ service: GraphMoment.Node, _ place: Place) -> String {
        let x = Markup.number(place.x)
        var svg =
            "<g class=\"service \(service.health.rawValue)\"><rect x=\"\(x)\" y=\"\(Markup.number(place.y))\" rx=\"6\" "
        svg += "width=\"\(Markup.number(box.width))\" height=\"\(Markup.number(box.height))\"/>"
        let left = Markup.number(place.x + 9)
        svg += "<text class=\"name\" x=\"\(left)\" y=\"\(Markup.number(place.y + 18))\">"
        svg += "<tspan>\(glyph(service.health))</tspan> "
        svg += Markup.escaped(Markup.clipped(service.name.text, 14)) + "</text>"
        let figures = "\(ReportText.rate(service.rate)) · p99 \(ReportText.milliseconds(service.p99))"
        svg += Markup.element(
            "text", "class=\"figures\" x=\"\(left)\" y=\"\(Markup.number(place.y + 36))\"", figures)
        return svg + Markup.element("title", "", "\(service.name): \(service.health.rawValue)") + "</g>"
    }

    /// The state as a shape too: colour alone says nothing to some.
    private static func glyph(_ health: Health) -> String {
        switch health {
        case .ok: "●"
        case .warn: "▲"
        case .bad: "✖"
        case .stale: "◌"
        case .unknown: "○"
        }
    }
}
