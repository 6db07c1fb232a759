import ArgumentParser
import Dashboard
import MeshModel
import TerminalCanvas

/// `gameday man`: the manual pages, made from the same lists and topics as the program.
struct ManCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man", abstract: "Print a manual page; `gameday man | man -l -` shows it.",
        discussion: "The pages are \(ManPage.names.joined(separator: ", ")).")

    @Argument(help: "The page.", completion: .list(ManPage.names))
    var page = "gameday"

    func validate() throws {
        guard ManPage.text(of: page) != nil else {
            throw ValidationError("Unknown page '\(page)'. Use one of \(ManPage.names.joined(separator: ", ")).")
        }
    }

    func run() { Output.document(ManPage.text(of: page) ?? "") }
}

/// The manual pages in the language of man(7).
enum ManPage {
    /// gameday(1), and the topics that have a page of their own.
    static let names = ["gameday"] + Topic.all.filter { $0.section != nil }.map { "gameday-\($0.name)" }

    static func text(of name: String) -> String? {
        if name == "gameday" { return main }
        guard let topic = topic(of: name), let section = topic.section else { return nil }
        return title(name, section, topic.summary) + topic.page.manual(isPart: false)
    }

    private static func topic(of name: String) -> Topic? {
        Topic.all.first { $0.section != nil && "gameday-\($0.name)" == name }
    }

    private static func title(_ name: String, _ section: Int, _ summary: String) -> String {
        ".TH \(name.uppercased()) \(section) \"\" \"gameday \(Gameday.version)\" \"gameday\"\n"
            + ".SH NAME\n\(escaped(name)) \\- \(escaped(summary))\n"
    }

    private static var main: String {
        var page = title("gameday", 1, "a terminal dashboard for a running chaos game day")
        page += ".SH SYNOPSIS\n.B gameday\n[\\fIcommand\\fR] [\\fIoptions\\fR]\n"
        page += ".SH DESCRIPTION\n" + escaped(Gameday.configuration.abstract) + "\n"
        page += escaped(
            "It watches a live service mesh against its objectives, and injects and removes faults on its edges.")
        page += "\n.SH COMMANDS\n"
        for command in commands {
            let configuration = command.configuration
            page += ".SS gameday \(escaped(configuration.commandName ?? ""))\n\(escaped(configuration.abstract))\n"
            page += ".PP\n.nf\n\(escaped(Gameday.helpMessage(for: command, columns: 76).usage))\n.fi\n"
        }
        page += lists(faults, "FAULTS") + keys
        page += Topic.all.filter { $0.section == nil }.map { $0.page.manual(isPart: true) }.joined()
        page += lists(variables, "ENVIRONMENT") + lists(files, "FILES") + lists(codes, "EXIT STATUS")
        return page + ".SH SEE ALSO\n"
            + Topic.all.compactMap { topic in
                topic.section.map { "\\fBgameday\\-\(topic.name)\\fR(\($0))" }
            }.joined(separator: ",\n") + "\n"
    }

    private static var keys: String {
        var page = ".SH KEYS\n"
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
        return page
    }

    /// The commands that people call.
    private static var commands: [any ParsableCommand.Type] {
        Gameday.commands.filter { $0.configuration.shouldDisplay }
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
        ("GAMEDAY_THEMES", "A folder of themes that take precedence over all others."),
        ("NO_COLOR", "If not empty, no colours are used; --color overrides it."),
        ("COLORTERM", "truecolor or 24bit: the terminal has 24-bit colours."),
        ("COLORFGBG", "The terminal's colours; a light background selects the theme paper."),
        ("LC_ALL, LC_CTYPE, LANG", "Without UTF-8 in them, the screen is drawn in ASCII."),
    ]

    private static let files = [
        ("gameday.yaml", "The mesh: proxies, objectives, guards. `gameday check` reports every problem."),
        ("$XDG_CONFIG_HOME/gameday/keys.yaml", "Your own keys; `gameday keys --default` prints a file to start from."),
        ("$XDG_CONFIG_HOME/gameday/themes/NAME.yaml", "Your own themes."),
        ("$XDG_DATA_HOME/gameday/screenshots", "Screenshots."),
        ("$XDG_STATE_HOME/gameday", "The ledger of undos, and logs."),
    ]

    private static let codes = [
        ("0", "Done, or the hypothesis held."), ("1", "Deviated or failed."), ("64", "Wrong usage."),
        ("65", "A document that cannot be used."), ("69", "A proxy or the control plane is unavailable."),
        ("70", "An internal error of gameday."),
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
