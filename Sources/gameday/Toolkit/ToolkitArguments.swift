import ArgumentParser
import MeshModel

/// The command line as Chaos Toolkit's users write it: `chaos --verbose run experiment.json`. Its global options stand
/// before the sub-command there, and behind it here.
enum ToolkitArguments {
    private static let flags: Set = ["--verbose", "--no-version-check", "--no-log-file"]
    private static let options: Set = [
        "--change-dir", "--log-file", "--log-file-level", "--log-format", "--settings",
    ]

    /// Whether we are called by the name of the original, by a link: as pipelines do, in which an alias does not count.
    static let isNamedAfterOriginal = CommandLine.arguments.first?.split(separator: "/").last == "chaos"

    /// The same arguments, with global options moved behind the sub-command when that is one of the toolkit's.
    static func reordered(_ arguments: [String], commands: @autoclosure () -> Set<String>) -> [String] {
        var place = 0
        while place < arguments.count {
            let argument = arguments[place]
            if flags.contains(argument) {
                place += 1
            } else if options.contains(argument) {
                place += 2
            } else if let equals = argument.firstIndex(of: "="), options.contains(String(argument[..<equals])) {
                place += 1
            } else {
                break
            }
        }
        guard place > 0, place < arguments.count, commands().contains(arguments[place]) else { return arguments }
        return [arguments[place]] + arguments[..<place] + arguments[(place + 1)...]
    }

    /// What to say of a first word that is no command; nil when it is one, or an option.
    static func mistake(in arguments: [String], commands: [String]) -> String? {
        guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !commands.contains(word) else {
            return nil
        }
        let near = Quantity.nearest(to: word, among: commands).map { "Did you mean `gameday \($0)`?" }
        return "gameday: no command '\(Output.short(word))'. \(near ?? "Run `gameday --help` to list the commands.")"
    }
}

/// A command that Chaos Toolkit has too, with its global options.
protocol ToolkitCommand: ParsableCommand {
    var toolkit: ToolkitOptions { get }
}
