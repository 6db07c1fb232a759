import ControlPlane
import MeshClient
import MeshModel

/// How a control plane gets at its mesh: one transport, the adapters that observe, and their injectors.
struct MeshAccess: Sendable {
    let observatory: Observatory
    private let mesh: MeshConnection
    private let turns = TurnQueue()

    init(_ settings: Settings) throws(TransportError) {
        var surroundings = AdapterSurroundings(
            transport: try CurlTransport(), pollInterval: .seconds(settings.mesh.pollInterval))
        surroundings.objectives = settings.mesh.objectives
        let mesh = MeshConnection(settings.adapters, surroundings)
        self.mesh = mesh
        observatory = Observatory(
            turns: turns.turns, poll: { sources in for adapter in mesh.adapters { adapter.pollSoon(Set(sources)) } },
            addCost: { [turns] cost in
                for meter in mesh.adapters.map(\.meter) { cost.add(meter) }
                cost.merged = turns.merged
            })
    }

    var injectors: [any Injector] { mesh.adapters.compactMap(\.injector) }

    /// Observes until the task is cancelled.
    func observe() async {
        await mesh.observe { [turns] turn, adapter in if !turns.put(turn) { adapter.meter.isBehind() } }
    }

    /// What undoes faults without any settings, for the guard.
    static func injectors() throws(TransportError) -> InjectorRouter {
        Adapters.injectors(try CurlTransport())
    }
}

extension OwnCost {
    fileprivate mutating func add(_ meter: PollMeter) {
        let sums = meter.sums
        polls += sums.polls
        latePolls += sums.late
        failedPolls += sums.failed
        bytesRead += sums.bytes
        slowdown = max(slowdown, meter.slowdown)
    }
}
