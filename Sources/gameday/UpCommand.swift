import ArgumentParser
import ControlPlane
import Glibc
import Logging
import MeshClient
import MeshModel

/// `gameday up`: starts the control plane, in the background unless told otherwise.
struct UpCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start the control plane for a mesh; returns when it is ready.",
        discussion: """
            It polls the proxies, manages the faults, and serves dashboards and commands on a Unix socket. Faults that \
            an earlier one left are removed first. `gameday down` removes every fault and ends it.

              gameday up -f gameday.yaml && gameday status
            """)

    @OptionGroup var location: ControlPlaneLocation

    @OptionGroup var mesh: MeshOptions

    @Option(
        help: ArgumentHelp(
            "The folder of experiments. Default: the one in the settings file, else `experiments` beside it.",
            valueName: "dir"),
        completion: .directory)
    var experiments: String?

    @Flag(help: "Stay in the foreground and log to standard error.")
    var foreground = false

    @Flag(help: "Do not record the session.")
    var noRecord = false

    @Flag(help: .hidden)
    var detached = false

    /// The demo knows before the first answer tells it.
    @Flag(help: .hidden)
    var simulated = false

    mutating func run() async throws {
        var settings = try mesh.requiredSettings()
        settings.mesh.file = file.map(Self.whole)
        if noRecord { settings.mesh.recording.isOn = false }
        if foreground {
            try await ControlPlaneProcess(
                location: location, meshSettings: settings, mode: simulated ? .simulated : .live,
                experiments: folder(of: settings.mesh)
            ).run(detached: detached)
        } else {
            try await startInBackground()
        }
    }

    /// What is read where nothing is named.
    static let standardFile = "gameday.yaml"

    /// Nil for a cluster of which no file says anything.
    private var file: String? { mesh.file ?? (mesh.namesCluster ? nil : Self.standardFile) }

    private static func whole(_ path: String) -> String {
        path.hasPrefix("/") ? path : Executable.currentDirectory + "/" + path
    }

    /// Where the experiments are: a relative path in the settings starts beside them.
    private func folder(of description: MeshDescription) -> String {
        if let experiments { return Self.whole(experiments) }
        let file = Self.whole(file ?? Self.standardFile)
        let beside = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let named = description.experiments ?? "experiments"
        return named.hasPrefix("/") ? named : beside + "/" + named
    }

    private func startInBackground() async throws {
        let client = try location.client()
        if let health = try await Self.healthOfOther(client) {
            let process = health["process"]?.integer ?? 0
            Output.error("gameday: a control plane is already running (process \(process)) at \(location.path)")
            throw ExitCode.failure
        }
        var mesh = mesh
        mesh.file = file.map(Self.whole)
        let process = try BackgroundProcess.start(
            [
                Executable.path, "up", "--foreground", "--detached", "--socket", location.path,
            ] + mesh.arguments + (noRecord ? ["--no-record"] : [])
                + (experiments.map { ["--experiments", Self.whole($0)] } ?? []),
            log: location.log)
        for _ in 0..<200 {
            if let health = try? await client.health(), health["process"]?.integer == Int64(process) {
                Output.line("control plane at \(location.path) (process \(process)), log \(location.log)")
                return
            }
            if let code = BackgroundProcess.exitCode(of: process) {
                for line in BackgroundProcess.lastLines(of: location.log) { Output.error(line) }
                Output.error("gameday: the control plane ended at once; read its log: \(location.log)")
                throw ExitCode(code == 0 ? 1 : code)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        Output.error("gameday: the control plane does not answer; read its log: \(location.log)")
        throw ExitCode.unavailable
    }

    /// Whoever answers at the socket already; another user's place is no place for ours.
    private static func healthOfOther(_ client: ControlPlaneClient) async throws -> JSON? {
        do {
            return try await client.health()
        } catch {
            if case .barred = error { throw error.told }
            return nil
        }
    }
}
