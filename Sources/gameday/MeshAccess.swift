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
        surroundings.certificateWarning = settings.mesh.certificateWarning.map { .seconds($0) }
        let mesh = MeshConnection(settings.adapters, surroundings)
        self.mesh = mesh
        observatory = Observatory(
            turns: turns.turns, poll: { sources in for adapter in mesh.adapters { adapter.pollSoon(Set(sources)) } },
            knowledge: { edge in
                var reports: [EdgeReport] = []
                for adapter in mesh.adapters { reports += await adapter.knowledge(of: edge) }
                return reports
            },
            standings: { edges in
                var reports: [EdgeReport] = []
                for adapter in mesh.adapters { reports += await adapter.standings(of: edges) }
                return reports
            },
            logs: { edge in
                var logs: [ProxyLog] = []
                for adapter in mesh.adapters { logs += await adapter.log(of: edge) }
                return logs
            },
            addCost: { [turns] cost in
                for meter in mesh.adapters.map(\.meter) { cost.add(meter) }
                cost.merged = turns.merged
            })
    }

    var injectors: [any Injector] { mesh.adapters.flatMap(\.injectors) }

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
