import ArgumentParser
import Dashboard
import Experiments
import FoundationEssentials
import MeshClient
import MeshModel
import TerminalCanvas

/// `keys.yaml`: the keys a person wants instead of those of the table, a list for each action by its name.
///
/// Reading it tells every mistake at once, each with its line. Keys of the halt can be added to, never taken away.
enum KeyFile {
    /// Why the file can not be used; the text has one mistake a line.
    struct Invalid: Error, CustomStringConvertible {
        var file: String
        var mistakes: [SettingsMistake]
        var description: String { mistakes.map { $0.text(file: file) }.joined(separator: "\n") }
    }

    /// Where it is looked for.
    static func path(_ environment: [String: String]) -> String {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let own = value("GAMEDAY_CONFIG_DIR") { return own + "/keys.yaml" }
        let config = value("XDG_CONFIG_HOME") ?? value("HOME").map { $0 + "/.config" } ?? "/etc"
        return config + "/gameday/keys.yaml"
    }

    /// The keys of this person; those of the table where there is no file.
    static func keymap(_ environment: [String: String]) throws -> Keymap {
        do {
            return try read(path(environment))
        } catch {
            throw ExitCode.badDocument(error.description)
        }
    }

    static func read(_ path: String) throws(Invalid) -> Keymap {
        guard FileManager.default.fileExists(atPath: path) else { return Keymap() }
        let text: String
        do { text = try FileContent.readText(path, upTo: FileContent.largestYAML) } catch {
            throw Invalid(file: path, mistakes: [SettingsMistake(line: 1, message: "\(error)")])
        }
        return try parse(text, file: path)
    }

    static func parse(_ text: String, file: String) throws(Invalid) -> Keymap {
        let log = SettingsMistakes()
        let changes = changes(in: text, log)
        guard log.all.isEmpty else { throw Invalid(file: file, mistakes: log.all) }
        return Keymap(changes: changes.mapValues { $0.map(\.key) })
    }

    /// A key with the line that asks for it.
    private struct Wish {
        var key: Key
        var node: SettingsNode
    }

    private static func changes(in text: String, _ log: SettingsMistakes) -> [String: [Wish]] {
        // A file of remarks only changes nothing.
        guard let root = SettingsNode(yaml: text, log: log) else { return [:] }
        let names = Action.all.map(\.name) + DialogKey.allCases.map(\.name)
        guard let members = root.members(of: "the key file", keys: names) else { return [:] }
        var changes: [String: [Wish]] = [:]
        for (name, node) in members { changes[name] = wishes(node, for: name) }
        tellConflicts(changes)
        for answers in DialogKey.together { tellConflicts(changes, among: answers) }
        return changes
    }

    /// One key, or a list of them; an empty list turns the keys of an action off.
    private static func wishes(_ node: SettingsNode, for name: String) -> [Wish] {
        let items: [SettingsNode]
        if node.isList { items = node.items(of: name) } else { items = [node] }
        if items.isEmpty, name == DialogKey.yes.name {
            node.mistake("yes needs a key", "Without one, no question that asks for a letter can be confirmed.")
        }
        return items.compactMap { item in
            guard let text = item.text("a key") else { return nil }
            guard let key = Key(text) else {
                item.mistake(
                    "invalid key '\(text)'", "Use a key such as f, F, ctrl-f, alt-f, f5, shift-left, space or enter.")
                return nil
            }
            if key == .control("c"), name != Action.with(.quit).name {
                item.mistake("ctrl-c always quits", "Choose another key for \(name).")
                return nil
            }
            if [.enter, .escape].contains(key), DialogKey(rawValue: name) != nil {
                item.mistake("\(key) means the same in every dialog", "Choose another key for \(name).")
                return nil
            }
            if case .control(let letter) = key, let other = twins[letter] {
                item.mistake("terminals send ctrl-\(letter) for \(other)", "Write \(other), or choose another key.")
                return nil
            }
            return Wish(key: key, node: item)
        }
    }

    /// Keys that no terminal can tell from others.
    private static let twins: [Character: String] = [
        "h": "backspace", "i": "tab", "j": "enter", "m": "enter", "[": "esc",
    ]

    /// Tells where two actions would have one key, and where a key of the halt would be taken.
    private static func tellConflicts(_ changes: [String: [Wish]]) {
        var owners: [Key: String] = [:]
        let halt = Action.with(.halt)
        for key in halt.keys { owners[key] = halt.name }
        for action in Action.all where changes[action.name] == nil {
            for key in action.keys { owners[key] = action.name }
        }
        // From top to bottom of the file, so that the second of two is the one that is told.
        let wishes = changes.filter { DialogKey(rawValue: $0.key) == nil }
            .flatMap { name, wishes in wishes.map { (name, $0) } }
            .sorted { ($0.1.node.line, $0.0) < ($1.1.node.line, $1.0) }
        for (name, wish) in wishes {
            if let owner = owners[wish.key], owner != name {
                let remedy =
                    owner == halt.name
                    ? "Keys can be added to the halt, but not removed from it."
                    : "Give \(owner) another key in this file, or an empty list: \(owner): []"
                wish.node.mistake("\(wish.key) for \(name) is already a key of \(owner)", remedy)
            }
            owners[wish.key] = owners[wish.key] ?? name
        }
    }

    /// Tells where one key would give two answers, take one of the halt, or let a second press of a dangerous key agree.
    private static func tellConflicts(_ changes: [String: [Wish]], among answers: [DialogKey]) {
        var owners: [Key: String] = [:]
        let halt = Action.with(.halt)
        for key in halt.keys + (changes[halt.name] ?? []).map(\.key) { owners[key] = halt.name }
        for answer in answers where changes[answer.name] == nil {
            for key in answer.keys { owners[key] = answer.name }
        }
        for answer in answers {
            for wish in changes[answer.name] ?? [] {
                if let owner = owners[wish.key], owner != answer.name {
                    wish.node.mistake(
                        "\(wish.key) for \(answer.name) is already a key of \(owner)",
                        "Choose another key for one of them.")
                } else if answer == .yes, let asking = asking(wish.key, changes) {
                    wish.node.mistake(
                        "\(wish.key) for yes is a key of \(asking): a second press would confirm",
                        "Choose a key that starts no action.")
                }
                owners[wish.key] = owners[wish.key] ?? answer.name
            }
        }
    }

    /// The action with that key which ends in a question.
    private static func asking(_ key: Key, _ changes: [String: [Wish]]) -> String? {
        Action.all.first { action in
            action.danger == .asks && (changes[action.name]?.map(\.key) ?? action.keys).contains(key)
        }?.name
    }
}
