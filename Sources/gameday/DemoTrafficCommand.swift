import ArgumentParser
import DemoMesh
import MeshClient

/// The customers of the bar, in this process.
struct DemoTrafficCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-traffic", abstract: "Send customers to the bar.", shouldDisplay: false)

    @Option(help: "The port of the door.")
    var port: Int

    @Option(help: "Customers per second.")
    var rate: Double = 40

    @Option(help: "Random seed of the traffic.")
    var seed: UInt64 = 1

    @Option(help: "A file to write the counts to each second, as JSON lines.")
    var report: String?

    func run() async throws {
        let transport = try CurlTransport()
        let source = TrafficSource(rate: rate, seed: seed, entrance: port, report: report, transport: transport)
        await source.run()
    }
}
