import ArgumentParser
import Dashboard
import FoundationEssentials
import TerminalCanvas

/// `gameday keys`: which key does what, with a person's own keys.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List the keys, including your own.",
        discussion: """
            Set keys in keys.yaml, in $GAMEDAY_CONFIG_DIR or $XDG_CONFIG_HOME/gameday, by the names in the table:
              fault: [F, ctrl-f]    # these instead of f
              freeze: []            # no key at all
              halt: f9              # one more; keys of the halt are never taken away
            """)

    @Flag(help: "Print a keys.yaml with the default keys, to start from.")
    var `default` = false

    func run() throws {
        guard !`default` else { return Output.line(Self.file) }
        let environment = ProcessInfo.processInfo.environment
        let keymap = try KeyFile.keymap(environment)
        Self.lines(keymap).forEach(Output.line)
        let path = KeyFile.path(environment)
        let isThere = FileManager.default.fileExists(atPath: path)
        Output.line("\n\(isThere ? "* by" : "no keys of your own: there is no") \(path)")
    }

    static func lines(_ keymap: Keymap) -> [String] {
        Action.all.map { action in
            let keys = keymap.keys(of: action.id)
            let mark = keys == action.keys ? " " : "*"
            let words = keys.isEmpty ? "(no key)" : keys.map(\.description).joined(separator: " ")
            return "\(mark) \(Text.fitted(words, to: 18)) \(Text.fitted(action.name, to: 13)) \(action.title)"
        } + ["", "In dialogs, where enter, esc and the arrow keys never change:"]
            + DialogKey.allCases.map { answer in
                let keys = keymap.keys(of: answer)
                let words = keys.isEmpty ? "(no key)" : keys.map(\.description).joined(separator: " ")
                let mark = keys == answer.keys ? " " : "*"
                return "\(mark) \(Text.fitted(words, to: 18)) \(Text.fitted(answer.name, to: 13)) \(answer.title)"
            }
    }

    /// A key file that changes nothing.
    static var file: String {
        let lines = Action.all.map { action in
            let keys = action.keys.map { "\"\($0)\"" }.joined(separator: ", ")
            return "\(action.name): [\(keys)]  # \(action.title)"
        }
        let answers = DialogKey.allCases.map { answer in
            let keys = answer.keys.map { "\"\($0)\"" }.joined(separator: ", ")
            return "\(answer.name): [\(keys)]  # \(answer.title)"
        }
        return (lines + ["# In dialogs:"] + answers).joined(separator: "\n")
    }
}
