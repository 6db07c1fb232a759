import ArgumentParser
import DemoMesh
import MeshClient

/// One service of the bar, in this process.
struct DemoServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-service", abstract: "Run one service of the bar.", shouldDisplay: false)

    @Argument(help: "Which service.")
    var name: String

    @Option(help: "The port to listen on.")
    var port: UInt16

    @Option(help: "An egress listener of its sidecar, as CALLEE=PORT.")
    var to: [String] = []

    @Option(help: "The seed of its service times.")
    var seed: UInt64 = 1

    func run() async throws {
        var egress: [String: Int] = [:]
        for word in to {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let port = Int(parts[1]) else {
                throw ValidationError("\(word) is not CALLEE=PORT")
            }
            egress[String(parts[0])] = port
        }
        let transport = try CurlTransport()
        guard let service = DemoService(name: name, port: port, egress: egress, seed: seed, transport: transport)
        else { throw ValidationError("The bar has no \(name)") }
        try await service.run()
    }
}
