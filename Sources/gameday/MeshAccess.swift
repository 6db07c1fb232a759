import ControlPlane
import MeshClient
import MeshModel

/// How a control plane gets at its mesh: one transport, the adapters that observe, and their injectors.
struct MeshAccess: Sendable {
    let observatory: Observatory
    private let adapters: [any Adapter]
    private let turns = TurnQueue()

    init(_ settings: Settings) throws(TransportError) {
        var surroundings = AdapterSurroundings(
            transport: try CurlTransport(), pollInterval: .seconds(settings.mesh.pollInterval))
        surroundings.objectives = settings.mesh.objectives
        let adapters = settings.adapters.map { [surroundings] in $0.make(surroundings) }
        self.adapters = adapters
        observatory = Observatory(
            turns: turns.turns, poll: { sources in for adapter in adapters { adapter.pollSoon(Set(sources)) } },
            addCost: { [turns] cost in
                for meter in adapters.map(\.meter) { cost.add(meter) }
                cost.merged = turns.merged
            })
    }

    var injectors: [any Injector] { adapters.compactMap(\.injector) }

    /// Observes until the task is cancelled.
    func observe() async {
        await withDiscardingTaskGroup { [turns] group in
            for adapter in adapters {
                group.addTask {
                    await adapter.observe { turn in if !turns.put(turn) { adapter.meter.isBehind() } }
                }
            }
        }
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
