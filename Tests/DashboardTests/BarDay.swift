import Dashboard
import MeshModel
import TerminalCanvas
import TestKit

/// A day at the bar, made from a seed: the events that a control plane would send, and a dashboard which takes them.
struct BarDay {
    static let start = Timestamp(milliseconds: 1_764_000_000_000)
    /// Who calls whom, and how many requests a second cross the edge.
    static let edges: [(Edge, Double)] = [
        (Edge(from: "door", to: "bouncer"), 40), (Edge(from: "door", to: "bar"), 34),
        (Edge(from: "door", to: "bathroom"), 4), (Edge(from: "bar", to: "menu"), 10),
        (Edge(from: "bar", to: "taps"), 22), (Edge(from: "bar", to: "kitchen"), 8), (Edge(from: "bar", to: "tab"), 6),
        (Edge(from: "taps", to: "cellar"), 5), (Edge(from: "kitchen", to: "cellar"), 8),
        (Edge(from: "tab", to: "till"), 6), (Edge(from: "bathroom", to: "cellar"), 4),
    ]
    static let services: [ServiceName] = [
        "door", "bouncer", "bar", "bathroom", "menu", "taps", "kitchen", "tab", "cellar", "till",
    ]
    static let objectives = [
        Objective(name: "orders answered", service: "door", indicator: .success(target: 0.995)),
        Objective(name: "orders quick", service: "door", indicator: .latency(quantile: 0.99, limit: 300)),
        Objective(name: "beer flows", service: "taps", indicator: .success(target: 0.99)),
    ]
    static let guards: [Guard] = [
        .broken(objective: "orders answered", seconds: 120), .stale(seconds: 10),
        .budget(objective: "orders answered", floor: 0.25),
    ]

    var state: DashboardState
    private(set) var now = start
    /// The day so far, as a recording would have it.
    private(set) var kept = MeshState()
    private var number: UInt64 = 0
    private var generator = SeededGenerator(seed: 7)
    /// The share of failing answers an edge has by itself.
    var failing: [Edge: Double] = [:]
    /// Services whose proxies are not heard.
    var silent: Set<ServiceName> = []
    var faults: [Fault] = []
    var experiment: ExperimentReport?
    /// More callees than the bar has, by their edges.
    var extra: [(Edge, Double)] = []

    init(
        _ size: Size = Size(120, 40), mode: SessionMode = .live, isObserver: Bool = false, keymap: Keymap = Keymap()
    ) {
        let options = DashboardState.Options(
            user: "mv", isObserver: isObserver, themes: ["midnight", "paper"], keymap: keymap)
        state = DashboardState(options, size: size, now: Self.start)
        _ = state.update(.connection(.connected))
        send(
            .session(
                Session(
                    id: "gd1", name: "the bar", mode: mode, startedAt: Self.start, entrance: "door",
                    objectives: Self.objectives, guards: Self.guards, protected: ["till"])))
        for service in Self.services { send(source(service, .fresh)) }
    }

    func source(_ service: ServiceName, _ sourceState: SourceState, _ why: String? = nil) -> Observation {
        .source(
            SourceReport(
                name: service.text, kind: .envoy, endpoint: "http://127.0.0.1:21001", service: service,
                state: sourceState, explanation: why))
    }

    mutating func send(_ observation: Observation) {
        number += 1
        let event = Event(number: number, at: now, observation: observation)
        kept.apply(event)
        _ = state.update(.event(event))
    }

    @discardableResult
    mutating func press(_ keys: String) -> [Effect] {
        keys.split(separator: " ").flatMap { key in
            state.markDrawn()
            state.markSeen()
            let effects = state.update(.key(Key(String(key)) ?? .insert)) + state.update(.quiet)
            return effects.filter { !$0.isQuestion }
        }
    }

    @discardableResult
    mutating func type(_ text: String) -> [Effect] {
        text.flatMap { character in
            state.markDrawn()
            state.markSeen()
            let effects = state.update(.key(.character(character))) + state.update(.quiet)
            return effects.filter { !$0.isQuestion }
        }
    }

    /// Lets that many seconds go by, with a poll of every proxy in each.
    mutating func run(seconds: Int) {
        for _ in 0..<seconds {
            now = now.advanced(bySeconds: 1)
            for service in Set(Self.services + extra.map(\.0.from) + extra.map(\.0.to)).sorted()
            where !silent.contains(service) {
                send(.traffic(report(of: service)))
            }
            _ = state.update(.tick(now))
        }
    }

    mutating func begin(_ fault: Fault) {
        var fault = fault
        for phase in [FaultPhase.requested, .accepted, .active] {
            fault.phase = phase
            if phase == .accepted { fault.acceptedAt = now }
            send(.fault(fault))
        }
        faults.append(fault)
    }

    /// Events tell that something about a fault is different now.
    mutating func change(_ id: String, _ body: (inout Fault) -> Void) {
        guard let index = faults.firstIndex(where: { $0.id == id }) else { return }
        body(&faults[index])
        send(.fault(faults[index]))
    }

    mutating func end(_ id: String) {
        guard let index = faults.firstIndex(where: { $0.id == id }) else { return }
        var fault = faults.remove(at: index)
        fault.phase = .reverted
        fault.endedAt = now
        send(.fault(fault))
    }

    static func fault(
        _ id: String, _ kind: FaultKind, _ edge: Edge, share: Double, at: Timestamp, lease: Double = 120
    ) -> Fault {
        Fault(
            id: id, kind: kind, edge: edge, share: share, by: "mv", requestedAt: at,
            leaseEnds: at.advanced(bySeconds: lease), sources: [edge.from.text])
    }

    private var allEdges: [(Edge, Double)] { Self.edges + extra }

    private mutating func report(of service: ServiceName) -> TrafficReport {
        let entering = inbound(of: service)
        return TrafficReport(
            source: service.text, service: service,
            inbound: sample(rate: entering, errors: errorShare(of: service), milliseconds: 6),
            outbound: allEdges.filter { $0.0.from == service }.map { edge, rate in
                var sample = sample(rate: rate, errors: errorShare(of: edge), milliseconds: 4)
                inject(into: &sample, edge)
                return TrafficReport.Outbound(to: edge.to, sample: sample)
            })
    }

    private func errorShare(of edge: Edge) -> Double {
        let injected = faults.filter { $0.edge == edge }.map { fault -> Double in
            fault.kind.description?.counter == .aborts ? fault.share : 0
        }
        let own = max(failing[edge] ?? 0, injected.max() ?? 0)
        return own + (1 - own) * errorShare(of: edge.to)
    }

    /// A service fails as often as one of its calls fails; the bar's graph has no cycle.
    private func errorShare(of service: ServiceName) -> Double {
        let inbound = max(1, inbound(of: service))
        let calls = Self.edges.filter { $0.0.from == service }
        return min(1, calls.map { errorShare(of: $0.0) * $0.1 / inbound }.reduce(0, +))
    }

    private func inbound(of service: ServiceName) -> Double {
        service == "door" ? 40 : allEdges.filter { $0.0.to == service }.reduce(0) { $0 + $1.1 }
    }

    private func inject(into sample: inout TrafficSample, _ edge: Edge) {
        for fault in faults where fault.edge == edge {
            let hit = UInt64((Double(sample.completed) * fault.share).rounded())
            if let counter = fault.kind.description?.counter { sample[counter] = hit }
            if let milliseconds = fault.kind.amount("delay") {
                sample.latency?.add(
                    LatencyHistogram([.init(lower: Double(milliseconds), width: 10, count: max(1, hit))]))
            }
        }
    }

    private mutating func sample(rate: Double, errors: Double, milliseconds: Double) -> TrafficSample {
        var sample = TrafficSample(seconds: 1)
        let wobble = 0.9 + Double(generator.next() % 200) / 1000
        sample.completed = UInt64((rate * wobble).rounded())
        sample.answers5xx = UInt64((Double(sample.completed) * errors).rounded())
        sample.answers2xx = sample.completed - sample.answers5xx
        sample.latency = LatencyHistogram([
            .init(lower: milliseconds, width: 2, count: sample.completed),
            .init(lower: milliseconds * 3, width: 4, count: sample.completed / 20),
        ])
        return sample
    }

    /// The bar after half a minute, with an abort on the taps and a delay on the way to the cellar.
    static func broken(_ size: Size) -> BarDay {
        var day = BarDay(size)
        day.run(seconds: 30)
        day.begin(fault("F1", .abort(status: 503), Edge(from: "bar", to: "taps"), share: 0.5, at: day.now))
        day.run(seconds: 8)
        day.begin(
            fault(
                "F2", .delay(milliseconds: 400), Edge(from: "kitchen", to: "cellar"), share: 0.3, at: day.now, lease: 60
            ))
        day.run(seconds: 6)
        return day
    }
}
