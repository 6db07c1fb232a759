import ArgumentParser
import Dashboard
import MeshModel
import TerminalCanvas

/// `gameday man`: the manual page, made from the same lists as the program.
struct ManCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man", abstract: "Print the manual page; `gameday man | man -l -` shows it.")

    func run() { Output.document(ManPage.text) }
}

/// The manual page in the language of man(7).
enum ManPage {
    static var text: String {
        var page = ".TH GAMEDAY 1 \"\" \"gameday \(Gameday.version)\" \"User Commands\"\n"
        page += ".SH NAME\ngameday \\- the one screen of a chaos game day\n"
        page += ".SH SYNOPSIS\n.B gameday\n[\\fIcommand\\fR] [\\fIoptions\\fR]\n"
        page += ".SH DESCRIPTION\n" + escaped(Gameday.configuration.abstract) + "\n"
        page += escaped(
            "It watches a live service mesh against its objectives, breaks its edges on purpose and mends them again.")
        page += "\n.SH COMMANDS\n"
        for command in commands {
            let configuration = command.configuration
            page += ".SS gameday \(escaped(configuration.commandName ?? ""))\n\(escaped(configuration.abstract))\n"
            page += ".PP\n.nf\n\(escaped(Gameday.helpMessage(for: command, columns: 76).usage))\n.fi\n"
        }
        page += lists(faults, "FAULTS")
        page += ".SH KEYS\n"
        for group in Action.Group.allCases {
            page += ".SS \(escaped(group.rawValue))\n"
            for action in Action.all where action.group == group {
                let keys = action.keys.map { "\\fB\(escaped($0.description))\\fR" }.joined(separator: ", ")
                page += ".TP\n\(keys)\n\(escaped("\(action.title) (\(action.name))"))\n"
            }
        }
        page += ".SS In dialogs\n"
        for answer in DialogKey.allCases {
            let keys = answer.keys.map { "\\fB\(escaped($0.description))\\fR" }.joined(separator: ", ")
            page += ".TP\n\(keys)\n\(escaped("\(answer.title) (\(answer.name))"))\n"
        }
        return page + lists(variables, "ENVIRONMENT") + lists(files, "FILES") + lists(codes, "EXIT STATUS")
    }

    /// The commands that people call.
    private static var commands: [any ParsableCommand.Type] {
        Gameday.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    }

    static var commandNames: [String] { commands.compactMap { $0.configuration.commandName } }

    private static func lists(_ items: [(String, String)], _ title: String) -> String {
        ".SH \(title)\n" + items.map { ".TP\n.B \(escaped($0.0))\n\(escaped($0.1))\n" }.joined()
    }

    /// Each kind of fault with what asks for it.
    private static let faults = FaultKindDescription.all.map { kind in
        let amounts = kind.fields.map { field in
            field.name == kind.word ? " \(field.unit.valueName)" : " [--\(field.name) \(field.unit.valueName)]"
        }
        return ("--\(kind.word)" + amounts.joined(), "\(kind.name): \(kind.words)")
    }

    private static let variables = [
        ("GAMEDAY_SOCKET", "The control plane's Unix socket."),
        ("GAMEDAY_CONFIG_DIR", "The folder of keys.yaml."),
        ("GAMEDAY_THEMES", "A folder of themes that come before all others."),
        ("NO_COLOR", "When it is not empty, no colours are used; --color overrules it."),
        ("COLORTERM", "truecolor or 24bit: the terminal mixes colours."),
        ("COLORFGBG", "The terminal's colours; a light background chooses the theme paper."),
        ("LC_ALL, LC_CTYPE, LANG", "Without UTF-8 in them the screen is drawn in ASCII."),
    ]

    private static let files = [
        ("gameday.yaml", "The mesh: proxies, objectives, guards. `gameday check` explains every mistake."),
        ("$XDG_CONFIG_HOME/gameday/keys.yaml", "Keys of your own; `gameday keys --default` begins one."),
        ("$XDG_CONFIG_HOME/gameday/themes/NAME.yaml", "Themes of your own."),
        ("$XDG_DATA_HOME/gameday/screenshots", "The pictures that S keeps."),
        ("$XDG_STATE_HOME/gameday", "The ledger of undos, and logs."),
    ]

    private static let codes = [
        ("0", "Done, or held."), ("1", "Deviated or failed."), ("64", "Wrong usage."),
        ("65", "A document that can not be used."), ("69", "A proxy or the control plane is not there."),
        ("70", "A mistake of gameday."),
    ]

    /// Text that roff takes as it is: its escapes, its requests at the start of a line, and hyphens that are minus signs.
    static func escaped(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let body = line.map { character -> String in
                switch character {
                case "\\": "\\e"
                case "-": "\\-"
                default: String(character)
                }
            }.joined()
            return body.hasPrefix(".") || body.hasPrefix("'") ? "\\&" + body : body
        }.joined(separator: "\n")
    }
}

extension String {
    /// A help message from its usage on: what stands before it is told elsewhere.
    fileprivate var usage: String {
        firstRange(of: "USAGE:").map { String(self[$0.lowerBound...]) } ?? self
    }
}
