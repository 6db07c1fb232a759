import MeshClient
import MeshModel

/// The processes of a demo and how each is started. It restarts nothing by itself.
struct RunningMesh: Sendable {
    let layout: MeshLayout
    let mesh: MeshDescription
    let meshFile: String
    let directory: RuntimeDirectory
    let keeper: ChildKeeper
    private let settings: DemoSettings
    private let ports: PortBlock

    /// Brings everything up, on other ports if a sidecar could not bind one of those that were free just before.
    static func start(
        _ settings: DemoSettings, transport: any HTTPTransport
    ) async throws(DemoFailure) -> RunningMesh {
        let directory = try RuntimeDirectory(environment: settings.environment)
        var bases = PortBlock.candidates()
        var failure = DemoFailure.noPorts
        for _ in 0..<4 {
            let running = try RunningMesh(settings, in: directory, on: bases)
            do throws(DemoFailure) {
                try await running.comeUp(transport: transport)
                return running
            } catch {
                await running.keeper.end { _ in true }
                guard case .ended = error else { throw error }
                bases.removeAll { $0 == running.ports.base }
                failure = error
            }
        }
        throw failure
    }

    private init(
        _ settings: DemoSettings, in directory: RuntimeDirectory, on bases: [Int]
    ) throws(DemoFailure) {
        let plan = MeshPlan.bar
        ports = try PortBlock.claim(from: bases) { MeshLayout(of: plan, base: $0).ports }
        let layout = MeshLayout(of: plan, base: ports.base)
        self.settings = settings
        self.directory = directory
        self.layout = layout
        mesh = MeshDescription(of: plan) { service in
            layout.place(of: service).map { "http://127.0.0.1:\($0.admin)" }
        }
        meshFile = directory.file("gameday.yaml")
        keeper = ChildKeeper(trampoline: [settings.program, "tied"])
        try directory.write(Array(mesh.yaml.utf8), to: "gameday.yaml")
        for place in layout.places {
            guard let bootstrap = EnvoyBootstrap(service: place.service, of: plan, at: layout) else { continue }
            try directory.write(bootstrap.document.bytes, to: Self.configuration(of: place.service))
        }
    }

    /// Starts services and sidecars, waits until a customer is served, and lets the customers come.
    private func comeUp(transport: any HTTPTransport) async throws(DemoFailure) {
        let roles = layout.places.flatMap { [ChildRole.service($0.service), .sidecar($0.service)] }
        for role in roles { try await start(role) }
        let tasting = Tasting(layout: layout, transport: transport)
        let clock = ContinuousClock()
        let deadline = clock.now + settings.patience
        while await !tasting.isServed() {
            let alive = await keeper.running
            if let dead = roles.first(where: { alive[$0] == nil }) {
                throw .ended(dead.description, logs: directory.path)
            }
            guard clock.now < deadline, !Task.isCancelled else {
                throw .notReady(await tasting.missing(), logs: directory.path)
            }
            try? await clock.sleep(for: .milliseconds(20))
        }
        try await start(.traffic)
    }

    func start(_ role: ChildRole) async throws(DemoFailure) {
        let command = ChildCommand(role: role, words: words(for: role), log: directory.file("\(role).log"))
        _ = try await keeper.start(command)
    }

    func end() async {
        await keeper.end { $0 == .traffic }
        await keeper.end { _ in true }
        directory.remove()
    }

    private static func configuration(of service: String) -> String {
        service + "-envoy.json"
    }

    private func words(for role: ChildRole) -> [String] {
        switch role {
        case .service(let name):
            let place = layout.place(of: name)
            let callees = (place?.egress ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return [settings.program, "demo-service", name, "--port", String(place?.app ?? 0)]
                + ["--seed", String(settings.seed)] + callees.flatMap { ["--to", $0] }
        case .sidecar(let name):
            return [
                settings.envoy.path, "-c", directory.file(Self.configuration(of: name)), "--concurrency", "1",
                "--disable-hot-restart", "--log-level", "warning",
            ]
        case .traffic:
            let door = layout.place(of: MeshPlan.bar.entrance)?.inbound ?? 0
            return [
                settings.program, "demo-traffic", "--port", String(door), "--rate", String(settings.rate),
                "--seed", String(settings.seed), "--report", directory.file("traffic.jsonl"),
            ]
        case .simulator:
            return []
        }
    }
}
