import ControlPlane
import MeshClient
import MeshModel

/// How a control plane gets at its mesh: one transport, the fleet of adapters that observes, and the injector.
struct MeshAccess: Sendable {
    let injector: EnvoyFaultInjector
    let observatory: Observatory
    /// For each request: a halt makes two or three of them in a row and must be over within a second.
    private static let deadline = Duration.milliseconds(400)

    private let fleet: EnvoyFleet<ContinuousClock>
    private let turns = TurnQueue()

    init(_ description: MeshDescription) throws(TransportError) {
        let transport = try CurlTransport()
        let directory = EnvoyDirectory()
        injector = EnvoyFaultInjector(directory: directory, transport: transport, deadline: Self.deadline)
        fleet = EnvoyFleet(
            description.proxies.map { EnvoyEndpoint($0) }, transport: transport,
            interval: .seconds(description.pollInterval), directory: directory)
        observatory = Observatory(
            turns: turns.turns, poll: { [fleet] in fleet.pollSoon(Set($0)) },
            addCost: { [meter = fleet.meter, turns] cost in
                let sums = meter.sums
                (cost.polls, cost.latePolls, cost.failedPolls) = (sums.polls, sums.late, sums.failed)
                (cost.bytesRead, cost.slowdown, cost.merged) = (sums.bytes, meter.slowdown, turns.merged)
            })
    }

    /// Observes until the task is cancelled.
    func observe() async {
        await fleet.run { [turns, meter = fleet.meter] turn in
            let isTaken = turns.put(Observatory.Turn(turn.observations, isSimulated: turn.simulatorSeed != nil))
            if !isTaken { meter.isBehind() }
        }
    }

    /// An injector alone, for the guard.
    static func injector() throws(TransportError) -> EnvoyFaultInjector {
        EnvoyFaultInjector(directory: EnvoyDirectory(), transport: try CurlTransport())
    }
}
