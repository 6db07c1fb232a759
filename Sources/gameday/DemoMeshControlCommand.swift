import ArgumentParser
import DemoMesh

/// The control plane of the bar's mesh, in this process.
struct DemoMeshControlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-mesh-control", abstract: "Configure the bar's sidecars.", shouldDisplay: false)

    @Option(help: "The number below the bar's ports.")
    var base: Int

    @Option(help: "The demo's directory: its socket and certificates are there.")
    var directory: String

    @Option(help: "Customers per second.")
    var rate: Double = 40

    func run() async throws {
        try await MeshControl(base: base, directory: directory, rate: rate).run()
    }
}
