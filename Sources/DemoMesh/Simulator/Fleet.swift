import Glibc

/// A model of a mesh and its sidecars: customers arrive, queue, are worked on, and call on through the edges. It has no
/// clock: each step is a tenth of a second, and the same seed and the same faults at the same steps give the same day.
struct Fleet: Sendable {
    /// The length of a step in seconds.
    static let step = 0.1
    private static let stepsPerFlush = 10

    let plan: MeshPlan
    let seed: UInt64
    /// The counters of all sidecars in one block; each service knows where its own start.
    private(set) var counts: [UInt64]
    private(set) var histograms: [LatencyBins]
    private(set) var services: [SimulatedService]
    private(set) var edges: [SimulatedEdge]
    private(set) var steps = 0
    var random: SeededRandom
    private let entrance: Int
    private let rate: Double
    private var untilNext = 0.0

    init(of plan: MeshPlan, rate: Double, seed: UInt64) {
        self.plan = plan
        self.seed = seed
        self.rate = rate
        random = SeededRandom(seed: seed)
        var blueprint = FleetBlueprint(of: plan)
        blueprint.layOut()
        services = blueprint.services
        edges = blueprint.edges
        counts = [UInt64](repeating: 0, count: blueprint.slots)
        histograms = [LatencyBins](repeating: LatencyBins(), count: blueprint.histograms)
        entrance = blueprint.index[plan.entrance] ?? 0
        for service in services { setStartValues(of: service) }
    }

    /// Lets a tenth of a second pass.
    mutating func advance() {
        steps += 1
        untilNext -= Self.step
        while untilNext < 0, !services.isEmpty {
            _ = serve(entrance, depth: 0)
            untilNext += TrafficSource.pause(at: rate, with: &random).inSeconds
        }
        for index in services.indices {
            if !services[index].glances.isEmpty, steps.isMultiple(of: Self.stepsPerFlush) { glance(from: index) }
            settle(index)
        }
    }

    /// What the sidecar of a service is told to do from now on, by the keys of its runtime.
    mutating func apply(_ runtime: [String: String], to service: Int) {
        services[service].faults = SimulatedFaults(prefix: "in", runtime: runtime)
        for edge in services[service].edges {
            edges[edge].faults = SimulatedFaults(prefix: "edge." + edges[edge].to, runtime: runtime)
        }
    }

    /// Ends the step for one service: its queue shrinks by what its workers could do, and its gauges are set.
    private mutating func settle(_ index: Int) {
        services[index].settle()
        let service = services[index]
        counts[service.inbound + ListenerCounter.active.rawValue] = service.active
        for edge in service.edges {
            edges[edge].settle()
            let state = edges[edge]
            counts[state.listener + ListenerCounter.active.rawValue] = state.active
            counts[state.cluster + ClusterCounter.active.rawValue] = min(state.active, state.mostAtOnce)
            counts[state.cluster + ClusterCounter.breakerOpen.rawValue] = state.active >= state.mostAtOnce ? 1 : 0
            counts[state.cluster + ClusterCounter.breakerRemaining.rawValue] =
                state.mostAtOnce - min(state.active, state.mostAtOnce)
        }
        // Real sidecars did not start at the same moment, so they do not flush at the same moment either.
        guard (steps + index).isMultiple(of: Self.stepsPerFlush) else { return }
        counts[service.server + ServerCounter.uptime.rawValue] = UInt64(steps / Self.stepsPerFlush)
        histograms[service.histogram].flush()
        for edge in service.edges { histograms[edges[edge].histogram].flush() }
    }

    private mutating func setStartValues(of service: SimulatedService) {
        counts[service.server + ServerCounter.concurrency.rawValue] = 1
        counts[service.server + ServerCounter.live.rawValue] = 1
        for cluster in [service.localCluster] + service.edges.map({ edges[$0].cluster }) {
            counts[cluster + ClusterCounter.healthy.rawValue] = 1
            counts[cluster + ClusterCounter.members.rawValue] = 1
        }
    }

    // What the queue model writes.

    mutating func count(_ slot: Int) {
        counts[slot] &+= 1
    }

    /// Counts an answer at a listener, with the time it took.
    mutating func record(_ outcome: Outcome, listener: Int, histogram: Int) {
        let kind: ListenerCounter =
            switch outcome.status {
            case ..<200: .informed
            case ..<300: .succeeded
            case ..<400: .redirected
            case ..<500: .refused
            default: .failed
            }
        count(listener + kind.rawValue)
        count(listener + ListenerCounter.completed.rawValue)
        count(listener + ListenerCounter.total.rawValue)
        histograms[histogram].record(milliseconds: outcome.milliseconds)
    }

    mutating func withService<Result>(_ index: Int, _ body: (inout SimulatedService) -> Result) -> Result {
        body(&services[index])
    }

    mutating func withEdge<Result>(_ index: Int, _ body: (inout SimulatedEdge) -> Result) -> Result {
        body(&edges[index])
    }
}

/// How a request ended, and after how long.
struct Outcome: Equatable, Sendable {
    var status: Int
    var milliseconds: Double

    var isFailure: Bool { status >= 500 || status < 200 }
    var isRefusal: Bool { (400..<500).contains(status) }
}
