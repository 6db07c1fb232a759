public import MeshClient
public import MeshModel

/// The mesh of a demo, for whoever is to watch it: its admin pages, the objectives of its entrance, and what halts.
public struct MeshFile: Sendable {
    public let mesh: MeshDescription
    public let proxies: [EnvoyEndpoint]
    /// The directory of the sockets of what runs the mesh; nil for a model.
    let directory: String?

    public var name: String { mesh.name }

    /// The mesh of a model, which has one of each service.
    init(of plan: MeshPlan, admin: (_ service: String) -> String?) {
        self.init(
            of: plan, directory: nil,
            proxies: plan.services.compactMap { service in
                admin(service.name).map { EnvoyEndpoint(admin: $0, service: ServiceName(service.name)) }
            })
    }

    /// A mesh with all its instances.
    init(of plan: MeshPlan, at layout: MeshLayout, in directory: String) {
        self.init(
            of: plan, directory: directory,
            proxies: layout.places.map { place in
                var endpoint = EnvoyEndpoint(
                    admin: "http://127.0.0.1:\(place.admin)", service: ServiceName(place.service))
                (endpoint.version, endpoint.zone) = (place.plan.version, place.plan.zone)
                return endpoint
            })
    }

    private init(of plan: MeshPlan, directory: String?, proxies: [EnvoyEndpoint]) {
        let entrance = ServiceName(plan.entrance)
        self.directory = directory
        self.proxies = proxies
        mesh = MeshDescription(
            name: plan.name, entrance: entrance,
            objectives: [
                Objective(name: "orders answered", service: entrance, indicator: .success(target: 0.995)),
                Objective(
                    name: "orders quick", service: entrance, indicator: .latency(quantile: 0.99, limit: 300)),
            ],
            guards: [
                .broken(objective: "orders answered", seconds: 300),
                .budget(objective: "orders answered", floor: 0.5), .stale(seconds: 15),
            ])
    }

    /// It as a `gameday.yaml`, as far as a demo uses one.
    var yaml: String {
        var lines = ["name: \(quoted(mesh.name))"]
        if let entrance = mesh.entrance { lines.append("entrance: \(quoted(entrance.text))") }
        lines.append("poll: \(Self.plain(mesh.pollInterval))s")
        lines.append("proxies:")
        for proxy in proxies {
            let service = proxy.service.map { "service: \(quoted($0.text)), " } ?? ""
            let more = [("version", proxy.version), ("zone", proxy.zone)].compactMap { name, text in
                text.map { ", \(name): \(quoted($0))" }
            }
            lines.append("  - {\(service)admin: \(quoted(proxy.admin))\(more.joined())}")
        }
        if let directory {
            let control = quoted(MeshControl.socket(in: directory))
            lines.append("box: {control: \(control), keeper: \(quoted(InstanceDesk.socket(in: directory)))}")
        }
        lines.append("slos:")
        for objective in mesh.objectives {
            let bound =
                switch objective.indicator {
                case .success(let target): "success: \(Self.plain(target * 100))%"
                case .latency(let quantile, let limit):
                    "latency: {p\(Self.plain(quantile * 100)): \(Self.plain(limit))ms}"
                }
            lines.append("  - {name: \(quoted(objective.name)), service: \(quoted(objective.service.text)), \(bound)}")
        }
        if !mesh.guards.isEmpty { lines.append("guards:") }
        for guardRail in mesh.guards { lines.append("  - \(text(of: guardRail))") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func text(of guardRail: Guard) -> String {
        switch guardRail {
        case .broken(let name, let seconds): "{broken: \(quoted(name)), for: \(Self.plain(seconds))s}"
        case .budget(let name, let floor): "{budget: \(quoted(name)), below: \(Self.plain(floor * 100))%}"
        case .stale(let seconds): "{stale: \(Self.plain(seconds))s}"
        case .duration(let seconds): "{duration: \(Self.plain(seconds))s}"
        case .blastRadius(let share): "{blast-radius: \(Self.plain(share * 100))%}"
        }
    }

    /// A number as people write it: at most three digits after the point, none when they are zero.
    private static func plain(_ value: Double) -> String {
        let rounded = (value * 1_000).rounded() / 1_000
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}
