import ArgumentParser
import DemoMesh
import FoundationEssentials
import Glibc
import MeshClient
import MeshModel
import TerminalCanvas

/// The game day in a box.
struct DemoCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Start the bar, a mesh to practise on, and open the dashboard.",
        discussion: """
            Ten services, some with several instances, each in its own process behind its own real Envoy sidecar; a \
            control plane that configures the sidecars; and customers who come through the door. Everything listens on \
            loopback only, and everything is removed when the demo ends.

            Without Envoy, --simulate runs a model that responds as the sidecars would.
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Flag(help: "Run a model instead of real services and sidecars.")
    var simulate = false

    @Option(help: ArgumentHelp("Simulate a generated mesh with this number of services, 2 to 5000.", valueName: "n"))
    var services: Int?

    @Option(help: "Random seed; the same seed generates the same traffic.")
    var seed: UInt64 = 1

    @Option(help: "Customers per second.")
    var rate: Double = 40

    @Option(help: "Path of the envoy binary; searched for by default.")
    var envoy: String?

    @Flag(help: "Run the mesh without a dashboard until interrupted, and print its addresses.")
    var noDashboard = false

    @Flag(help: "Do not record the session.")
    var noRecord = false

    @Flag(help: "Print one sentence per event instead of a screen.")
    var linear = false

    @OptionGroup var screen: ScreenOptions

    @Flag(help: "Print the cue sheet for a talk through the bar's experiments, then open the bar.")
    var tour = false

    @Argument(help: "With --tour: which.")
    var tale: TourName?

    @Flag(help: "With --tour: play the tour automatically, from the first cue to the last.")
    var auto = false

    @Option(help: ArgumentHelp("With --tour --auto: speed factor for the time between experiments.", valueName: "n"))
    var tourSpeed = 1.0

    @Option(help: ArgumentHelp("Print the Envoy configuration of a service's sidecar and exit.", valueName: "service"))
    var printEnvoy: String?

    func validate() throws {
        if services != nil, !simulate { throw ValidationError("--services needs --simulate.") }
        if let services, !(2...5_000).contains(services) {
            throw ValidationError("--services must be between 2 and 5000.")
        }
        if tale != nil, !tour { throw ValidationError("The name of a tour goes with --tour.") }
        if auto, !tour { throw ValidationError("--auto needs --tour.") }
        if tour, services != nil { throw ValidationError("--tour needs the bar: remove --services.") }
        if !(0.1...100).contains(tourSpeed) { throw ValidationError("--tour-speed must be between 0.1 and 100.") }
        if !(0.1...2_000).contains(rate) {
            throw ValidationError("--rate must be between 0.1 and 2000 customers per second.")
        }
    }

    func run() async throws {
        if let printEnvoy { return try printConfiguration(of: printEnvoy) }
        // Experiments call this program, wherever they are run from, and mean this control plane.
        setenv("GAMEDAY_SOCKET", location.path, 1)
        setenv("PATH", (Environment.value("PATH") ?? "/usr/bin:/bin") + ":" + Executable.directory, 1)
        let client = try location.client()
        if let health = try? await client.health() {
            throw ExitCode.failure.telling(
                "gameday: a control plane is already running (process \(health["process"]?.integer ?? 0)) at \(location.path).\n"
                    + "Run `gameday down` to end it, or start the demo with another --socket PATH.")
        }
        do {
            try await runMesh(client)
        } catch let failure as any Explained {
            complain(failure)
            throw ExitCode.unavailable
        }
    }

    private func runMesh(_ client: ControlPlaneClient) async throws {
        let hasDashboard = !noDashboard && !linear && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        if hasDashboard { DashCommand.restartWithQuietCrashes() }
        let interruptions = Interruptions()
        if hasDashboard { Output.line(simulate ? "Starting the model…" : "Opening the bar…") }
        guard let demo = try await open(until: interruptions) else { return }
        do {
            try await interruptions.cancelling { try await waitUntilItAnswers(client, of: demo) }
            if hasDashboard {
                if tour, !auto { try await showSheet(of: demo, until: interruptions.signals) }
                try await showDashboard(client, on: demo, until: interruptions.signals)
            } else {
                announce(demo)
                if tour, !auto { for line in sheet.sheet(folder: demo.experiments) { Output.line(line) } }
                await tellEvents(
                    of: demo, client, linear ? LinearSession(client: client) : nil, until: interruptions.signals)
            }
        } catch {
            await demo.stop()
            if interruptions.hasCome { return }
            throw error
        }
        await demo.stop()
        withExtendedLifetime(interruptions) {}
    }

    /// Nil when a signal came before the demo was up; then nothing of it is left.
    private func open(until interruptions: Interruptions) async throws -> Demo? {
        var settings = try settings()
        // Who looks at a terminal wants to know that a slow machine is getting on.
        if isatty(STDOUT_FILENO) == 1 {
            settings.tell = { Output.line("Still opening: \($0.up) of \($0.of) processes are ready.") }
        }
        let transport = try CurlTransport()
        do {
            return try await interruptions.cancelling { [settings] in
                try await Demo.start(settings, transport: transport)
            }
        } catch  where interruptions.hasCome {
            return nil
        }
    }

    /// The log is gone with the demo, so what it ends with is told here.
    private func waitUntilItAnswers(_ client: ControlPlaneClient, of demo: Demo) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            if (try? await client.health()) != nil { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        let log = BackgroundProcess.lastLines(of: "\(demo.directory)/\(ChildRole.controlPlane).log")
        let words = "gameday: The control plane did not answer within \(Self.patience.components.seconds) s."
        throw ExitCode.unavailable.telling(([words] + log.map { Text.sanitised($0) }).joined(separator: "\n  "))
    }

    /// How long a control plane may take to answer for the first time, on a busy machine too.
    private static let patience = Duration.seconds(20)

    private func showDashboard(
        _ client: ControlPlaneClient, on demo: Demo, until signals: AsyncStream<Int32>
    ) async throws {
        let session = DashboardSession(
            client: client, screen: screen, log: location.dashboardLog, signals: signals)
        guard tour, auto else { return try await session.run() }
        let player = TourPlayer(client: client, tour: sheet, speed: tourSpeed) { _ in }
        let playing = Task { await player.play() }
        defer { playing.cancel() }
        try await session.run()
    }

    private var sheet: Tour { (tale ?? .bar).tour }

    /// The sheet stays until a key, since the dashboard will cover it.
    private func showSheet(of demo: Demo, until signals: AsyncStream<Int32>) async throws {
        for line in sheet.sheet(folder: demo.experiments) { Output.line(line) }
        Output.line(
            "`gameday cues \(sheet.name) --follow` in another terminal walks you through. Enter opens the dashboard."
        )
        let isGoing = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await TerminalLines.next() }
            group.addTask {
                for await _ in signals { return false }
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
        guard isGoing else { throw ExitCode.success }
    }

    /// Returns when somebody ends the demo: by a signal, or by `gameday down`; or when a tour that plays is over.
    private func tellEvents(
        of demo: Demo, _ client: ControlPlaneClient, _ linear: LinearSession?, until signals: AsyncStream<Int32>
    ) async {
        await withTaskGroup(of: Void.self) { group in
            if tour, auto {
                let player = TourPlayer(client: client, tour: sheet, speed: tourSpeed) { Output.line($0) }
                group.addTask { await player.play() }
            }
            group.addTask {
                for await event in demo.events {
                    Output.line("\(event)")
                    if event == .ended(.controlPlane, .exited(status: 0)) { return }
                }
            }
            group.addTask { for await _ in signals { return } }
            if let linear { group.addTask { await linear.run() } }
            await group.next()
            group.cancelAll()
        }
    }

    private func settings() throws(DemoFailure) -> DemoSettings {
        let environment = ProcessInfo.processInfo.environment
        let program = Executable.path
        let kind: DemoKind =
            simulate
            ? .simulated(services: services)
            : .bar(
                try EnvoyBinary(
                    named: envoy, environment: environment, programDirectory: Executable.directory,
                    currentDirectory: Executable.currentDirectory))
        return DemoSettings(
            program: program, kind: kind, rate: rate, seed: seed, environment: environment,
            controlPlane: [program, "up", "--foreground", "--socket", location.path]
                + (simulate ? ["--simulated"] : []) + (noRecord ? ["--no-record"] : []))
    }

    private func announce(_ demo: Demo) {
        let services = Set(demo.mesh.proxies.map(\.service)).count
        Output.line("\(simulate ? "SIMULATED: " : "")\(demo.mesh.name) is open: \(services) services.")
        for proxy in demo.mesh.proxies.prefix(16) {
            let more = [proxy.version, proxy.zone].compactMap { $0.map { "  \($0)" } }
            Output.line("  \(proxy.service?.text ?? "?")  \(proxy.admin)\(more.joined())")
        }
        if demo.mesh.proxies.count > 16 { Output.line("  and \(demo.mesh.proxies.count - 16) more") }
        if let door = demo.layout.place(of: MeshPlan.bar.entrance) {
            Output.line("Customers enter at http://127.0.0.1:\(door.inbound). Try it yourself:")
            Output.line("  curl -d 'a beer' http://127.0.0.1:\(door.inbound)/orders")
        }
        Output.line("Another terminal: `gameday` opens the dashboard, `gameday status` shows the current state.")
        if demo.mesh.name == MeshPlan.bar.name {
            Output.line(
                "Experiments: `gameday run` runs any of \(demo.experiments)/*.yaml; `gameday cues` explains them.")
        }
        Output.line(
            "Control plane: \(location.path)\nMesh: \(demo.meshFile)\nLogs: \(demo.directory)\nPress Ctrl-C to end.")
    }

    private func complain(_ failure: any Explained) {
        [failure.summary + ".", failure.remedy].compactMap(\.self).forEach(Output.error)
    }

    private func printConfiguration(of service: String) throws {
        guard let text = EnvoyBootstrap.example(of: service) else {
            throw ValidationError(
                "Unknown service '\(service)'. The bar has: \(MeshPlan.bar.services.map(\.name).joined(separator: ", "))."
            )
        }
        Output.document(text)
    }
}
