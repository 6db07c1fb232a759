public import MeshModel

/// A believable day of a mesh, made up from a seed: polls each second, faults that hurt, notes, a halt.
public struct DayScript {
    public var name = "the bar"
    /// Whom each service calls; the first one is the entrance.
    public var calls: [(service: ServiceName, to: [ServiceName])]
    /// Requests a second at the entrance.
    public var rate = 40.0
    /// Objectives beside the two of the entrance.
    public var moreObjectives: [Objective] = []
    private var generator: SeededGenerator
    private var number: UInt64 = 0
    private var fault: Fault?
    private var faults = 0
    private let start = Timestamp(milliseconds: 1_764_000_000_000)

    /// The bar of the demo.
    public init(seed: UInt64) {
        self.init(
            seed: seed,
            calls: [
                ("door", ["bouncer", "bar", "bathroom"]), ("bouncer", []), ("bar", ["menu", "taps", "kitchen", "tab"]),
                ("menu", []), ("taps", ["cellar"]), ("kitchen", ["cellar"]), ("tab", ["till"]), ("till", []),
                ("cellar", []), ("bathroom", ["cellar"]),
            ])
    }

    public init(seed: UInt64, calls: [(service: ServiceName, to: [ServiceName])]) {
        self.calls = calls
        generator = SeededGenerator(seed: seed)
    }

    /// A mesh of so many services, each of which calls two of the next ones.
    public init(seed: UInt64, services: Int) {
        func name(_ place: Int) -> ServiceName { ServiceName("service-\(place)") }
        self.init(
            seed: seed,
            calls: (0..<services).map { place in
                (name(place), [2 * place + 1, 2 * place + 2].filter { $0 < services }.map(name))
            })
    }

    /// Events of so many seconds: every proxy once a second, and now and then something happens.
    public mutating func events(seconds: Int) -> [Event] {
        var day: [Event] = []
        eachSecond(seconds) { day += $0 }
        return day
    }

    /// The same second by second, for days that are too long to be kept.
    public mutating func eachSecond(_ seconds: Int, _ body: ([Event]) throws -> Void) rethrows {
        try body(opening())
        for second in 1...max(1, seconds) {
            var events: [Event] = []
            events += happenings(second)
            for (place, call) in calls.enumerated() {
                let late = Double(place) / Double(calls.count) * 0.9
                let report = poll(call.service, call.to, second)
                events.append(event(.traffic(report), Double(second) + late))
            }
            try body(events)
        }
    }

    private mutating func event(_ observation: Observation, _ seconds: Double) -> Event {
        number += 1
        return Event(number: number, at: start.advanced(bySeconds: seconds), observation: observation)
    }

    private mutating func opening() -> [Event] {
        let door = calls[0].service
        let session = Session(
            id: "day-1", name: name, mode: .live, startedAt: start, entrance: door, pollInterval: 1,
            objectives: [
                Objective(name: "orders answered", service: door, indicator: .success(target: 0.995)),
                Objective(name: "orders quick", service: door, indicator: .latency(quantile: 0.99, limit: 300)),
            ] + moreObjectives)
        return [event(.session(session), 0)]
            + calls.enumerated().map { place, call in
                let report = SourceReport(
                    name: call.service.text, kind: .envoy, endpoint: "http://127.0.0.1:\(21001 + place)",
                    service: call.service, state: .fresh)
                return event(.source(report), 0.01)
            }
    }

    /// Every two minutes a fault for half a minute, with a note in the middle.
    private mutating func happenings(_ second: Int) -> [Event] {
        let at = Double(second) - 0.05
        switch second % 120 {
        case 40:
            faults += 1
            let callers = calls.filter { !$0.to.isEmpty }.prefix(2)
            let caller = callers[generator.int(in: 0...callers.count - 1)]
            let kind: FaultKind = generator.bool() ? .abort(status: 503) : .delay(milliseconds: 400)
            var fault = Fault(
                id: "F\(faults)", kind: kind, edge: Edge(from: caller.service, to: caller.to[0]), share: 0.5, by: "ann",
                requestedAt: start.advanced(bySeconds: at), leaseEnds: start.advanced(bySeconds: at + 60),
                sources: [caller.service.text])
            var events = [event(.fault(fault), at)]
            fault.phase = .accepted
            fault.acceptedAt = start.advanced(bySeconds: at + 0.02)
            events.append(event(.fault(fault), at + 0.02))
            self.fault = fault
            return events
        case 42: return advance(.active, at)
        case 55: return [event(.note(Note(by: "bo", text: "the pager went off 🍺")), at)]
        case 70: return advance(.reverting, at) + advance(.reverted, at + 0.03)
        case 100 where second > 300:
            let proofs = calls.map { Halt.Proof(source: $0.service.text, isClean: true) }
            return [
                event(.halt(Halt(isLatched: true, by: "ann", reason: "key")), at),
                event(.halt(Halt(isLatched: true, by: "ann", reason: "key", proofs: proofs)), at + 0.02),
                event(.halt(Halt(isLatched: false, by: "ann", reason: "")), at + 0.04),
            ]
        default: return []
        }
    }

    private mutating func advance(_ phase: FaultPhase, _ at: Double) -> [Event] {
        guard var fault else { return [] }
        fault.phase = phase
        if phase == .reverted { fault.endedAt = start.advanced(bySeconds: at) }
        self.fault = phase == .reverted ? nil : fault
        return [event(.fault(fault), at)]
    }

    private mutating func poll(_ service: ServiceName, _ to: [ServiceName], _ second: Int) -> TrafficReport {
        let late = Int64(generator.chance(0.2) ? generator.int(in: -2...2) : 0)
        let isFirst = second == 1
        return TrafficReport(
            source: service.text, service: service,
            inbound: isFirst ? nil : sample(rate(of: service), late, hosts: nil, edge: nil),
            outbound: to.map { callee in
                let edge = Edge(from: service, to: callee)
                let share = rate(of: service) / Double(max(1, to.count))
                return TrafficReport.Outbound(
                    to: callee, sample: isFirst ? nil : sample(share, late, hosts: 1, edge: edge))
            })
    }

    /// Less of the entrance's rate the deeper a service lies.
    private func rate(of service: ServiceName) -> Double {
        let place = calls.firstIndex { $0.service == service } ?? 0
        return rate / Double(1 + place / 2)
    }

    private mutating func sample(_ rate: Double, _ late: Int64, hosts: UInt64?, edge: Edge?) -> TrafficSample {
        var sample = TrafficSample(milliseconds: 1000 + late)
        let completed = max(0, Int((rate + (generator.double(in: -1...1) * rate.squareRoot() * 1.5)).rounded()))
        sample.completed = UInt64(completed)
        sample.active = UInt64(generator.chance(0.2) ? generator.int(in: 1...3) : 0)
        sample.totalHosts = hosts
        sample.healthyHosts = hosts
        let hit = fault.flatMap { $0.phase == .active && $0.edge == edge ? $0 : nil }
        let isHurt = fault.map { $0.phase == .active && ($0.edge.from.text == "x" || edge == nil) } ?? false
        var bins: [Int: UInt64] = [:]
        for _ in 0..<completed {
            var milliseconds = 3 + Int(24 * generator.double(in: 0...1) * generator.double(in: 0...1))
            let isHit = hit.map { generator.chance($0.share) } ?? false
            if isHit, let extra = hit?.kind.amount("delay") {
                milliseconds += extra
                sample.delaysInjected += 1
            }
            if isHit, hit?.kind.amount("abort") != nil {
                sample.answers5xx += 1
                sample.abortsInjected += 1
            } else if isHurt, generator.chance(0.15) {
                sample.answers5xx += 1
            } else if generator.chance(0.06) {
                sample.answers4xx += 1
            }
            bins[milliseconds, default: 0] += 1
        }
        sample.answers2xx = sample.completed - sample.answers5xx - sample.answers4xx
        sample.latency = LatencyHistogram(bins.map(Self.bin))
        return sample
    }

    /// Envoy's bin of a whole millisecond.
    private static func bin(_ milliseconds: Int, _ count: UInt64) -> LatencyHistogram.Bin {
        let width = milliseconds < 10 ? 0.1 : milliseconds < 100 ? 1 : 10
        let lower = milliseconds < 100 ? milliseconds : milliseconds / 10 * 10
        return LatencyHistogram.Bin(lower: Double(lower), width: width, count: count)
    }
}
