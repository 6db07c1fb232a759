internal import MeshModel

/// Toxiproxies, by their API: `toxiproxy` of gameday.yaml.
public struct ToxiproxyAdapter: Adapter {
    private let fleet: ToxiproxyFleet<ContinuousClock>
    public let injectors: [any Injector]

    init(_ targets: [ToxiproxyTarget], in surroundings: AdapterSurroundings) {
        let directory = ToxiproxyDirectory(names: surroundings.names)
        fleet = ToxiproxyFleet(
            targets, transport: surroundings.transport, interval: surroundings.pollInterval, directory: directory)
        injectors = [
            ToxiproxyInjector(
                directory: directory, transport: surroundings.transport, deadline: surroundings.deadline,
                named: Set(targets.map(\.url)))
        ]
    }

    public var meter: PollMeter { fleet.meter }

    public func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        await fleet.run(telling: turns)
    }

    public func pollSoon(_ sources: Set<String>) { fleet.pollSoon(sources) }
}

extension ToxiproxyAdapter: AdapterKind {
    public static var keys: [String] { ["toxiproxy"] }

    public static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart? {
        guard let list = members["toxiproxy"] else { return nil }
        let targets = ToxiproxySettings.targets(list)
        let summary = "\(targets.count) \(targets.count == 1 ? "Toxiproxy" : "Toxiproxies")"
        var part = AdapterPart(summary: summary) { ToxiproxyAdapter(targets, in: $0) }
        part.explain = { await ToxiproxyInspection(targets: targets, transport: $0).lines() }
        return part
    }

    public static func injectors(_ transport: any HTTPTransport) -> [any Injector] {
        [ToxiproxyInjector(directory: ToxiproxyDirectory(), transport: transport)]
    }
}
