internal import MeshModel

/// The control plane and the keeper of a demo, by their pages: `box` of gameday.yaml.
struct BoxAdapter: Adapter {
    private let fleet: BoxFleet
    let injectors: [any Injector]

    init(_ places: [BoxPlace], in surroundings: AdapterSurroundings) {
        let directory = BoxDirectory()
        fleet = BoxFleet(
            places, transport: surroundings.transport, interval: surroundings.pollInterval, directory: directory)
        injectors = [
            BoxInjector(
                directory: directory, transport: surroundings.transport, named: Set(places.map(\.socket)))
        ]
    }

    var meter: PollMeter { fleet.meter }

    func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async { await fleet.run(telling: turns) }

    func pollSoon(_ sources: Set<String>) { fleet.pollSoon(sources) }
}

extension BoxAdapter: AdapterKind {
    static var keys: [String] { ["box"] }

    static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart? {
        guard let node = members["box"],
            let parts = node.members(of: "a box", keys: BoxPlace.Role.allCases.map(\.rawValue))
        else { return nil }
        let places = BoxPlace.Role.allCases.compactMap { role -> BoxPlace? in
            guard let path = parts[role.rawValue] else {
                node.mistake(
                    "missing '\(role.rawValue)' in a box", "Remove `box:`. Only the demo writes it, for its own mesh.")
                return nil
            }
            guard let text = path.scalar, text.hasPrefix("/"), text.utf8.count < 108 else {
                path.mistake(
                    "invalid socket path in \(role.rawValue)", "Use a path such as /run/demo/\(role.rawValue).sock.")
                return nil
            }
            return BoxPlace(role: role, socket: text)
        }
        return AdapterPart(summary: "a box") { BoxAdapter(places, in: $0) }
    }

    static func injectors(_ transport: any HTTPTransport) -> [any Injector] {
        [BoxInjector(directory: BoxDirectory(), transport: transport, named: [])]
    }
}

/// One of the two programs of a demo that can be asked for something.
struct BoxPlace: Hashable, Sendable {
    enum Role: String, CaseIterable, Sendable {
        /// What tells the sidecars what to do.
        case control
        /// What starts and ends the processes.
        case keeper
    }

    var role: Role
    /// The path of its socket.
    var socket: String

    /// The name of the source.
    var source: String { role == .control ? "mesh-control" : "keeper" }
}
