import ArgumentParser
import Experiments
import Glibc

/// The command line of gameday: one sub-command a file; this list holds only their names.
@main
struct Gameday: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gameday", abstract: "A terminal dashboard for a running chaos game day.",
        discussion: """
            gameday demo                    a mesh to practise on, and the dashboard on it
            gameday -f gameday.yaml         the dashboard on your own mesh
            gameday halt                    remove every fault, everywhere, now
            gameday help TOPIC              \(Topic.all.prefix(5).map(\.name).joined(separator: ", ")), …
            """,
        version: version, subcommands: named.map { [$0] } ?? commands,
        defaultSubcommand: named == nil ? DashCommand.self : nil)

    /// Every command, in the order of the help.
    static let commands: [any ParsableCommand.Type] =
        [
            DashCommand.self, DemoCommand.self, UpCommand.self, DownCommand.self, StatusCommand.self,
            FaultsCommand.self, FaultCommand.self, ForgetCommand.self, SliCommand.self, ExplainCommand.self,
            LogsCommand.self, CuesCommand.self, HaltCommand.self, RearmCommand.self,
        ] + toolkitCommands.map { $0 } + [
            ExperimentsCommand.self, ExperimentCommand.self, CheckCommand.self, AdoptCommand.self,
            ContextsCommand.self, RecordCommand.self, ReplayCommand.self, ExportCommand.self, VerifyCommand.self,
            JudgeCommand.self, DiffCommand.self, KeysCommand.self, ThemesCommand.self, HelpCommand.self,
            ManCommand.self, ConfigCommand.self, GuardCommand.self, DemoServiceCommand.self,
            DemoMeshControlCommand.self, DemoTrafficCommand.self, DemoSimulatorCommand.self, TiedCommand.self,
        ]

    /// Those that Chaos Toolkit has too.
    private static let toolkitCommands: [any ToolkitCommand.Type] = [
        RunCommand.self, ValidateCommand.self, DiscoverCommand.self, InitCommand.self, ReportCommand.self,
        InfoCommand.self, ToolkitSettingsCommand.self,
    ]

    private static let arguments = ToolkitArguments.reordered(
        Array(CommandLine.arguments.dropFirst()),
        commands: Set(toolkitCommands.compactMap { $0.configuration.commandName }))

    /// The command that the first word names. A line that names one needs no other, and to learn of all forty takes
    /// longer than a short run; only help tells of them all.
    private static let named: (any ParsableCommand.Type)? = arguments.first.flatMap { word in
        guard word != "help" else { return nil }
        // What pipelines start most comes first.
        return (toolkitCommands.map { $0 } + commands).first { $0.configuration.commandName == word }
    }

    static let version = "0.1.0"

    static func main() async {
        StandardStream.secure()
        var isActing = false
        do {
            if named == nil, let mistake = ToolkitArguments.mistake(in: arguments, commands: commandNames) {
                let code = ToolkitArguments.isNamedAfterOriginal ? ExitCode(2) : .validationFailure
                throw code.telling(mistake)
            }
            if ToolkitArguments.isNamedAfterOriginal, arguments == ["--version"] {
                Output.line("chaos, version \(RunOptions.toolkitVersion) (gameday \(version))")
                end(.success, isActing: false)
            }
            var command = try parseAsRoot(arguments)
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

    private static var commandNames: [String] { commands.compactMap { $0.configuration.commandName } }

    private static func end(by error: any Error, isActing: Bool) -> Never {
        if let code = error as? ExitCode { end(code, isActing: isActing) }
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if !message.isEmpty { code.isSuccess ? Output.document(message + "\n") : Output.error(message) }
        // Chaos Toolkit's code for a wrong option is 2.
        let isOriginal = CommandLine.arguments.contains("--strict") || ToolkitArguments.isNamedAfterOriginal
        end(isOriginal && code == .validationFailure ? ExitCode(2) : code, isActing: isActing)
    }

    /// What only tells something has failed when that could not be written; what acts has acted all the same.
    private static func end(_ code: ExitCode, isActing: Bool) -> Never {
        Glibc.exit(code.isSuccess && Output.hasLostWords && !isActing ? ExitCode.failure.rawValue : code.rawValue)
    }
}
