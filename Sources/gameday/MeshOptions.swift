import ArgumentParser
import MeshClient
import MeshModel

/// Which mesh is meant: the one that a file describes, one in a cluster, or one in a cluster with what a file says of it.
struct MeshOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("The description of the mesh; `gameday check` reports its problems.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Istio in the cluster of this context of the kubeconfig; `gameday contexts` lists them.",
            valueName: "context"))
    var context: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "A namespace of that cluster; repeat it for more. Default: the context's namespace.",
            valueName: "namespace"))
    var namespace: [String] = []

    @Flag(name: [.customShort("A"), .long], help: "All namespaces of that cluster.")
    var allNamespaces = false

    /// True when a cluster is asked for here, whatever a file says.
    var namesCluster: Bool { context != nil || !namespace.isEmpty || allNamespaces }

    func validate() throws {
        if allNamespaces, !namespace.isEmpty {
            throw ValidationError("Use either -A or -n.")
        }
    }

    /// The mesh that is meant; `standard` is the file where neither that nor a cluster is named.
    func settings(standard: String = UpCommand.standardFile) throws(Settings.Invalid) -> Settings {
        guard namesCluster else { return try Settings.read(file: file ?? standard) }
        guard let file else { return try Settings.parse("{}", file: "the command line", cluster: cluster) }
        return try Settings.read(file: file, cluster: cluster)
    }

    /// The same for a command that can't go on without.
    func requiredSettings() throws -> Settings {
        do { return try settings() } catch { throw ExitCode.badDocument(error.description) }
    }

    /// The same for another process.
    var arguments: [String] {
        (file.map { ["--file", $0] } ?? []) + (context.map { ["--context", $0] } ?? [])
            + namespace.flatMap { ["--namespace", $0] } + (allNamespaces ? ["--all-namespaces"] : [])
    }

    /// As gameday.yaml would have it.
    private var cluster: Settings.Cluster {
        Settings.Cluster(context: context, namespaces: allNamespaces ? nil : namespace)
    }
}
