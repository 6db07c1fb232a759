internal import MeshModel

/// A name of the settings for what a proxy calls otherwise: `{match: "web-*", service: web}`.
public struct EnvoyNameRule: Equatable, Sendable {
    /// A glob of `*` and `?` for the whole name, or a regular expression between slashes for a part of it.
    public var match: String
    /// What it stands for; `$1` is the first group of the expression.
    public var service: String

    public init(match: String, service: String) {
        self.match = match
        self.service = service
    }

    /// Why the expression can not be used; nil when it can.
    public var mistake: String? {
        do {
            _ = try expression
            return nil
        } catch {
            return "\(match) is no regular expression: \(error)"
        }
    }

    private var expression: Regex<AnyRegexOutput> {
        get throws {
            if match.count > 2, match.hasPrefix("/"), match.hasSuffix("/") {
                return try Regex(String(match.dropFirst().dropLast()))
            }
            let pattern = match.reduce(into: "^") { pattern, character in
                switch character {
                case "*": pattern += ".*"
                case "?": pattern += "."
                default: pattern += "\\.+()|[]{}^$/".contains(character) ? "\\\(character)" : "\(character)"
                }
            }
            return try Regex(pattern + "$")
        }
    }

    /// The service that this name stands for; nil when the rule is not about it.
    func service(for name: String) -> ServiceName? {
        guard let expression = try? expression, let found = name.firstMatch(of: expression) else { return nil }
        var text = service
        for group in found.output.indices.reversed() where text.contains("$\(group)") {
            text = text.split(separator: "$\(group)", omittingEmptySubsequences: false)
                .joined(separator: String(found.output[group].substring ?? ""))
        }
        return text.isEmpty ? nil : ServiceName(text)
    }
}

extension [EnvoyNameRule] {
    /// The service of the first rule that is about any of these names.
    func service(for names: [String]) -> ServiceName? {
        for rule in self {
            if let service = names.lazy.compactMap({ rule.service(for: $0) }).first { return service }
        }
        return nil
    }
}
