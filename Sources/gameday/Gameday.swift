import ArgumentParser
import Glibc

/// The command line of gameday: one sub-command a file; this list holds only their names.
@main
struct Gameday: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gameday", abstract: "A terminal dashboard for a running chaos game day.",
        discussion: """
            gameday demo                    a mesh to practise on, and the dashboard on it
            gameday -f gameday.yaml         the dashboard on a mesh of yours
            gameday halt                    undo every fault, everywhere, now
            """,
        version: version,
        subcommands: [
            DashCommand.self, DemoCommand.self, UpCommand.self, DownCommand.self, StatusCommand.self,
            FaultsCommand.self,
            FaultCommand.self, ForgetCommand.self, SliCommand.self, CuesCommand.self, HaltCommand.self,
            RearmCommand.self, RunCommand.self,
            ValidateCommand.self, ExperimentsCommand.self, ExperimentCommand.self,
            CheckCommand.self, AdoptCommand.self, RecordCommand.self, ReplayCommand.self, ExportCommand.self,
            VerifyCommand.self,
            JudgeCommand.self, DiffCommand.self, KeysCommand.self, ThemesCommand.self, ManCommand.self,
            ConfigCommand.self, GuardCommand.self, DemoServiceCommand.self, DemoTrafficCommand.self,
            DemoSimulatorCommand.self, TiedCommand.self,
        ], defaultSubcommand: DashCommand.self)

    static let version = "0.1.0"

    static func main() async {
        StandardStream.secure()
        var isActing = false
        do {
            var command = try parseAsRoot()
            isActing = command is any ActingCommand
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(by: error, isActing: isActing)
        }
        end(.success, isActing: isActing)
    }

    private static func end(by error: any Error, isActing: Bool) -> Never {
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if !message.isEmpty { code.isSuccess ? Output.document(message + "\n") : Output.error(message) }
        // Chaos Toolkit's code for a wrong option is 2.
        let isOriginal = CommandLine.arguments.contains("--strict") && code == .validationFailure
        end(isOriginal ? ExitCode(2) : code, isActing: isActing)
    }

    /// What only tells something has failed when that could not be written; what acts has acted all the same.
    private static func end(_ code: ExitCode, isActing: Bool) -> Never {
        Glibc.exit(code.isSuccess && Output.hasLostWords && !isActing ? ExitCode.failure.rawValue : code.rawValue)
    }
}
