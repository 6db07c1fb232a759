import ArgumentParser
import Experiments
import FileWriting
import Glibc

/// `gameday settings`: reads and changes the settings file of Chaos Toolkit.
struct ToolkitSettingsCommand: ParsableCommand, ToolkitCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Read or change the settings file of Chaos Toolkit.",
        discussion: """
            A key is a path: auths, auths.example\\\\.com.type, controls[0].name. A dot in a name has a backslash before it.
            """,
        subcommands: [Show.self, Get.self, Set.self, Remove.self])

    @OptionGroup(title: "Options of Chaos Toolkit, before or after the command") var toolkit: ToolkitOptions

    /// How settings are printed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case string, json, yaml

        func text(_ value: Value) -> String {
            switch self {
            case .string: ValueText.python(value) + "\n"
            case .json: ValueText.json(value, indent: 2) + "\n"
            // As in the original, which ends it with an empty line.
            case .yaml: ValueText.yaml(value) + "\n"
            }
        }
    }
}

extension ToolkitSettingsCommand {
    /// The settings file of a command.
    struct Place: ParsableArguments {
        @OptionGroup var toolkit: ToolkitOptions

        func read() throws -> Value {
            try toolkit.move()
            let path = toolkit.settingsPath
            guard access(path, F_OK) == 0 else {
                throw ExitCode.failure.telling("gameday: no settings file found at \(path)")
            }
            do {
                let settings = try ToolkitSettings.read(path)
                return settings.isTruthy ? settings : .mapping(Fields())
            } catch {
                throw ExitCode.badDocument("gameday: \(error.message)")
            }
        }

        func entry(_ key: String) throws -> (settings: Value, path: SettingsPath, entry: Value) {
            let settings = try read()
            let path = SettingsPath(key)
            guard let entry = path.entry(in: settings) else {
                throw ExitCode.failure.telling("gameday: \(toolkit.settingsPath) has no '\(Output.short(key))'")
            }
            return (settings, path, entry)
        }

        func write(_ settings: Value) throws {
            do {
                try WritingPlace(toolkit.settingsPath).write(Array(ValueText.yaml(settings).utf8))
            } catch {
                throw error.told
            }
        }
    }

    /// `gameday settings show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print all settings, secrets too.")

        @OptionGroup var place: Place
        @Option(help: "yaml or json.") var format = Format.yaml

        func validate() throws {
            if format == .string { throw ValidationError("'string' is not one of json or yaml") }
        }

        func run() throws { Output.document(format.text(try place.read())) }
    }

    /// `gameday settings get`.
    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print one setting.")

        @OptionGroup var place: Place
        @Option(help: "string, json or yaml.") var format = Format.yaml
        @Argument(help: "The path of the setting.") var key: String

        func run() throws { Output.document(format.text(try place.entry(key).entry)) }
    }

    /// `gameday settings set`.
    struct Set: ParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change one setting that is there.", discussion: "The value is JSON: true, 5, '\"text\"'.")

        @OptionGroup var place: Place
        @Argument(help: "The path of the setting.") var key: String
        @Argument(help: "The value, as JSON.") var value: String

        func run() throws {
            let (settings, path, _) = try place.entry(key)
            guard let new = ValueText.value(json: value) else {
                throw ExitCode.failure.telling(
                    "gameday: '\(Output.short(value))' is not JSON; a text needs its own quotes: '\"\(Output.short(value))\"'"
                )
            }
            try place.write(path.changed(settings, to: new))
        }
    }

    /// `gameday settings remove`.
    struct Remove: ParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(abstract: "Remove one setting and all below it.")

        @OptionGroup var place: Place
        @Argument(help: "The path of the setting.") var key: String

        func run() throws {
            let (settings, path, _) = try place.entry(key)
            try place.write(path.changed(settings, to: nil))
        }
    }
}
