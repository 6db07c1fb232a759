import ArgumentParser
import MeshClient
import MeshModel

/// `gameday check FILE`: explains every mistake of a settings file at once.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Report every problem in a gameday.yaml, with file and line.",
        discussion: """
            Then reads each proxy, and prints how gameday interprets it and why: its service, inbound traffic, callees,
            what is left out, and which faults are possible.
            For a cluster it prints what is found there, and the missing permissions as YAML for `kubectl apply`.
            Exits with 0 when the file is valid, and with 65 when it is not.
            """)

    @Argument(
        help: ArgumentHelp("The settings file.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var path: String?

    @OptionGroup var options: MeshOptions

    func validate() throws {
        if path != nil, options.file != nil { throw ValidationError("FILE and --file are the same; use one.") }
        if path == nil, options.file == nil, !options.namesCluster {
            throw ValidationError("Name a settings file, or a cluster with --context.")
        }
    }

    mutating func run() async throws {
        if let path { options.file = path }
        let settings = try options.requiredSettings()
        let mesh = settings.mesh
        let file = options.file ?? mesh.name
        let observed = settings.adapters.map(\.summary).joined(separator: ", ")
        Output.line("\(file): \(observed), \(mesh.objectives.count) SLOs, \(mesh.guards.count) guards: valid")
        let transport = try CurlTransport()
        for part in settings.adapters {
            for line in await part.explain?(transport) ?? [] { Output.line(line) }
        }
    }
}
