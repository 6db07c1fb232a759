import Dashboard
import MeshClient
import MeshModel
import TerminalCanvas

/// What a control plane hears of a simulated mesh within a second, to be told to a dashboard again and again.
struct ObservedMesh: Sendable {
    private let sources: [Observation]
    private let traffic: [Observation]
    private let session: Session
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    /// Watches a generated mesh of so many services, or the bar, for some four seconds.
    static func observe(services: Int?) async throws -> ObservedMesh {
        raiseDescriptorLimit()
        let proxies = try SimulatedProxies(services: services)
        let fleet = EnvoyFleet(proxies.endpoints, transport: try CurlTransport())
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let polling = Task { await fleet.run(into: continuation) }
        let ending = Task {
            try? await Task.sleep(for: .seconds(4.2))
            continuation.finish()
        }
        var sources: [Observation] = []
        var latest: [String: Observation] = [:]
        for await turn in turns {
            for observation in turn.observations {
                switch observation {
                case .source: sources.append(observation)
                case .traffic(let report): latest[report.source] = observation
                default: break
                }
            }
        }
        polling.cancel()
        ending.cancel()
        let entrance = proxies.names.first.map { ServiceName($0) }
        return ObservedMesh(
            sources: sources, traffic: latest.sorted { $0.key < $1.key }.map(\.value),
            session: Session(
                id: "bench", name: "bench", mode: .simulated, startedAt: start, entrance: entrance,
                objectives: [
                    Objective(
                        name: "answered", service: entrance ?? ServiceName(""), indicator: .success(target: 0.995))
                ]))
    }

    /// A dashboard that has seen a minute of it, and what it sees from then on.
    func dashboard(_ size: Size) -> WatchedDay {
        var day = WatchedDay(
            state: DashboardState(DashboardState.Options(user: "bench"), size: size, now: Self.start),
            // The control plane asks large fleets in ten slots, and a dashboard draws after each.
            slots: traffic.chunked(into: traffic.count >= 500 ? 10 : 1), now: Self.start)
        day.tell([.session(session)] + sources)
        for _ in 0..<60 * day.slots.count { day.goOn() }
        return day
    }
}

/// A dashboard's state and the day that goes on before it.
struct WatchedDay {
    private(set) var state: DashboardState
    let slots: [[Observation]]
    private(set) var now: Timestamp
    private var number: UInt64 = 0
    private var next = 0

    init(state: DashboardState, slots: [[Observation]], now: Timestamp) {
        self.state = state
        self.slots = slots
        self.now = now
        _ = self.state.update(.connection(.connected))
    }

    /// Tells what the next slot heard, and the time.
    mutating func goOn() {
        now = now.advanced(bySeconds: 1 / Double(slots.count))
        tell(slots[next])
        next = (next + 1) % slots.count
        _ = state.update(.tick(now))
    }

    mutating func tell(_ observations: [Observation]) {
        for observation in observations {
            number += 1
            _ = state.update(.event(Event(number: number, at: now, observation: observation)))
        }
    }
}

extension Array {
    /// This many parts of about the same length.
    fileprivate func chunked(into count: Int) -> [[Element]] {
        (0..<count).map { Array(self[self.count * $0 / count..<self.count * ($0 + 1) / count]) }
    }
}
