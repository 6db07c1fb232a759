internal import Yams

extension SettingsNode {
    /// The one document of a YAML text; nil when it is empty, or no YAML, which is told.
    public init?(yaml text: String, log: SettingsMistakes) {
        guard Self.isBearable(text, log, file: nil) else { return nil }
        do {
            guard let node = try Yams.compose(yaml: text) else { return nil }
            self.init(node, log: log)
        } catch {
            log.add(SettingsMistake(of: error))
            return nil
        }
    }

    /// All documents of a YAML text, which stands in `file`; nil when it is no YAML, which is told.
    public static func documents(yaml text: String, file: String, log: SettingsMistakes) -> [SettingsNode]? {
        guard isBearable(text, log, file: file) else { return nil }
        do {
            var sequence = try Yams.compose_all(yaml: text)
            var nodes: [Node] = []
            while let node = sequence.next() { nodes.append(node) }
            // The sequence only ends where a document is no YAML.
            if let error = sequence.error { throw error }
            return nodes.map { SettingsNode($0, log: log, file: file) }
        } catch {
            log.add(SettingsMistake(of: error, file: file))
            return nil
        }
    }

    /// False for a key that no reader could bear.
    private static func isBearable(_ text: String, _ log: SettingsMistakes, file: String?) -> Bool {
        guard let line = YAMLBounds.lineOfHugeKey(in: text) else { return true }
        let words = "a key must be a string, not a list or an alias"
        log.add(SettingsMistake(line: line, message: words, file: file))
        return false
    }
}

extension SettingsMistake {
    /// What Yams says of a text that is no YAML.
    public init(of error: any Error, file: String? = nil) {
        self.init(line: 1, message: "\(error)", file: file)
        guard let error = error as? YamlError else { return }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (line, message) = (mark.line, "invalid YAML: \(problem)")
        case .reader(let problem, let offset, _, let text):
            line = text.utf8.prefix(offset ?? 0).count { $0 == 0x0A } + 1
            message = "invalid YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.prefix(10).map { SettingsNode.short("\($0)", to: 40) }.joined(separator: ", ")
            (line, message) = (context.mark.line, "duplicate keys: \(names)")
        default: message = "invalid YAML: \(error)"
        }
    }
}
