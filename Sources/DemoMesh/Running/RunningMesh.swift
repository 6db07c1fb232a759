import MeshClient
import MeshModel

/// The processes of a demo. It restarts nothing by itself.
struct RunningMesh: Sendable {
    private(set) var cast: Cast
    let directory: RuntimeDirectory
    let keeper: ChildKeeper
    let meshFile: String
    /// Held so that no other demo takes these ports.
    private let ports: PortBlock

    /// Brings everything up, on other ports if somebody took one that was free just before.
    static func start(
        _ settings: DemoSettings, transport: any HTTPTransport
    ) async throws(DemoFailure) -> RunningMesh {
        let directory = try RuntimeDirectory(environment: settings.environment)
        var bases = PortBlock.candidates()
        var failure = DemoFailure.noPorts
        for _ in 0..<4 {
            let running = try RunningMesh(settings, in: directory, on: bases, transport: transport)
            do throws(DemoFailure) {
                try await running.comeUp(settings)
                return running
            } catch {
                await running.keeper.end { _ in true }
                // Nobody reads the logs of what was not wanted any more.
                if Task.isCancelled { directory.remove() }
                guard case .ended = error else { throw error }
                bases.removeAll { $0 == running.ports.base }
                failure = error
            }
        }
        throw failure
    }

    private init(
        _ settings: DemoSettings, in directory: RuntimeDirectory, on bases: [Int], transport: any HTTPTransport
    ) throws(DemoFailure) {
        func cast(_ base: Int) -> Cast {
            switch settings.kind {
            case .bar(let envoy):
                .bar(settings, envoy: envoy, base: base, in: directory, transport: transport)
            case .simulated(let services):
                .simulated(settings, services: services, base: base, transport: transport)
            }
        }
        let needed = cast(0).layout.ports + [1]
        ports = try PortBlock.claim(from: bases) { base in needed.map { base + $0 } }
        self.cast = cast(ports.base)
        self.directory = directory
        meshFile = directory.file("gameday.yaml")
        if let words = settings.controlPlane {
            // Last of all, so that its first look finds everybody at home.
            self.cast.last.append(.controlPlane)
            self.cast.words[.controlPlane] = words + ["--file", meshFile]
        }
        keeper = ChildKeeper(trampoline: [settings.program, "tied"])
        try directory.write(Array(self.cast.mesh.yaml.utf8), to: "gameday.yaml")
        for (name, bytes) in self.cast.files { try directory.write(bytes, to: name) }
        if self.cast.mesh.name == MeshPlan.bar.name { try writeExperiments() }
    }

    /// The folder of the bar's experiments.
    var experiments: String { directory.file("experiments") }

    private func writeExperiments() throws(DemoFailure) {
        try directory.make("experiments")
        let door = cast.layout.place(of: MeshPlan.bar.entrance)?.inbound
        for (name, bytes) in BarExperiment.files(door: door) { try directory.write(bytes, to: "experiments/\(name)") }
    }

    private func comeUp(_ settings: DemoSettings) async throws(DemoFailure) {
        var vigil = Vigil(patience: settings.patience)
        for role in cast.first { try await start(role) }
        try await wait(for: cast.first, &vigil, settings.tell, cast.isAnnounced)
        for role in cast.next { try await start(role) }
        try await wait(for: cast.first + cast.next, &vigil, settings.tell, cast.isReady)
        for role in cast.last { try await start(role) }
    }

    private func wait(
        for roles: [ChildRole], _ vigil: inout Vigil, _ tell: @Sendable (DemoProgress) -> Void,
        _ isReady: @Sendable () async -> Bool
    ) async throws(DemoFailure) {
        while await !isReady() {
            let alive = await keeper.running
            if let dead = roles.first(where: { alive[$0] == nil }) {
                throw .ended(dead.description, logs: directory.path)
            }
            if vigil.isDue || Task.isCancelled {
                let missing = await cast.missing()
                guard vigil.look(missing: missing.count), !Task.isCancelled else {
                    throw .notReady(missing, logs: directory.path)
                }
                tell(DemoProgress(missing: missing.count, of: cast.first.count + cast.next.count))
            }
            try? await ContinuousClock().sleep(for: .milliseconds(20))
        }
    }

    func start(_ role: ChildRole, with more: [String] = []) async throws(DemoFailure) {
        let words = (cast.words[role] ?? []) + more
        _ = try await keeper.start(ChildCommand(role: role, words: words, log: directory.file("\(role).log")))
    }

    func end() async {
        // The control plane undoes its faults while the sidecars can still hear it.
        await keeper.end(patience: .seconds(3)) { $0 == .controlPlane }
        await keeper.end { $0 == .traffic }
        await keeper.end { _ in true }
        directory.remove()
    }
}
