public import MeshClient

/// A demo that is running: the bar's services, a real sidecar beside each, and customers; or a model of a mesh. What
/// dies is started again after a pause that can be seen; everything ends with `stop`, or with this process, however
/// that ends.
public actor Demo {
    public nonisolated let mesh: MeshFile
    /// The mesh as a file, for a control plane.
    public nonisolated let meshFile: String
    /// Where configurations and logs are; it is gone after `stop`.
    public nonisolated let directory: String
    /// The folder of the bar's experiments, as files for Chaos Toolkit; empty for another mesh.
    public nonisolated let experiments: String
    /// Where the services and sidecars listen; a simulated mesh has none.
    public nonisolated let layout: MeshLayout
    /// What happened to the processes since the start. The newest 100 are kept for a slow reader.
    public nonisolated let events: AsyncStream<DemoEvent>

    private let running: RunningMesh
    private let desk: InstanceDesk
    private let pause: Duration
    private let news: AsyncStream<DemoEvent>.Continuation
    private var supervision: Task<Void, Never>?

    /// Starts everything, and returns when a customer was served.
    public static func start(
        _ settings: DemoSettings, transport: any HTTPTransport
    ) async throws(DemoFailure) -> Demo {
        let running = try await RunningMesh.start(settings, transport: transport)
        let demo = Demo(running, settings: settings)
        await demo.supervise()
        return demo
    }

    private init(_ running: RunningMesh, settings: DemoSettings) {
        self.running = running
        desk = InstanceDesk(running)
        mesh = running.cast.mesh
        layout = running.cast.layout
        directory = running.directory.path
        meshFile = running.meshFile
        experiments = running.experiments
        pause = settings.restartPause
        (events, news) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(100))
    }

    /// Ends everything: the customers first, then the others; what does not end by itself is killed after a second.
    public func stop() async {
        supervision?.cancel()
        await supervision?.value
        await running.end()
        news.finish()
    }

    /// The process ids of everything that runs.
    public var processes: [ChildRole: Int32] {
        get async { await running.keeper.running }
    }

    private func supervise() {
        let keeper = AccessLogKeeper(layout: layout, directory: directory)
        supervision = Task { [running, desk, pause, news] in
            await withDiscardingTaskGroup { group in
                group.addTask { try? await desk.run() }
                group.addTask { await keeper.run() }
                for await exit in running.keeper.exits {
                    news.yield(.ended(exit.role, exit.end))
                    // A control plane that ended in order was told to: `gameday down`.
                    if exit.role == .controlPlane, exit.end == .exited(status: 0) { continue }
                    group.addTask {
                        guard (try? await Task.sleep(for: pause)) != nil else { return }
                        if let event = await desk.revive(exit.role) { news.yield(event) }
                    }
                }
            }
        }
    }
}
