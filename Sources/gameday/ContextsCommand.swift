import ArgumentParser
import FoundationEssentials
import MeshClient
import MeshModel
import TerminalCanvas

/// `gameday contexts`: the clusters that the kubeconfig knows.
struct ContextsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contexts", abstract: "List the contexts of the kubeconfig, for --context.",
        discussion: """
            Reads the same files as kubectl: those in KUBECONFIG, or ~/.kube/config. A star marks the current context. \
            No cluster is contacted, and no token or certificate is shown.

            With --json it prints one object: current, and contexts with name, cluster, server, namespace, user and file.
            Exits with 65 when a file cannot be used.
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let config: Kubeconfig
        do {
            config = try Kubeconfig.read(environment: ProcessInfo.processInfo.environment)
        } catch {
            throw ExitCode.badDocument(error.description)
        }
        let contexts = config.contexts
        if json { return Output.json(Self.json(contexts, current: config.currentContext)) }
        guard !contexts.isEmpty else {
            let place =
                config.files.isEmpty
                ? "No kubeconfig found" : "No contexts in \(config.files.joined(separator: ", "))"
            return Output.line("\(place): set KUBECONFIG to the file that kubectl uses.")
        }
        let rows = contexts.map { context in
            [
                context.name == config.currentContext ? "*" : "", context.name, context.server ?? "unknown cluster",
                context.namespace.isEmpty ? "default" : context.namespace, context.user,
            ].map { Output.short(URLCredentials.hidden(in: $0), to: 60) }
        }
        let all = [["", "CONTEXT", "SERVER", "NAMESPACE", "USER"]] + rows
        let widths = (0..<5).map { column in all.map { Text.width($0[column]) }.max() ?? 0 }
        for row in all {
            let line = zip(row, widths).map { Text.fitted($0, to: $1) }.joined(separator: "  ")
            Output.line(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }

    private static func json(_ contexts: [Kubeconfig.Context], current: String?) -> JSON {
        let items = contexts.map { context -> JSON in
            [
                "name": .string(context.name), "cluster": .string(context.cluster),
                "server": JSON(context.server.map { URLCredentials.hidden(in: $0) }),
                "namespace": .string(context.namespace.isEmpty ? "default" : context.namespace),
                "user": .string(context.user), "file": .string(context.file),
            ]
        }
        return ["current": JSON(current), "contexts": .array(items)]
    }
}
