import ArgumentParser

/// Every performance figure of the project, repeatable with one command.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gameday-bench", abstract: "Measures gameday; one figure a file.",
        subcommands: [PollBench.self, PageServer.self])
}
