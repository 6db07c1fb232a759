import ArgumentParser
import DemoMesh
import Foundation
import Glibc
import MeshClient
import MeshModel

/// Serves a simulated mesh to whatever is measured. It runs in a process of its own, so that its time is nobody else's.
struct SimulatedMesh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "simulated-mesh", shouldDisplay: false)

    @Option var services: Int?

    func run() async throws {
        raiseDescriptorLimit()
        let plan = MeshPlan.simulated(services: services, seed: 1)
        let simulator = try Simulator(of: plan, rate: 40, seed: 1, port: 0)
        print(simulator.port)
        fflush(nil)
        // A line names the proxies that are to hang from then on.
        while let line = readLine() { await simulator.hang(Set(line.split(separator: " ").map(String.init))) }
        withExtendedLifetime(simulator) {}
    }
}

/// A simulated mesh that runs beside this process until nobody holds it.
final class SimulatedProxies {
    let names: [String]
    let port: Int
    private let program: ChildProgram

    /// A generated mesh of so many services, or the bar.
    init(services: Int?) throws {
        names = MeshPlan.simulated(services: services, seed: 1).services.map(\.name)
        program = try ChildProgram(["simulated-mesh"] + (services.map { ["--services", "\($0)"] } ?? []))
        guard let port = Int(try program.line()) else { throw BenchError("the simulated mesh has no port") }
        self.port = port
    }

    /// Lets these proxies, and no others, take requests and never answer.
    func hang(_ names: some Sequence<String>) throws { try program.tell(names.joined(separator: " ")) }

    var admins: [String] {
        names.enumerated().map { "http://\(SimulatedAddress.host(of: $0)):\(port)/proxies/\($1)" }
    }

    var endpoints: [EnvoyEndpoint] {
        zip(names, admins).map { EnvoyEndpoint(admin: $1, service: ServiceName($0)) }
    }

    /// The pages that gameday asks these proxies for at each poll.
    func polledPages() async -> [String] {
        let (urls, told) = AsyncStream.makeStream(of: [String].self)
        let (turns, turned) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let fleet = EnvoyFleet(endpoints, transport: ListeningTransport(told: told))
        let polling = Task { await fleet.run(into: turned) }
        defer { polling.cancel() }
        var pages: Set<String> = []
        for await some in urls {
            pages.formUnion(some)
            if pages.count == names.count { break }
        }
        withExtendedLifetime(turns) {}
        return pages.sorted()
    }

    /// The mesh as a `gameday.yaml`.
    var settings: String {
        let lines = zip(names, admins).map { "  - {service: \($0), admin: \"\($1)\"}" }
        return "name: bench\nentrance: \(names.first ?? "")\npoll: 1s\nproxies:\n" + lines.joined(separator: "\n")
            + "\nslos:\n  - {name: answered, service: \(names.first ?? ""), success: 99.5%}\n"
    }
}

/// Answers nobody and tells what was asked for.
private struct ListeningTransport: HTTPTransport {
    let told: AsyncStream<[String]>.Continuation

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse { throw .refused("") }

    func answers(to batch: [HTTPRequest]) -> AsyncStream<[HTTPAnswer]> {
        told.yield(batch.map(\.url))
        return AsyncStream { $0.finish() }
    }

    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream { throw .refused("") }
}
