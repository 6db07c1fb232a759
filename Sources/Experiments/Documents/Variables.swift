/// Values given from outside of the experiment: `--var` and `--var-file`.
public struct Variables: Sendable {
    public var configuration = Fields()
    public var secrets = Fields()
    /// What `.env` files add to the environment of the run and of its processes.
    public var environment: [String: String] = [:]

    public init() {}

    /// Adds a `key=value` or `key:type=value`.
    public mutating func add(argument: String) throws(VariableError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw VariableError(message: "var needs to be in the format name[:type]=value")
        }
        var name = String(parts[0])
        var type: String?
        if let colon = name.lastIndex(of: ":") {
            type = String(name[name.index(after: colon)...])
            name = String(name[..<colon])
        }
        do {
            configuration[name] = try Conversion.value(of: String(parts[1]), as: type)
        } catch {
            throw VariableError(message: error.message)
        }
    }

    /// Adds a file: YAML or JSON with `configuration` and `secrets`, or lines of `NAME=value` for the environment.
    ///
    /// A file that can't be read as what its name says is left out and told, as `chaos` does.
    public mutating func add(file name: String, text: String) throws(VariableError) {
        guard !text.isEmpty else { return }
        var value = Value.null
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            var reader = YAMLReader()
            do { value = try reader.document(text) } catch { throw Self.unreadable(name, error.message) }
        } else if name.hasSuffix(".json") {
            do { value = try JSONReader.value(of: text) } catch { throw Self.unreadable(name, error.message) }
        }
        guard value.isTruthy else { return try addEnvironment(name, text) }
        guard value.fields != nil else {
            throw VariableError(message: "'\(name)' must be a mapping with `configuration` or `secrets`")
        }
        for (key, item) in value["configuration"]?.fields?.entries ?? Fields().entries { configuration[key] = item }
        for (key, item) in value["secrets"]?.fields?.entries ?? Fields().entries { secrets[key] = item }
    }

    private static func unreadable(_ name: String, _ why: String) -> VariableError {
        VariableError(message: "Failed to parse variable file '\(name)': \(why)", isFatal: false)
    }

    private mutating func addEnvironment(_ name: String, _ text: String) throws(VariableError) {
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Conversion.trimmed(String(line))
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw VariableError(message: "A line of '\(name)' is not NAME=value: \(line.prefix(80))")
            }
            environment[String(parts[0])] = String(parts[1])
        }
    }
}

/// A variable that can't be taken.
public struct VariableError: Error, Equatable {
    public var message: String
    /// Whether the run can't go on without it.
    public var isFatal = true
}
