import ArgumentParser
import MeshClient
import MeshModel

/// `gameday check FILE`: explains every mistake of a settings file at once.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Explain every mistake in a gameday.yaml, with file and line.",
        discussion: """
            Then asks each proxy what it is, and prints what it is taken for and why: its service, what comes in, whom it
            calls, what is left out, and which faults are possible.
            Exits with 0 when the file can be used, and with 65 when it can not.
            """)

    @Argument(
        help: ArgumentHelp("The settings file.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    mutating func run() async throws {
        let settings: Settings
        do { settings = try Settings.read(file: file) } catch { throw ExitCode.badDocument(error.description) }
        let mesh = settings.mesh
        let observed = settings.adapters.map(\.summary).joined(separator: ", ")
        Output.line("\(file): \(observed), \(mesh.objectives.count) SLOs, \(mesh.guards.count) guards: fine")
        let transport = try CurlTransport()
        for part in settings.adapters {
            for line in await part.explain?(transport) ?? [] { Output.line(line) }
        }
    }
}
