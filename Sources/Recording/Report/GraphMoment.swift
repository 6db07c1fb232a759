public import MeshModel

/// The graph of services as it was at a moment.
public struct GraphMoment: Sendable {
    /// A service as it did in the seconds before.
    public struct Node: Sendable {
        public var name: ServiceName
        public var health: Health
        /// Requests per second.
        public var rate: Double?
        /// Milliseconds.
        public var p99: Double?
    }

    /// An edge, and the faults that were active on it.
    public struct Line: Sendable {
        public var edge: Edge
        public var health: Health
        /// Requests per second.
        public var rate: Double?
        /// 0...1.
        public var errorShare: Double?
        /// Their ids.
        public var faults: [String]
    }

    public var title: String
    public var at: Timestamp
    public var services: [Node]
    public var edges: [Line]

    init(_ title: String, of state: MeshState, at: Timestamp) {
        self.title = title
        self.at = at
        let hidden = state.session?.queryScopes ?? []
        services = state.services.keys.filter { !hidden.contains($0) }.sorted().map { name in
            let sample = state.services[name]?.sample(until: at)
            return Node(
                name: name, health: state.health(of: name, at: at), rate: sample?.requestRate,
                p99: sample?.latency?.quantile(0.99))
        }
        let active = state.activeFaults.filter { $0.phase != .requested }
        edges = state.edges.keys.sorted().map { edge in
            let sample = state.edges[edge]?.sample(until: at)
            return Line(
                edge: edge, health: state.health(of: edge, at: at), rate: sample?.requestRate,
                errorShare: sample?.successRatio.map { 1 - $0 },
                faults: active.filter { $0.edge == edge }.map(\.id))
        }
    }

    /// Shows what was there before a fault that the state has already.
    mutating func forgetFaults() {
        for place in edges.indices { edges[place].faults = [] }
    }

    /// Can it be drawn? More boxes than that are no picture any more.
    var isDrawn: Bool { !services.isEmpty && services.count <= GraphPicture.mostServices }
}
