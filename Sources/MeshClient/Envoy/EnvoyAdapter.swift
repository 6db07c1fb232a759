internal import MeshModel

/// Envoys, by their admin pages: `proxies` of gameday.yaml.
public struct EnvoyAdapter: Adapter {
    private let fleet: EnvoyFleet<ContinuousClock>
    public let injector: (any Injector)?

    init(_ endpoints: [EnvoyEndpoint], in surroundings: AdapterSurroundings) {
        let directory = EnvoyDirectory(names: surroundings.names)
        fleet = EnvoyFleet(
            endpoints, transport: surroundings.transport, interval: surroundings.pollInterval, directory: directory)
        injector = EnvoyFaultInjector(
            directory: directory, transport: surroundings.transport, deadline: surroundings.deadline, named: endpoints)
    }

    public var meter: PollMeter { fleet.meter }

    public func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        await fleet.run { turns(AdapterTurn($0.observations, isSimulated: $0.simulatorSeed != nil)) }
    }

    public func pollSoon(_ sources: Set<String>) { fleet.pollSoon(sources) }
}

extension EnvoyAdapter: AdapterKind {
    public static var keys: [String] { ["proxies", "names"] }

    public static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart? {
        guard let list = members["proxies"] else { return nil }
        let endpoints = EnvoyEndpoint.list(list, names: members["names"], in: folder)
        var part = AdapterPart(summary: "\(endpoints.count) proxies") { EnvoyAdapter(endpoints, in: $0) }
        part.explain = { await EnvoyInspection(endpoints, $0).lines() }
        part.advise = { transport, address in
            let wanted = endpoints.filter { address == nil || $0.shown == address || $0.admin == address }
            return await EnvoyInspection(wanted, transport).adoption
        }
        return part
    }

    public static func injector(_ transport: any HTTPTransport) -> (any Injector)? {
        EnvoyFaultInjector(directory: EnvoyDirectory(), transport: transport)
    }
}
