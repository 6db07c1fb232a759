import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// The mesh of one case: a real Envoy behind a relay, callers whose requests go through it, and a control plane.
final class FireStage: Sendable {
    let home: GamedayHome
    let relay: AdminRelay
    private let transport: CurlTransport
    private let taps: StubServer
    private let envoy: FireEnvoy
    private let callers: Task<Void, Never>
    private let client: ControlPlaneClient

    /// In a home of its own, or on a small disk's.
    init(on disk: SmallDisk? = nil) async throws {
        home = try disk?.home ?? GamedayHome()
        transport = try CurlTransport()
        taps = try StubServer { _, connection in connection.respond(body: "beer") }
        envoy = try await FireEnvoy(upstream: taps.port, transport: transport)
        relay = try AdminRelay(upstream: await envoy.adminPort)
        client = ControlPlaneClient(socket: home.socket, transport: transport)
        callers = Task { [envoy, transport] in
            while !Task.isCancelled {
                if let url = await envoy.url {
                    _ = try? await transport.send(HTTPRequest("GET", url, deadline: .seconds(2)))
                }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        try #require(mkdir(home.folder + "/experiments", 0o700) == 0)
        home.write(FireRun.document, to: "experiments/taps.yaml")
        _ = try await home.up([("bar", relay.url)], edges: 1)
    }

    deinit { callers.cancel() }

    /// What Envoy itself says that it holds; nil while there is no Envoy.
    func heldKeys() async -> [String]? {
        guard let admin = await envoy.admin,
            let response = try? await transport.send(HTTPRequest("GET", admin + "/runtime", deadline: .seconds(5))),
            let json = try? JSON(parsing: response.body), case .object(let entries) = json["entries"]
        else { return nil }
        return entries.map(\.name).filter { $0.hasPrefix("edge.") }
    }

    func faults() async -> [Fault]? { try? await client.faults() }

    func experiments() async throws -> GamedayHome.Outcome { try await home.run("experiments", "--json") }

    var envoyProcess: pid_t { get async { await envoy.process } }

    /// A new Envoy in the place of one that was killed, as an orchestrator would start it.
    func restartEnvoy() async throws {
        try await envoy.restart()
        relay.lead(to: await envoy.adminPort)
    }

    /// Does something in the background and waits until its request is held.
    func hold(
        _ gate: AdminRelay.Gate, while command: [String], _ sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        relay.set(gate)
        Task { [home] in _ = try? await home.run(command) }
        try await eventually("held: \(command)", sourceLocation) { self.relay.isHolding }
    }

    /// For so long nothing may be said to be over that Envoy holds.
    func watch(for time: Duration) async throws {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            // What is said comes first, so that what Envoy holds afterwards can only have become less.
            if let said = await faults(), !said.isEmpty, said.allSatisfy(\.phase.isOver), await heldKeys() != [] {
                Issue.record("said to be over: \(said), and Envoy holds it")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Looks again and again until it is so, for half a minute.
    func eventually(
        _ what: String, _ sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        let held = await heldKeys() ?? []
        Issue.record("not \(what): Envoy holds \(held), \(home.description)", sourceLocation: sourceLocation)
        throw CancellationError()
    }
}

/// A real Envoy that can be started anew.
actor FireEnvoy {
    private let upstream: UInt16
    private let transport: CurlTransport
    private var running: EnvoyProcess?
    private(set) var url: String?

    var admin: String? { running?.admin }
    var adminPort: UInt16 { running.flatMap { $0.admin.split(separator: ":").last }.flatMap { UInt16($0) } ?? 0 }
    var process: pid_t { running?.id ?? 0 }

    init(upstream: UInt16, transport: CurlTransport) async throws {
        self.upstream = upstream
        self.transport = transport
        try await restart()
    }

    func restart() async throws {
        (running, url) = (nil, nil)
        let envoy = try await EnvoyProcess(upstream: upstream, transport: transport)
        url = try await envoy.url(of: "to_taps")
        running = envoy
    }
}
