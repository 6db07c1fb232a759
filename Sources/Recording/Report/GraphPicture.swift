import MeshModel

/// The graph of services at a moment as an SVG: layers from the callers on the left to the called on the right.
struct GraphPicture {
    let moment: GraphMoment

    private static let box = (width: 148.0, height: 50.0)
    private static let gap = (x: 128.0, y: 18.0)
    /// More boxes than that are no picture any more.
    static let mostServices = 60

    var svg: String {
        let layers = self.layers
        let rows = layers.map(\.count).max() ?? 0
        let width = Double(layers.count) * (Self.box.width + Self.gap.x) - Self.gap.x + 24
        let height = Double(rows) * (Self.box.height + Self.gap.y) + 12
        var places: [ServiceName: (x: Double, y: Double)] = [:]
        for (column, layer) in layers.enumerated() {
            let free = height - Double(layer.count) * (Self.box.height + Self.gap.y)
            for (row, name) in layer.enumerated() {
                let y = free / 2 + Double(row) * (Self.box.height + Self.gap.y) + Self.gap.y / 2
                places[name] = (12 + Double(column) * (Self.box.width + Self.gap.x), y)
            }
        }
        var svg = "<svg class=\"graph\" style=\"max-width:\(Markup.number(width))px\" "
        svg += "viewBox=\"0 0 \(Markup.number(max(1, width))) \(Markup.number(max(1, height)))\" role=\"img\">"
        svg += Markup.element("title", "", moment.title)
        for edge in moment.edges {
            guard let from = places[edge.edge.from], let to = places[edge.edge.to] else { continue }
            svg += line(edge, from, to)
        }
        for service in moment.services {
            guard let place = places[service.name] else { continue }
            svg += box(service, place)
        }
        // Over the boxes, or a short edge would hide what hit it.
        for edge in moment.edges {
            guard let from = places[edge.edge.from], let to = places[edge.edge.to], let fault = edge.fault else {
                continue
            }
            let middle = Markup.number((from.x + Self.box.width + to.x) / 2)
            let height = Markup.number((from.y + to.y + Self.box.height) / 2 - 5)
            svg += "<text class=\"hit\" text-anchor=\"middle\" x=\"\(middle)\" y=\"\(height)\">"
            svg += Markup.escaped("⚡ " + fault) + "</text>"
        }
        return svg + "</svg>"
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

    private func line(
        _ edge: (edge: Edge, health: Health, rate: Double?, errorShare: Double?, fault: String?),
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double)
    ) -> String {
        let x1 = from.x + Self.box.width
        let y1 = from.y + Self.box.height / 2
        let y2 = to.y + Self.box.height / 2
        let middle = (x1 + to.x) / 2
        let coordinates = [x1, y1, middle, y1, middle, y2, to.x, y2].map(Markup.number)
        let path =
            "M\(coordinates[0]) \(coordinates[1])C\(coordinates[2]) \(coordinates[3]) "
            + "\(coordinates[4]) \(coordinates[5]) \(coordinates[6]) \(coordinates[7])"
        let hurt = edge.fault == nil ? "" : " hurt"
        let svg = "<g><path class=\"edge \(edge.health.rawValue)\(hurt)\" d=\"\(path)\"/>"
        let text = "\(edge.edge): \(ReportText.rate(edge.rate)), \(ReportText.percent(edge.errorShare)) errors"
        return svg + Markup.element("title", "", text) + "</g>"
    }

    private func box(
        _ service: (name: ServiceName, health: Health, rate: Double?, p99: Double?), _ place: (x: Double, y: Double)
    ) -> String {
        let x = Markup.number(place.x)
        var svg =
            "<g class=\"service \(service.health.rawValue)\"><rect x=\"\(x)\" y=\"\(Markup.number(place.y))\" rx=\"6\" "
        svg += "width=\"\(Self.box.width)\" height=\"\(Self.box.height)\"/>"
        let left = Markup.number(place.x + 10)
        svg += "<text class=\"name\" x=\"\(left)\" y=\"\(Markup.number(place.y + 20))\">"
        svg += Markup.escaped("\(Self.glyph(service.health)) \(Markup.clipped(service.name.text, 16))") + "</text>"
        svg += "<text class=\"figures\" x=\"\(left)\" y=\"\(Markup.number(place.y + 39))\">"
        svg += Markup.escaped("\(ReportText.rate(service.rate)) · p99 \(ReportText.milliseconds(service.p99))")
        return svg + "</text>" + Markup.element("title", "", "\(service.name): \(service.health.rawValue)") + "</g>"
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
