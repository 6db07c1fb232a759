import Experiments
import FoundationEssentials
import Logging
import MeshClient
import MeshModel
import Recording

@testable import ControlPlane

/// A whole control plane in this process: a real socket in front of it, a fake mesh behind it.
struct ControlPlaneStage {
    let scratch: Scratch
    let mesh = FakeMesh(["bar", "taps", "kitchen"])
    let socket: String
    /// Where it records, if it does.
    let recordings: String
    let client: ControlPlaneClient
    let controlPlane: ControlPlane
    private let turns: AsyncStream<AdapterTurn>.Continuation

    init(
        _ description: MeshDescription = MeshDescription(name: "the bar"), isRecorded: Bool = false,
        standings: @escaping @Sendable ([Edge]) async -> [EdgeReport] = { _ in [] },
        logs: @escaping @Sendable (Edge) async -> [ProxyLog] = { _ in [] }
    ) throws {
        scratch = try Scratch()
        // The mesh is heard once; on a busy machine a test may need longer than data stays fresh.
        var description = description
        description.pollInterval = 60
        socket = scratch.file("gameday.sock")
        recordings = scratch.file("recordings")
        client = ControlPlaneClient(socket: socket, transport: try CurlTransport())
        let (stream, continuation) = AsyncStream.makeStream(of: AdapterTurn.self)
        turns = continuation
        controlPlane = ControlPlane(
            ControlPlane.Settings(
                description: description, socket: socket, ledger: scratch.file("ledger"), guardCommand: nil,
                version: "test",
                runs: ControlPlane.Settings.RunSettings(
                    folder: scratch.path, journals: scratch.file("journals"),
                    environment: ProcessInfo.processInfo.environment,
                    network: HTTPDoor { () throws(TransportError) in try CurlTransport() }),
                recording: isRecorded
                    ? RecordingSettings(folder: RecordingFolder(path: recordings), retention: Retention()) : nil),
            injectors: [mesh],
            observatory: Observatory(turns: stream, poll: { _ in }, standings: standings, logs: logs),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs the body against the control plane, which has heard its mesh, and ends it.
    func run(_ body: (ControlPlaneClient) async throws -> Void) async throws {
        let running = Task { try await controlPlane.run() }
        do {
            try await hear()
            try await body(client)
        } catch {
            await controlPlane.end(because: "the test is over")
            try await running.value
            throw error
        }
        await controlPlane.end(because: "the test is over")
        try await running.value
    }

    /// Tells of every edge; returns when the control plane knows them. The bar answers so many of ten with an error.
    func hear(isSimulated: Bool = false, failing: UInt64 = 0) async throws {
        var observations: [Observation] = []
        for service: ServiceName in ["bar", "kitchen", "taps"] {
            let report = SourceReport(
                name: service.text, kind: .envoy, endpoint: "http://\(service)", service: service, state: .fresh)
            var sample = TrafficSample(seconds: 0.001)
            sample.completed = 10
            let outbound = DeskStage.edges.filter { $0.from == service }.map {
                TrafficReport.Outbound(to: $0.to, sample: sample)
            }
            var inbound = sample
            (inbound.answers5xx, inbound.answers2xx) = (failing, 10 - failing)
            let traffic = TrafficReport(source: service.text, service: service, inbound: inbound, outbound: outbound)
            observations += [.source(report), .traffic(traffic)]
        }
        turns.yield(AdapterTurn(observations, isSimulated: isSimulated))
        try await wait { $0.edges.count == DeskStage.edges.count }
    }

    /// Looks again and again until it is so; a test's time limit is for what never is.
    func eventually(_ isSo: () -> Bool) async throws {
        while !isSo() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Follows the events until the state is as wanted.
    func wait(until isReached: (MeshState) -> Bool) async throws {
        var state = MeshState()
        for await element in client.feed(pause: .milliseconds(10)) {
            guard case .event(let event) = element else { continue }
            state.apply(event)
            if isReached(state) { return }
        }
        throw CancellationError()
    }
}
