public import MeshModel

/// What one turn of polling brought, from one or many proxies.
public struct EnvoyTurn: Sendable {
    public var observations: [Observation] = []
    /// The seed of the simulator, if what answered was one.
    public var simulatorSeed: String?
}

/// Polls any number of sidecars at an interval, each with one question at a time over its own connection.
///
/// The proxies are spread over a few slots of the interval; a slot asks all of its own at once and has one timer. A
/// proxy that is slow, silent or talks nonsense is a report after its deadline, and delays nobody.
public struct EnvoyFleet<C: Clock>: Sendable where C.Duration == Duration {
    private let endpoints: [EnvoyEndpoint]
    private let transport: any HTTPTransport
    private let interval: Duration
    private let naming: EnvoyNaming
    private let directory: EnvoyDirectory
    private let clock: C

    public init(
        _ endpoints: [EnvoyEndpoint], transport: any HTTPTransport, interval: Duration = .seconds(1),
        naming: EnvoyNaming = EnvoyNaming(), directory: EnvoyDirectory = EnvoyDirectory(),
        clock: C = ContinuousClock()
    ) {
        self.directory = directory
        self.endpoints = endpoints
        self.transport = transport
        self.interval = interval
        self.naming = naming
        self.clock = clock
    }

    /// Polls until the task is cancelled. Who is who is told to the directory.
    public func run(into turns: AsyncStream<EnvoyTurn>.Continuation) async {
        let start = clock.now
        let slots = min(10, max(1, endpoints.count / 50))
        await withDiscardingTaskGroup { group in
            for slot in 0..<slots {
                let own = stride(from: slot, to: endpoints.count, by: slots).map { endpoints[$0] }
                group.addTask {
                    await poll(own, from: start.advanced(by: interval / slots * slot), start, turns)
                }
            }
        }
    }

    private func poll(
        _ endpoints: [EnvoyEndpoint], from first: C.Instant, _ start: C.Instant,
        _ turns: AsyncStream<EnvoyTurn>.Continuation
    ) async {
        let sidecars = endpoints.map { EnvoySidecar($0, naming: naming, deadline: interval * 0.8) }
        var next = first
        while !sidecars.isEmpty, (try? await clock.sleep(until: next, tolerance: nil)) != nil {
            var asked = Array(sidecars.indices)
            while !asked.isEmpty {
                let batch = asked.map { sidecars[$0].request }
                var named: [Int] = []
                for await answers in transport.answers(to: batch) {
                    let now = start.duration(to: clock.now).seconds
                    var turn = EnvoyTurn()
                    for answer in answers {
                        let place = asked[answer.place]
                        turn.observations += sidecars[place].receive(answer.result, at: now, directory: directory)
                        turn.simulatorSeed = turn.simulatorSeed ?? sidecars[place].simulatorSeed
                        if sidecars[place].isJustNamed { named.append(place) }
                    }
                    if !turn.observations.isEmpty { turns.yield(turn) }
                }
                // Who has only said its name until now is asked again at once.
                asked = named
            }
            // A turn that was missed, because the machine slept or was busy, is left out.
            repeat { next = next.advanced(by: interval) } while next < clock.now
        }
    }
}

extension Duration {
    /// The same in seconds, for sums with other fractions.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
