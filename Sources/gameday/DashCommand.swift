import ArgumentParser
import Glibc
import MeshClient
import MeshModel
import TerminalCanvas

/// `gameday`: the dashboard on a control plane, which is started when there is none.
struct DashCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "dash", abstract: "Show the dashboard; the default command.",
        discussion: """
            Connects to the control plane at the socket. If there is none, one is started for the mesh that FILE \
            describes. It keeps running when you quit the dashboard: `gameday down` ends it.

            Without a terminal, and with --linear, it prints one sentence per event instead of a screen: for screen \
            readers and pipes.

            Select an edge with the arrow keys; f injects a fault, a removes it, ! halts everything. ? shows all keys.
            """)

    @OptionGroup var location: ControlPlaneLocation

    @OptionGroup var mesh: MeshOptions

    @Flag(help: "Read-only: no key can change the mesh.")
    var observe = false

    @Flag(help: "Do not record the session if a control plane is started.")
    var noRecord = false

    @Flag(help: "Print one sentence per event instead of a screen.")
    var linear = false

    @Flag(help: "Print one frame and exit.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "Size of the frame, such as 120x40. Default: the size of the terminal.", valueName: "colsxrows"))
    var size: ScreenSize?

    @OptionGroup var screen: ScreenOptions

    func validate() throws {
        if linear, once { throw ValidationError("Use either --linear or --once.") }
        if size != nil, !once { throw ValidationError("--size needs --once.") }
    }

    mutating func run() async throws {
        let hasTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        let isOnScreen = hasTerminal && !linear && !once
        if isOnScreen { Self.restartWithQuietCrashes() }
        let client = try location.client()
        try await startControlPlaneIfMissing(client)
        if once { return try await OnePicture(screen: screen, size: size, isObserver: observe).show(client) }
        guard isOnScreen else { return await LinearSession(client: client, isObserver: observe).run() }
        let session = DashboardSession(client: client, isObserver: observe, screen: screen, log: location.dashboardLog)
        try await session.run()
    }

    private func startControlPlaneIfMissing(_ client: ControlPlaneClient) async throws {
        do {
            _ = try await client.health()
            try await checkMesh(client)
        } catch let error as ControlPlaneError {
            guard case .unreachable = error else { throw error.told }
            guard mesh.namesCluster || mesh.file != nil || Self.hasStandardFile else {
                throw ExitCode.unavailable(
                    "gameday: no control plane at \(Text.sanitised(location.path)), and no gameday.yaml here.\n"
                        + "Run `gameday demo` for a mesh to practise on, `gameday -f FILE` for your own,\n"
                        + "or `gameday --context NAME -n NAMESPACE` for Istio on Kubernetes.")
            }
            var up = try UpCommand.parse(
                mesh.arguments + ["--socket", location.path] + (noRecord ? ["--no-record"] : []))
            try await up.run()
        }
    }

    /// Whoever names a mesh must not see another one, and break that.
    private func checkMesh(_ client: ControlPlaneClient) async throws {
        guard mesh.namesCluster || mesh.file != nil else { return }
        let wanted = try mesh.requiredSettings().mesh.name
        let status = try await asking { () async throws(ControlPlaneError) in try await client.status() }
        guard let running = status["name"]?.string, running != wanted else { return }
        throw ExitCode.unavailable(
            "gameday: the control plane at \(Text.sanitised(location.path)) watches '\(Text.sanitised(running))', "
                + "not '\(Text.sanitised(wanted))'.\n"
                + "Run `gameday` alone to see it, `gameday down` to end it, or give another --socket.")
    }

    private static var hasStandardFile: Bool { access(UpCommand.standardFile, R_OK) == 0 }

    /// After a crash the runtime would ask for a key for half a minute, on a terminal that was just given back.
    static func restartWithQuietCrashes() {
        guard Environment.value("SWIFT_BACKTRACE") == nil else { return }
        setenv("SWIFT_BACKTRACE", "interactive=no,color=no", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        // It returns only when it fails, and then this process goes on as it is.
        execv(Executable.path, &arguments)
        for argument in arguments { free(argument) }
    }
}
