import ArgumentParser
import Recording
import TerminalCanvas

/// `gameday diff BEFORE AFTER`: two runs of an experiment beside each other.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two recordings of the same experiment.",
        discussion: """
            Compares the last run of each experiment, SLOs by name, and services by name; `last` is the newest \
            recording. A difference below the tolerance is noise. Exits with 0 when nothing got worse, with 1 when \
            something did or is missing, and with 65 when they have nothing in common.
              gameday diff before.jsonl after.jsonl
            """)

    @Argument(help: ArgumentHelp("The earlier recording.", valueName: "before"), completion: .file())
    var before: String

    @Argument(help: ArgumentHelp("The later recording.", valueName: "after"), completion: .file())
    var after: String

    @Option(help: ArgumentHelp("Treat differences up to this percentage as noise.", valueName: "percent"))
    var tolerance = 10.0

    mutating func validate() throws {
        guard (0...1000).contains(tolerance) else {
            throw ValidationError("--tolerance must be a percentage from 0 to 1000.")
        }
    }

    mutating func run() async throws {
        let reports = try [before, after].map { try RecordingFile.open($0).report() }
        let comparison = RecordingComparison(reports[0], reports[1], tolerance: tolerance / 100)
        for note in comparison.notes { Output.error("gameday: " + note) }
        guard comparison.isPossible else { throw ExitCode.badDocument }
        show(comparison)
        if !comparison.isNoWorse { throw ExitCode.failure }
    }

    private func show(_ comparison: RecordingComparison) {
        let different = comparison.rows.filter { $0.change != .same }
        let width = min(48, different.map { Text.width($0.name) }.max() ?? 0)
        if !different.isEmpty { Output.line(Text.fitted("", to: width) + "  before     after") }
        for row in different {
            let name = Text.fitted(row.name, to: width)
            Output.line(
                "\(name)  \(Text.fitted(row.before, to: 10)) \(Text.fitted(row.after, to: 10)) \(row.change.rawValue)")
        }
        let counts = RecordingComparison.Row.Change.allCases.map { change in
            (change.rawValue, comparison.rows.count { $0.change == change })
        }
        let told = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        let isWorse = comparison.rows.contains { $0.change == .worse }
        let verdict = isWorse ? "WORSE" : comparison.isNoWorse ? "no worse" : "NOT ALL COULD BE COMPARED"
        Output.line("of \(comparison.rows.count) values: \(told); \(verdict)")
    }
}
