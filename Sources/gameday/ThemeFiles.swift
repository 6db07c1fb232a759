import Dashboard
import Experiments
import FoundationEssentials
import MeshClient
import TerminalCanvas
import Yams

/// The theme files a person can choose from, and how they are read.
struct ThemeFiles {
    /// Where files are looked for; the first folder that has a name wins.
    let folders: [String]

    init(folders: [String]) { self.folders = folders }

    /// A person's own themes come before those that gameday came with.
    init(environment: [String: String], executableFolder: String) {
        func setting(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let config = setting("XDG_CONFIG_HOME") ?? setting("HOME").map { $0 + "/.config" }
        var folders = [setting("GAMEDAY_THEMES"), config.map { $0 + "/gameday/themes" }].compactMap { $0 }
        folders += [executableFolder + "/themes", executableFolder + "/../share/gameday/themes"]
        // Built and not installed: the checkout is where the build folder lies.
        if let build = executableFolder.firstRange(of: "/.build") {
            folders.append(executableFolder[..<build.lowerBound] + "/themes")
        }
        self.folders = folders
    }

    /// The names to choose from, in order.
    var names: [String] {
        let files = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
        let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(".yaml".count)) }
        return Set(names).union([Theme.midnight.name]).sorted()
    }

    /// Reads a theme by its name, or a file by its path, with all that it inherits, and refuses one that is hard to read.
    func theme(_ name: String) throws(ThemeError) -> Theme {
        let theme = try read(name, heirs: [])
        // The picture for the back row needs more than a screen on a desk.
        let isForTheBackRow = name == DashboardState.projectorTheme
        let weak = ColorTier.allCases.reversed().flatMap { tier in
            let pairs = theme.weakPairs(
                tier, text: isForTheBackRow ? 7 : 4.5, graphics: isForTheBackRow ? 4.5 : 3)
            return pairs.map { "\(tier.rawValue): \($0)" } + theme.similarStates(tier).map { "\(tier.rawValue): \($0)" }
        }
        guard weak.isEmpty else { throw ThemeError(theme: name, problems: weak) }
        return theme
    }

    /// What a theme says of itself, and the file it is in; nil for one that is built in.
    func about(_ name: String) -> (words: String, path: String?) {
        let path = folders.map { "\($0)/\(name).yaml" }.first { FileManager.default.fileExists(atPath: $0) }
        let document = (try? contents(of: name)).flatMap { $0 }
            .flatMap { try? YAMLDecoder().decode(ThemeDocument.self, from: $0) }
        return (document?.description ?? (path == nil ? "built in" : ""), path)
    }

    private func read(_ name: String, heirs: [String]) throws(ThemeError) -> Theme {
        guard !heirs.contains(name) else {
            throw ThemeError(
                theme: name, problems: ["it inherits from itself: \((heirs + [name]).joined(separator: " > "))"])
        }
        guard let text = try contents(of: name) else { return .midnight }
        let document = try ThemeFiles.document(text, name: name)
        guard let parent = document.inherits else { return try Theme(document) }
        return try Theme(document, inheritingFrom: read(parent, heirs: heirs + [name]))
    }

    static func document(_ text: String, name: String) throws(ThemeError) -> ThemeDocument {
        do {
            return try YAMLDecoder().decode(ThemeDocument.self, from: text)
        } catch {
            throw ThemeError(theme: name, problems: [words(for: error)])
        }
    }

    /// The text of the file; nil for the built-in theme where no file replaces it.
    private func contents(of name: String) throws(ThemeError) -> String? {
        let paths = name.contains("/") || name.hasSuffix(".yaml") ? [name] : folders.map { "\($0)/\(name).yaml" }
        for path in paths where FileManager.default.fileExists(atPath: path) {
            do {
                let text = try FileContent.readText(path, upTo: FileContent.largestYAML)
                if let line = YAMLBounds.lineOfHugeKey(in: text) {
                    throw UnreadableFile("line \(line): a key must be a string, not a list or an alias")
                }
                return text
            } catch {
                throw ThemeError(theme: name, problems: ["\(path): \(error)"])
            }
        }
        if name == Theme.midnight.name { return nil }
        throw ThemeError(
            theme: name,
            problems: ["unknown theme \(paths.joined(separator: ", ")); use one of \(names.joined(separator: ", "))"])
    }

    /// Where in the file it is wrong, and how.
    private static func words(for error: any Error) -> String {
        if let error = error as? YamlError {
            let mistake = SettingsMistake(of: error)
            return "line \(mistake.line): \(mistake.message)"
        }
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .dataCorrupted(let found), .typeMismatch(_, let found), .valueNotFound(_, let found): context = found
        case .keyNotFound(let key, let found): return "“\(key.stringValue)” is missing" + place(found.codingPath)
        @unknown default: return "\(error)"
        }
        if let error = context.underlyingError as? YamlError { return words(for: error) }
        let cause = context.underlyingError.map { ": \(words(for: $0))" } ?? ""
        return Text.clipped(context.debugDescription, to: 400) + place(context.codingPath) + cause
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : " (at \(path.map(\.stringValue).joined(separator: ".")))"
    }
}
