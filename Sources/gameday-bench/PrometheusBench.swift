import ArgumentParser
import Foundation
import MeshClient
import MeshModel

/// What a control plane costs that has a large mesh told by one Prometheus, with a reader of its events and a recording.
struct PrometheusBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "prometheus", abstract: "A control plane that asks one Prometheus for a large mesh.",
        discussion: """
            The Prometheus is played: it answers each query at once, packed with gzip. It is scraped every fifteen \
            seconds and asked as often, as Istio's addon is, so the time is rounded up to whole rounds of that.
            """)

    @OptionGroup var options: BenchOptions
    @Option(help: "How many edges.") var edges = 10_000
    @Option(help: "Seconds between two scrapes.") var scrape = 15

    func measure(seconds: Int) async throws -> [Figure] {
        let server = try ChildProgram(["query-server", "--edges", "\(edges)"])
        guard let port = Int(try server.line()) else { throw BenchError("the query server has no port") }
        let program = try await ControlPlaneProgram(
            settings: """
                name: bench
                prometheus: {url: "http://127.0.0.1:\(port)", kind: istio, scrape: \(scrape)s}
                slos:
                  - {name: answered, service: svc1.ns0, success: 99.5%}
                """)
        let feed = program.client.feed(watcher: nil)
        let counter = ReportCounter()
        let reading = Task {
            for await element in feed {
                if case .event(let event) = element, case .traffic(let report) = event.observation {
                    counter.count(report.outbound.count)
                }
            }
        }
        defer { reading.cancel() }
        for _ in 0..<600 where counter.total < edges { try await Task.sleep(for: .milliseconds(100)) }
        guard counter.total >= edges else { throw BenchError("only \(counter.total) of \(edges) edges were told") }
        let rounds = max(2, (seconds + scrape - 1) / scrape)
        tellProgress("prometheus: \(rounds) rounds of \(edges) edges")
        let cost = try await ProgramCost.measure(program.identifier, seconds: rounds * scrape) { Double(counter.total) }
        withExtendedLifetime(server) {}
        return [
            Figure(
                "prometheus", "control plane on \(edges) edges, of a core", cost.processor / cost.seconds * 100, "%",
                aim: "at most 10", note: "\(Int(cost.polls)) edges told in \(Int(cost.seconds)) s"),
            Figure(
                "prometheus", "a round", cost.processor / Double(rounds) * 1000, "ms",
                note: "asked, decoded, folded, told to a reader, recorded"),
            Figure("prometheus", "resident", cost.resident, "MB"),
        ]
    }
}
