import ArgumentParser
import Glibc
import MeshClient
import TerminalCanvas

/// `gameday`: the dashboard on a control plane, which is started when there is none.
struct DashCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "dash", abstract: "Show the dashboard; the command when none is named.",
        discussion: """
            Connects to the control plane at the socket. When there is none, one is started for the mesh that FILE \
            describes, and stays when the dashboard is left: `gameday down` ends it.

            Where there is no terminal, and with --linear, the day is told in sentences instead, one an event: for screen \
            readers and pipes.

            Choose an edge with the arrow keys; f breaks it, a mends it, ! halts everything. ? tells all keys.
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("The description of the mesh, for starting a control plane.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?

    @Flag(help: "Only look: no key can change the mesh.")
    var observe = false

    @Flag(help: "Do not record the session of a control plane that is started.")
    var noRecord = false

    @Flag(help: "Tell the day in sentences, one an event, without a screen.")
    var linear = false

    @Flag(help: "Print one picture and leave.")
    var once = false

    @Option(help: ArgumentHelp("The size of that picture, like 120x40; else the terminal's.", valueName: "colsxrows"))
    var size: ScreenSize?

    @OptionGroup var screen: ScreenOptions

    func validate() throws {
        if linear, once { throw ValidationError("--linear and --once are two things; choose one.") }
        if size != nil, !once { throw ValidationError("--size goes with --once.") }
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
        } catch {
            guard case .unreachable = error else { throw error.told }
            guard let file = file ?? Self.standardFile else {
                throw ExitCode.unavailable(
                    "gameday: no control plane at \(Text.sanitised(location.path)), and no gameday.yaml here.\n"
                        + "`gameday demo` brings a mesh to practise on; `gameday -f FILE` watches yours.")
            }
            var up = try UpCommand.parse(
                ["--file", file, "--socket", location.path] + (noRecord ? ["--no-record"] : []))
            try await up.run()
        }
    }

    private static var standardFile: String? {
        access("gameday.yaml", R_OK) == 0 ? "gameday.yaml" : nil
    }

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
