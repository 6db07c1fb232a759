import ArgumentParser
import DemoMesh

/// A model of a mesh, in this process.
struct DemoSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-simulator", abstract: "Serve the admin pages of a simulated mesh.", shouldDisplay: false)

    @Option(help: "The port to listen on.")
    var port: UInt16

    @Option(help: "Number of services in a generated mesh; default: the bar.")
    var services: Int?

    @Option(help: "Random seed; the same seed generates the same traffic.")
    var seed: UInt64 = 1

    @Option(help: "Customers per second.")
    var rate: Double = 40

    func run() async throws {
        let plan = MeshPlan.simulated(services: services, seed: seed)
        let simulator = try Simulator(of: plan, rate: rate, seed: seed, port: port)
        await simulator.run()
    }
}
