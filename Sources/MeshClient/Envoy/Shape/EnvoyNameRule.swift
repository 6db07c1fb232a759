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
            return "invalid regular expression \(match): \(error)"
        }
    }

    /// Nil for a glob.
    private var expression: Regex<AnyRegexOutput>? {
        get throws {
            guard match.count > 2, match.hasPrefix("/"), match.hasSuffix("/") else { return nil }
            return try Regex(String(match.dropFirst().dropLast()))
        }
    }

    /// The service that this name stands for; nil when the rule is not about it.
    func service(for name: String) -> ServiceName? {
        guard let groups = groups(in: name) else { return nil }
        var text = service
        for group in groups.indices.reversed() where text.contains("$\(group)") {
            text = text.split(separator: "$\(group)", omittingEmptySubsequences: false).joined(separator: groups[group])
        }
        return text.isEmpty ? nil : ServiceName(text)
    }

    /// What was matched, then the groups of the expression; nil when the rule is not about the name.
    private func groups(in name: String) -> [String]? {
        guard let expression = try? expression else {
            return mistake == nil && Glob(pattern: match).matches(name) ? [name] : nil
        }
        guard let found = name.firstMatch(of: expression) else { return nil }
        return found.output.indices.map { String(found.output[$0].substring ?? "") }
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
