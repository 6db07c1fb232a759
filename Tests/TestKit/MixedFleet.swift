public import MeshModel

/// A service that Envoys and a Prometheus both tell of, made up from a seed: in any order, with silences of either, and
/// with an edge that only the Prometheus knows. It tells what a control plane numbers, and knows what is true.
public struct MixedFleet {
    public private(set) var events: [Event] = []
    /// When no Envoy was heard, in seconds.
    public let silence: ClosedRange<Double>
    /// When the Prometheus was not heard.
    public let otherSilence: ClosedRange<Double>
    /// Seconds between two scrapes.
    public let interval: Double
    /// Requests a second that truly come in at all replicas together.
    public let rate: Int

    public static let start = Timestamp(milliseconds: 1_764_000_000_000)
    public static let shared = Edge(from: "front", to: "pay")
    public static let alone = Edge(from: "back", to: "store")

    public init(seed: UInt64, seconds: Int) {
        var generator = SeededGenerator(seed: seed)
        let replicas = generator.int(in: 1...4)
        let each = generator.int(in: 10...50)
        rate = each * replicas
        interval = generator.pick([2, 5, 15])
        let begin = generator.double(in: 40...Double(seconds) / 2)
        silence = begin...begin + generator.double(in: 20...60)
        let other = generator.double(in: 20...Double(seconds) - 40)
        otherSilence = other...other + generator.double(in: 10...60)
        var told: [(at: Double, observation: Observation)] = []
        for replica in 0..<replicas {
            let name = replica == 0 ? "front" : "front \(replica + 1)"
            told.append((0, .source(Self.source(name, .envoy))))
            var last = generator.double(in: 0...1)
            for at in stride(from: last + 1, to: Double(seconds), by: 1) where !silence.contains(at) {
                told.append((at, .traffic(Self.report(name, "front", "pay", each, seconds: at - last))))
                last = at
            }
        }
        told.append((0, .source(Self.source("prometheus", .prometheus, every: interval))))
        var last = generator.double(in: 0...interval)
        for at in stride(from: last + interval, to: Double(seconds), by: interval) where !otherSilence.contains(at) {
            told.append((at, .traffic(Self.report("prometheus", "front", "pay", rate, seconds: at - last))))
            told.append((at, .traffic(Self.report("prometheus", "back", "store", 7, seconds: at - last))))
            last = at
        }
        tell(told.sorted { $0.at < $1.at })
    }

    /// Numbers what counts, as a control plane does.
    private mutating func tell(_ told: [(at: Double, observation: Observation)]) {
        let session = Session(
            id: "mixed", name: "mixed", mode: .live, startedAt: Self.start, entrance: "front",
            objectives: [Objective(name: "answered", service: "front", indicator: .success(target: 0.9))])
        var state = MeshState()
        func append(_ observation: Observation, _ at: Timestamp) {
            let event = Event(number: state.lastNumber + 1, at: at, observation: observation)
            state.apply(event)
            events.append(event)
        }
        append(.session(session), Self.start)
        for (seconds, observation) in told {
            let at = Self.start.advanced(bySeconds: seconds)
            guard case .traffic(let report) = observation else {
                append(observation, at)
                continue
            }
            if let counted = state.counted(report, at: at) { append(.traffic(counted), at) }
        }
    }

    private static func source(_ name: String, _ kind: SourceKind, every interval: Double? = nil) -> SourceReport {
        SourceReport(
            name: name, kind: kind, endpoint: "http://\(name)", service: kind == .envoy ? "front" : nil, state: .fresh,
            interval: interval)
    }

    private static func report(
        _ source: String, _ from: ServiceName, _ to: ServiceName, _ rate: Int, seconds: Double
    ) -> TrafficReport {
        var sample = TrafficSample(seconds: seconds)
        sample.completed = UInt64((Double(rate) * seconds).rounded())
        return TrafficReport(
            source: source, service: from, inbound: sample,
            outbound: [TrafficReport.Outbound(to: to, sample: sample)])
    }
}
