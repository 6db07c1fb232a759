import ArgumentParser
import DemoMesh
import MeshClient

/// One service of the bar, in this process.
struct DemoServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-service", abstract: "Run one service of the bar.", shouldDisplay: false)

    @Argument(help: "The service to run.")
    var name: String

    @Option(help: "The port to listen on.")
    var port: UInt16

    @Option(help: "An egress listener of its sidecar, as CALLEE=PORT.")
    var to: [String] = []

    @Option(help: "A service that it calls directly, past the sidecars, as SERVICE=PORT.")
    var glance: [String] = []

    @Option(help: "The share of requests that this instance answers with an error, from 0 to 1.")
    var failing: Double?

    @Option(help: "Random seed of its service times.")
    var seed: UInt64 = 1

    func run() async throws {
        let transport = try CurlTransport()
        guard
            let service = DemoService(
                name: name, port: port, egress: try Self.ports(to), glances: try Self.ports(glance), failing: failing,
                seed: seed, transport: transport)
        else { throw ValidationError("Unknown service '\(name)'") }
        try await service.run()
    }

    private static func ports(_ words: [String]) throws -> [String: Int] {
        var ports: [String: Int] = [:]
        for word in words {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let port = Int(parts[1]) else {
                throw ValidationError("\(word) is not SERVICE=PORT")
            }
            ports[String(parts[0])] = port
        }
        return ports
    }
}
