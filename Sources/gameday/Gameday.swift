import ArgumentParser

/// The command line of gameday: one sub-command a file; this list holds only their names.
@main
struct Gameday: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gameday", abstract: "A terminal dashboard for a running chaos game day.",
        subcommands: [
            CheckCommand.self, DemoCommand.self,
            DemoServiceCommand.self, DemoTrafficCommand.self, DemoSimulatorCommand.self, TiedCommand.self,
        ])
}
