public import MeshModel

/// Slots in layers, each layer from one end to the other, and the spans that join slots of neighbouring layers.
public struct LayeredOrder: Sendable {
    public let layers: [[Int]]
    public let spans: [(upper: Int, lower: Int)]

    public init(layers: [[Int]], spans: [(upper: Int, lower: Int)]) {
        self.layers = layers
        self.spans = spans
    }

    /// How many pairs of spans cross.
    public var crossings: Int {
        var (layer, place): ([Int: Int], [Int: Int32]) = ([:], [:])
        for (number, slots) in layers.enumerated() {
            for (index, slot) in slots.enumerated() { (layer[slot], place[slot]) = (number, Int32(index)) }
        }
        var channels = [[(upper: Int32, lower: Int32)]](repeating: [], count: layers.count)
        for span in spans {
            guard let number = layer[span.upper], let upper = place[span.upper], let lower = place[span.lower] else {
                continue
            }
            channels[number].append((upper, lower))
        }
        var inversions = Inversions()
        return channels.enumerated().reduce(0) { sum, channel in
            let sorted = channel.element.sorted { ($0.upper, $0.lower) < ($1.upper, $1.lower) }
            let width = channel.offset + 1 < layers.count ? layers[channel.offset + 1].count : 0
            return sum + inversions.count(sorted.lazy.map(\.lower), width: width)
        }
    }
}

extension LayeredOrder {
    /// The order that the graph of these calls is drawn in; services are slots 0 and up, in the order of their names.
    public init(of edges: [Edge], entrance: ServiceName?) {
        self = LayeredLayout(Digraph(services: [], edges: edges), entrance: entrance).numbers
    }
}
