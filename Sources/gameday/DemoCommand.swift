import ArgumentParser
import DemoMesh
import FoundationEssentials
import Glibc
import MeshClient
import MeshModel

/// The game day in a box.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Start the bar, a mesh to practise on, and watch it.",
        discussion: """
            Ten services, each in a process of its own behind its own real Envoy sidecar, and customers who come through \
            the door. Everything listens on loopback only, and everything is gone when the demo ends.

            Without Envoy, --simulate runs a model which answers as the sidecars would; nothing in it is real.
            """)

    @Flag(help: "Run a model instead of real services and sidecars.")
    var simulate = false

    @Option(help: ArgumentHelp("Simulate a generated mesh of so many services, 2 to 5000.", valueName: "n"))
    var services: Int?

    @Option(help: "The same seed gives the same day.")
    var seed: UInt64 = 1

    @Option(help: "Customers a second.")
    var rate: Double = 40

    @Option(help: "The envoy program, if it is not to be looked for.")
    var envoy: String?

    @Flag(help: "Only run the mesh, and say where it is, until interrupted.")
    var noDashboard = false

    @Option(help: ArgumentHelp("Print the sidecar's configuration of a service, and do nothing.", valueName: "service"))
    var printEnvoy: String?

    func validate() throws {
        if services != nil, !simulate { throw ValidationError("--services goes with --simulate.") }
        if let services, !(2...5_000).contains(services) { throw ValidationError("--services is 2 to 5000.") }
        if !(0.1...2_000).contains(rate) { throw ValidationError("--rate is 0.1 to 2000 customers a second.") }
    }

    func run() async throws {
        if let printEnvoy { return try printConfiguration(of: printEnvoy) }
        do {
            try await runMesh()
        } catch let failure as DemoFailure {
            complain(failure)
            throw ExitCode(69)
        }
    }

    private func runMesh() async throws {
        let interruptions = Interruptions()
        let signals = interruptions.signals
        let demo = try await Demo.start(settings(), transport: try CurlTransport())
        announce(demo)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in demo.events {
                    print(event)
                    fflush(nil)
                }
            }
            group.addTask { for await _ in signals { return } }
            await group.next()
            group.cancelAll()
        }
        await demo.stop()
        withExtendedLifetime(interruptions) {}
    }

    private func settings() throws(DemoFailure) -> DemoSettings {
        let environment = ProcessInfo.processInfo.environment
        let program = Executable.path
        let kind: DemoKind =
            simulate
            ? .simulated(services: services)
            : .bar(
                try EnvoyBinary(
                    named: envoy, environment: environment, programDirectory: Executable.directory,
                    currentDirectory: Executable.currentDirectory))
        return DemoSettings(program: program, kind: kind, rate: rate, seed: seed, environment: environment)
    }

    private func announce(_ demo: Demo) {
        print("\(simulate ? "SIMULATED: " : "")\(demo.mesh.name) is open: \(demo.mesh.proxies.count) services.")
        for proxy in demo.mesh.proxies.prefix(12) {
            print("  \(proxy.service?.text ?? "?")  \(proxy.admin)")
        }
        if let door = demo.layout.place(of: MeshPlan.bar.entrance) {
            print("Customers come in at http://127.0.0.1:\(door.inbound); try it yourself:")
            print("  curl -d 'a beer' http://127.0.0.1:\(door.inbound)/orders")
        }
        print("The mesh for a control plane: \(demo.meshFile)\nLogs: \(demo.directory)\nEnd with Ctrl-C.")
        // Into a file or a pipe it would come only at the end.
        fflush(nil)
    }

    private func complain(_ failure: DemoFailure) {
        StandardError.write([failure.summary + ".", failure.remedy].compactMap(\.self))
    }

    private func printConfiguration(of service: String) throws {
        guard let text = EnvoyBootstrap.example(of: service) else {
            throw ValidationError(
                "The bar has no \(service). It has: \(MeshPlan.bar.services.map(\.name).joined(separator: ", ")).")
        }
        print(text, terminator: "")
    }
}
