internal import MeshModel

/// Finds the secrets that are said outright: in a document, in the environment, in an activity that is about to act.
struct SecretSources {
    /// Whether everything that was referred to stands in its place already.
    var isResolved = false

    /// What stands under names of secrets or headers of credentials, in addresses and in the options of programs; of the
    /// block `secrets` all that is no reference.
    func texts(of document: Value) -> [String] {
        let declared = document["secrets"].map(leavesOfDeclared) ?? []
        return declared + texts(of: document, under: "")
    }

    func texts(of value: Value, under name: String) -> [String] {
        switch value {
        case .mapping(let fields): return fields.entries.flatMap { texts(of: $1, under: $0) }
        case .list(let items):
            let options = zip(items, items.dropFirst()).flatMap { option, argument -> [String] in
                guard let option = option.text, option.hasPrefix("-"), SecretNames.isField(option) else { return [] }
                return leaves(of: argument).filter(isSecret)
            }
            return options + items.flatMap { texts(of: $0, under: name) }
        case .text(let text):
            let isNamed = SecretNames.isField(name) || SecretNames.isHeader(name)
            return (isNamed ? values(in: text) : []) + (name == "url" ? withoutScheme(text) : []) + inside(text)
        case .integer, .bigInteger:
            return SecretNames.isField(name) ? [PythonText.string(value)].filter(isSecret) : []
        case .null, .bool, .number, .moment: return []
        }
    }

    /// Variables of an environment by their names; and what addresses in any of them hold.
    func texts(of environment: [String: String]) -> [String] {
        environment.flatMap { name, value in
            let isSecret =
                SecretNames.isField(name) && value.utf8.count >= Redaction.shortestPart && !value.hasPrefix("/")
            return (isSecret ? values(in: value) : []) + URLCredentials.all(in: value).flatMap(credentials)
        }
    }

    /// The texts of all values, whatever their types.
    func leaves(of value: Value) -> [String] {
        switch value {
        case .mapping(let fields): fields.entries.flatMap { leaves(of: $1) }
        case .list(let items): items.flatMap { leaves(of: $0) }
        case .null, .bool: []
        default: [PythonText.string(value)].flatMap { [$0] + values(in: $0) }
        }
    }

    /// Whether a text refers to what is known elsewhere: `${name}` or `$name`.
    static func isReference(_ bytes: some Collection<UInt8>) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { sign, next in
            sign == UInt8(ascii: "$") && (next == UInt8(ascii: "{") || Character(Unicode.Scalar(next)).isLetter)
        }
    }

    private func leavesOfDeclared(_ value: Value) -> [String] {
        guard let fields = value.fields else { return leaves(of: value) }
        let type = fields["type"]?.text
        guard type != "env", type != "vault" else { return [] }
        return fields.entries.flatMap { leavesOfDeclared($1) }
    }

    /// A value as it is, and without the scheme before it: `Bearer x`; what `Basic` packs is unpacked.
    private func values(in text: String) -> [String] {
        guard isSecret(text) else { return literals(in: text) }
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, words[0].allSatisfy(\.isLetter), words[0].count <= 10 else { return [text] }
        guard words[0].lowercased() == "basic", let pair = Base64.decoded(words[1]) else { return [words[1]] }
        return [words[1]] + credentials(String(decoding: pair, as: UTF8.self))
    }

    /// The credentials of an address that was begun wrong.
    private func withoutScheme(_ url: String) -> [String] {
        guard !url.contains("://"), let at = url.lastIndex(of: "@") else { return [] }
        return credentials(String(url[..<at]))
    }

    /// A name with a password behind a colon: the password, and both.
    private func credentials(_ pair: String) -> [String] {
        let parts = pair.split(separator: ":", maxSplits: 1).map(String.init)
        // One alone may be a token, which is longer than any name.
        guard parts.count == 2 else { return [pair].filter { $0.utf8.count >= 16 && isSecret($0) } }
        return [parts[1], PercentCoding.decoded(parts[1])].filter(isSecret)
    }

    /// What stands around references, if it is more than a few letters.
    private func literals(in text: String) -> [String] {
        var parts: [Substring] = []
        var rest = text[...]
        while let sign = rest.firstIndex(of: "$") {
            parts.append(rest[..<sign])
            rest = rest[sign...].dropFirst()
            if rest.first == "{" { rest = rest.drop { $0 != "}" }.dropFirst() }
        }
        return (parts + [rest]).map { Conversion.trimmed(String($0)) }
            .filter { $0.utf8.count >= Redaction.shortestPart && !$0.allSatisfy(\.isLetter) }
    }

    private func isSecret(_ text: String) -> Bool {
        (isResolved || !Self.isReference(text.utf8)) && !["true", "false", "null", "none"].contains(text.lowercased())
    }

    /// What a longer text has in it: addresses with credentials and parameters, options of programs, headers.
    private func inside(_ text: String) -> [String] {
        guard text.utf8.count <= 1 << 20 else { return [] }
        var found = URLCredentials.all(in: text).flatMap(credentials)
        var option: Substring?
        for word in text.split(whereSeparator: { $0.isWhitespace || "?&;\"'".contains($0) }) {
            if let name = option, SecretNames.isField(String(name)), isSecret(String(word)) {
                found.append(String(word))
            }
            option = word.hasPrefix("-") ? word : nil
            guard let sign = word.firstIndex(of: "=") else { continue }
            let value = String(word[word.index(after: sign)...])
            if SecretNames.isField(String(word[..<sign])), isSecret(value) {
                found += [value, PercentCoding.decoded(value)]
            } else if SecretNames.isField(String(word[..<sign])) {
                found += literals(in: value)
            }
        }
        if let colon = text.firstIndex(of: ":"), SecretNames.isHeader(String(text[..<colon])) {
            found += values(in: Conversion.trimmed(String(text[text.index(after: colon)...])))
        }
        return found.filter { $0.utf8.count >= Redaction.shortest }
    }
}
