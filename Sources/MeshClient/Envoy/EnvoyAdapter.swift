public import MeshModel

/// Envoys, by their admin pages: `proxies` of gameday.yaml.
public struct EnvoyAdapter: Adapter {
    private let fleet: EnvoyFleet<ContinuousClock>
    private let roster: EnvoyRoster
    private let lists: [EnvoyProxies.Listed]
    private let names: SourceNames
    public let injectors: [any Injector]
    private let guide: EnvoyGuide
    private let logs: EnvoyLogs
    private let standings: EnvoyStandings

    init(_ proxies: EnvoyProxies, in surroundings: AdapterSurroundings) {
        let directory = EnvoyDirectory(names: surroundings.names)
        let roster = EnvoyRoster(proxies.fixed, mayChange: !proxies.lists.isEmpty)
        fleet = EnvoyFleet(
            roster, transport: surroundings.transport, interval: surroundings.pollInterval, directory: directory,
            clock: ContinuousClock())
        injectors = [
            EnvoyFaultInjector(
                directory: directory, transport: surroundings.transport, deadline: surroundings.deadline, roster: roster
            )
        ]
        guide = EnvoyGuide(
            directory: directory, transport: surroundings.transport, deadline: surroundings.deadline * 5)
        standings = EnvoyStandings(bound: surroundings.certificateWarning)
        logs = EnvoyLogs(directory: directory, transport: surroundings.transport, deadline: surroundings.deadline * 5)
        self.roster = roster
        lists = proxies.lists
        names = surroundings.names
    }

    public var meter: PollMeter { fleet.meter }

    public func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        await withDiscardingTaskGroup { group in
            for (number, listed) in lists.enumerated() {
                let follower = TargetFollower(listed.list, names: names)
                group.addTask { [roster] in
                    await follower.follow(telling: turns) { targets in
                        roster.put(targets.map(listed.endpoint), of: number)
                    }
                }
            }
            group.addTask {
                await fleet.run { turns(AdapterTurn($0.observations, isSimulated: $0.simulatorSeed != nil)) }
            }
        }
    }

    public func pollSoon(_ sources: Set<String>) { fleet.pollSoon(sources) }

    public func knowledge(of edge: Edge) async -> [EdgeReport] { await guide.reports(of: edge) }

    public func standings(of edges: [Edge]) async -> [EdgeReport] {
        await standings.reports(of: guide.callers(of: edges))
    }

    public func log(of edge: Edge) async -> [ProxyLog] { await logs.logs(of: edge) }
}

extension EnvoyAdapter: AdapterKind {
    public static var keys: [String] { ["proxies", "names"] }

    public static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart? {
        guard let list = members["proxies"] else { return nil }
        let proxies = EnvoyProxies(list, names: members["names"], in: folder)
        var part = AdapterPart(summary: proxies.summary) { EnvoyAdapter(proxies, in: $0) }
        part.explain = { await EnvoyInspection(proxies.fixed, $0).lines() }
        part.advise = { transport, address in
            let wanted = proxies.fixed.filter { address == nil || $0.shown == address || $0.admin == address }
            return await EnvoyInspection(wanted, transport).adoption
        }
        return part
    }

    public static func injectors(_ transport: any HTTPTransport) -> [any Injector] {
        [EnvoyFaultInjector(directory: EnvoyDirectory(), transport: transport)]
    }
}
