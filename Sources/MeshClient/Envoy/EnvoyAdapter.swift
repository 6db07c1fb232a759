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
    public static var keys: [String] { ["proxies"] }

    public static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart? {
        guard let list = members["proxies"] else { return nil }
        let endpoints = EnvoyEndpoint.list(list, in: folder)
        return AdapterPart(summary: "\(endpoints.count) proxies") { EnvoyAdapter(endpoints, in: $0) }
    }

    public static func injector(_ transport: any HTTPTransport) -> (any Injector)? {
        EnvoyFaultInjector(directory: EnvoyDirectory(), transport: transport)
    }
}
