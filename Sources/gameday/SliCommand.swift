import ArgumentParser
import MeshClient
import MeshModel

/// `gameday sli`: one figure as a number, for the tolerance of an experiment or for a script.
struct SliCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sli", abstract: "Print one SLI as a number.",
        discussion: """
            Covers the last five seconds of a service or an edge: success in percent, p50, p95 and p99 in milliseconds, \
            rate in requests per second. Exits with 69 when it is unknown.

              gameday sli success --of door
              gameday sli p95 --from bar --to taps
            """)

    enum Figure: String, CaseIterable, ExpressibleByArgument {
        case success, p50, p95, p99, rate
    }

    @OptionGroup var location: ControlPlaneLocation

    @Argument(help: "success, p50, p95, p99 or rate.")
    var figure: Figure

    @Option(help: ArgumentHelp("The service.", valueName: "service"))
    var of: String?

    @Option(help: ArgumentHelp("The caller of an edge.", valueName: "service"))
    var from: String?

    @Option(help: ArgumentHelp("The callee of an edge.", valueName: "service"))
    var to: String?

    func validate() throws {
        guard (of != nil) != (from != nil), (from == nil) == (to == nil) else {
            throw ValidationError("Name a service with --of, or an edge with --from and --to.")
        }
    }

    mutating func run() async throws {
        let client = try location.client()
        let document = try await asking { () async throws(ControlPlaneError) in try await client.status() }
        let list = document[of == nil ? "edges" : "services"]?.array ?? []
        let row = list.first { row in
            of.map { row["name"]?.string == $0 } ?? (row["from"]?.string == from && row["to"]?.string == to)
        }
        let name = of ?? "\(from ?? "")>\(to ?? "")"
        guard let row else { throw ExitCode.unavailable("gameday: no data for \(name).") }
        guard let value = value(in: row) else {
            throw ExitCode.unavailable("gameday: the \(figure.rawValue) of \(name) is currently unknown.")
        }
        Output.line("\((value * 100).rounded() / 100)")
    }

    private func value(in row: JSON) -> Double? {
        switch figure {
        case .success: row["successRatio"]?.double.map { $0 * 100 }
        case .rate: row["requestRate"]?.double
        case .p50, .p95, .p99: row[figure.rawValue]?.double.map { $0 * 1000 }
        }
    }
}
