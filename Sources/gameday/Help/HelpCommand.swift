import ArgumentParser
import TerminalCanvas

/// `gameday help`: a topic, or the options of a command.
struct HelpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help", abstract: "Explain a topic or a command.",
        discussion: """
            Topics:
            \(Topic.all.map { "  \(Text.fitted($0.name, to: 12)) \($0.summary)" }.joined(separator: "\n"))
            """)

    @Argument(
        help: "A topic, or a command such as fault start.", completion: .list(Topic.all.map(\.name)))
    var words: [String] = []

    func run() throws {
        if words.count == 1, let topic = Topic.named(words[0]) { return Output.document(topic.page.text()) }
        throw CleanExit.helpRequest(try command())
    }

    /// The command that the words lead to.
    private func command() throws -> any ParsableCommand.Type {
        var command: any ParsableCommand.Type = Gameday.self
        var choice = Gameday.commands
        for word in words {
            let next = choice.first { $0._commandName == word }
            guard let next else {
                let names = Topic.all.map(\.name).joined(separator: ", ")
                throw ValidationError("Unknown topic or command '\(word)'. Topics: \(names).")
            }
            command = next
            choice = next.configuration.subcommands
        }
        return command
    }
}
