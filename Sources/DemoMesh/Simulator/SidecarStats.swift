/// What a simulated sidecar counts, by the names that its pages use, and where the values are kept.
struct SidecarStats: Sendable {
    /// Whose stat it is; the first words of its name say it.
    enum Owner: Sendable {
        case listener(String)
        case cluster(String)
        case server

        var prefix: String {
            switch self {
            case .listener(let name): "http.\(name)."
            case .cluster(let name): "cluster.\(name)."
            case .server: "server."
            }
        }
    }

    /// A counter or a gauge.
    struct Number: Sendable {
        var owner: Owner
        /// Its name below its owner's.
        var stat: String
        var slot: Int
        var isGauge: Bool
        /// Told even at zero to who asks for what is in use only: Envoy itself set it when it started.
        var isAlwaysUsed: Bool

        var name: String { owner.prefix + stat }
    }

    /// The latency of the requests through one listener.
    struct Histogram: Sendable {
        var listener: String
        var place: Int

        static let stat = "downstream_rq_time"
        var name: String { Owner.listener(listener).prefix + Self.stat }
    }

    /// In the order of their names, as on Envoy's pages.
    private(set) var numbers: [Number] = []
    private(set) var histograms: [Histogram] = []

    /// Those of one service whose names pass.
    init(of service: Int, in fleet: Fleet, passes: (String) -> Bool) {
        let state = fleet.services[service]
        addListener("in", at: state.inbound, histogram: state.histogram)
        addCluster("local_app", at: state.localCluster)
        for edge in fleet.edges[state.edges] {
            addListener("to_" + edge.to, at: edge.listener, histogram: edge.histogram)
            addCluster(edge.to, at: edge.cluster)
        }
        for one in ServerCounter.allCases {
            numbers.append(
                Number(
                    owner: .server, stat: one.name, slot: state.server + one.rawValue, isGauge: true,
                    isAlwaysUsed: true))
        }
        numbers = numbers.filter { passes($0.name) }.sorted { $0.name < $1.name }
        histograms = histograms.filter { passes($0.name) }.sorted { $0.name < $1.name }
    }

    private mutating func addListener(_ name: String, at base: Int, histogram: Int) {
        for one in ListenerCounter.allCases {
            numbers.append(
                Number(
                    owner: .listener(name), stat: one.name, slot: base + one.rawValue, isGauge: one.isGauge,
                    isAlwaysUsed: one.isGauge))
        }
        histograms.append(Histogram(listener: name, place: histogram))
    }

    private mutating func addCluster(_ name: String, at base: Int) {
        for one in ClusterCounter.allCases {
            numbers.append(
                Number(
                    owner: .cluster(name), stat: one.name, slot: base + one.rawValue, isGauge: one.isGauge,
                    isAlwaysUsed: one.isGauge && one != .ejected))
        }
    }
}
