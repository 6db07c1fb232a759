import Glibc

/// A service of a simulated fleet, in numbers only: hundreds of thousands of requests a second may pass through these.
struct SimulatedService: Sendable {
    var workers: Double
    var logMedian: Double
    var spread: Double
    var failing: Double
    var refusing: Double
    var answerKiB: Double
    var edges: Range<Int>
    /// Where its counters start: those of its listener, its own cluster, its sidecar.
    var inbound: Int
    var localCluster: Int
    var server: Int
    var histogram: Int
    /// The services it looks in on past every sidecar, and how many of the last looks in a row were bad.
    var glances: [Int] = []
    var badLooks = 0
    var faults = SimulatedFaults()

    /// It is closed to everybody while something that it looks in on is.
    var isClosed: Bool { badLooks > 1 }

    /// Work that waits, in seconds of one worker.
    var backlog = 0.0
    /// How long workers were held by the requests of this step, in seconds.
    var held = 0.0
    /// The requests of this step.
    var arrived = 0.0
    /// How long these took, in seconds.
    var taken = 0.0
    /// The share of its workers that is busy, smoothed.
    var busy = 0.0
    /// The mean time that a request holds a worker, smoothed, in seconds.
    var hold = 0.01
    var active: UInt64 = 0

    mutating func settle() {
        backlog = max(0, backlog + held - workers * Fleet.step)
        busy += (min(1, held / (workers * Fleet.step)) - busy) * 0.3
        if arrived > 0 { hold += (held / arrived - hold) * 0.3 }
        active = UInt64((taken / Fleet.step).rounded())
        (held, arrived, taken) = (0, 0, 0)
    }
}

/// An edge of a simulated fleet, in numbers, with the name of its callee for the runtime's keys.
struct SimulatedEdge: Sendable {
    var to: String
    var callee: Int
    var chance: Double
    var timeout: Double
    var tryTimeout: Double
    var retries: Int
    var isNeeded: Bool
    var isTogether: Bool
    var mostAtOnce: UInt64
    /// Where its counters start: those of its listener, and of the callee's cluster.
    var listener: Int
    var cluster: Int
    var histogram: Int
    var faults = SimulatedFaults()

    /// How long the requests of this step took, in seconds.
    var taken = 0.0
    var active: UInt64 = 0
    /// The share of requests that the circuit breaker refuses, as the last step left it.
    var overflowing = 0.0

    mutating func settle() {
        active = UInt64((taken / Fleet.step).rounded())
        // Those under way are as many as arrive in the time that one takes (Little's law).
        overflowing = active > mostAtOnce ? 1 - Double(mostAtOnce) / Double(active) : overflowing * 0.5
        taken = 0
    }
}

/// Lays out the numbers of a fleet: which counter is where.
struct FleetBlueprint {
    let plan: MeshPlan
    let index: [String: Int]
    var services: [SimulatedService] = []
    var edges: [SimulatedEdge] = []
    var slots = 0
    var histograms = 0

    init(of plan: MeshPlan) {
        self.plan = plan
        index = Dictionary(
            plan.services.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func layOut() {
        for service in plan.services {
            let first = edges.count
            for call in service.calls { layOut(call) }
            services.append(
                SimulatedService(
                    workers: Double(service.workers), logMedian: log(service.work.median.inSeconds * 1_000),
                    spread: service.work.spread, failing: service.failing, refusing: service.refusing,
                    answerKiB: Double(service.answerBytes) / 1_024, edges: first..<edges.count,
                    inbound: take(ListenerCounter.allCases.count), localCluster: take(ClusterCounter.allCases.count),
                    server: take(ServerCounter.allCases.count), histogram: takeHistogram(),
                    glances: service.glances.compactMap { index[$0] }))
        }
    }

    private mutating func layOut(_ call: CallPlan) {
        guard let callee = index[call.to] else { return }
        let timeout = call.timeout.inSeconds * 1_000
        edges.append(
            SimulatedEdge(
                to: call.to, callee: callee, chance: call.chance, timeout: timeout,
                tryTimeout: call.tryTimeout.map { $0.inSeconds * 1_000 } ?? timeout, retries: call.retries,
                isNeeded: call.isNeeded, isTogether: call.isTogether, mostAtOnce: UInt64(call.mostAtOnce),
                listener: take(ListenerCounter.allCases.count), cluster: take(ClusterCounter.allCases.count),
                histogram: takeHistogram()))
    }

    private mutating func take(_ count: Int) -> Int {
        defer { slots += count }
        return slots
    }

    private mutating func takeHistogram() -> Int {
        defer { histograms += 1 }
        return histograms
    }
}
