import ArgumentParser
import Recording
import TerminalCanvas

/// `gameday diff BEFORE AFTER`: two runs of an experiment beside each other.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two recordings of the same experiment.",
        discussion: """
            Compares SLOs by name and services by name. A difference below the tolerance is noise. Exits with 0 when \
            nothing got worse, and with 1 when something did or is missing.
            """)

    @Argument(help: ArgumentHelp("The earlier recording.", valueName: "before"), completion: .file())
    var before: String

    @Argument(help: ArgumentHelp("The later recording.", valueName: "after"), completion: .file())
    var after: String

    @Option(help: ArgumentHelp("Differences up to this percentage are noise.", valueName: "percent"))
    var tolerance = 10.0

    mutating func validate() throws {
        guard (0...1000).contains(tolerance) else {
            throw ValidationError("--tolerance is a percentage from 0 to 1000.")
        }
    }

    mutating func run() async throws {
        let reports = try [before, after].map { try RecordingFile.open($0).report() }
        let comparison = RecordingComparison(reports[0], reports[1], tolerance: tolerance / 100)
        let width = min(48, comparison.rows.map { Text.width($0.name) }.max() ?? 0)
        for row in comparison.rows where row.change != .same {
            let name = Text.fitted(row.name, to: width)
            Output.line(
                "\(name)  \(Text.fitted(row.before, to: 10)) \(Text.fitted(row.after, to: 10)) \(row.change.rawValue)")
        }
        let same = comparison.rows.count { $0.change == .same }
        Output.line(
            "\(same) of \(comparison.rows.count) figures are the same; \(comparison.isNoWorse ? "no worse" : "WORSE")")
        if !comparison.isNoWorse { throw ExitCode.failure }
    }
}
