internal import Glibc
internal import MeshClient

/// Where an experiment comes from: a file or an address.
public struct ExperimentSource: Sendable {
    private let name: String
    private let network: HTTPDoor
    private let environment: [String: String]
    /// The settings of Chaos Toolkit, which may hold credentials for servers.
    private let settings: Value
    private let verifiesTLS: Bool

    public init(
        _ name: String, network: HTTPDoor, environment: [String: String], settings: Value = .null,
        verifiesTLS: Bool = true
    ) {
        self.name = name
        self.network = network
        self.environment = environment
        self.settings = settings
        self.verifiesTLS = verifiesTLS
    }

    /// Reads the experiment; an address is asked for it.
    public func load() async throws(DocumentError) -> ExperimentDocument {
        if access(name, F_OK) == 0 { return try read() }
        let scheme = name.prefix { $0 != ":" }
        guard scheme.count < name.count,
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else {
            throw DocumentError(
                .missing, name, "Path \"\(name)\" does not exist.",
                remedy: "Give the path of a .json, .yaml or .yml file, or an http address.")
        }
        guard scheme.lowercased() == "http" || scheme.lowercased() == "https" else {
            throw DocumentError(
                .missing, name, "'\(scheme.lowercased())' is not a supported source scheme.",
                remedy: "Use http or https, or a file.")
        }
        do { return try await fetch() } catch {
            let redaction = Redaction()
            redaction.learn(credentials.map { [$0] + SecretSources().leaves(of: .text($0)) } ?? [])
            throw DocumentError(error.cause, redaction(error.source), redaction(error.problems))
        }
    }

    /// Reads the experiment out of a file.
    public func read() throws(DocumentError) -> ExperimentDocument {
        let format: ExperimentDocument.Format
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            format = .yaml
        } else if name.hasSuffix(".json") {
            format = .json
        } else {
            throw unsupported
        }
        let bytes: [UInt8]
        do {
            bytes = try FileContent.read(
                name, upTo: format == .yaml ? FileContent.largestYAML : FileContent.largest)
        } catch {
            throw DocumentError(
                .missing, name, "\(name) can't be read: \(error)",
                remedy: "Check that it is a file and that you may read it.")
        }
        return try document(bytes, format)
    }

    private func document(
        _ bytes: [UInt8], _ format: ExperimentDocument.Format
    ) throws(DocumentError) -> ExperimentDocument {
        // YAML may begin with a mark of the byte order; JSON may not.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = format == .yaml && bytes.starts(with: mark) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            throw DocumentError(.unreadable, name, "\(name) is not UTF-8", remedy: "Save it as UTF-8.")
        }
        return try ExperimentDocument(source: name, text: text, format: format)
    }

    private var unsupported: DocumentError {
        DocumentError(
            .unreadable, name, "only files with json, yaml or yml extensions are supported",
            remedy: "Give the file one of these endings, or the answer one of their content types.")
    }

    private func fetch() async throws(DocumentError) -> ExperimentDocument {
        var headers = [HTTPHeader("Accept", "application/json, application/x-yaml")]
        if let credentials { headers.append(HTTPHeader("Authorization", credentials)) }
        var request = HTTPRequest("GET", name, headers: headers, deadline: .seconds(30), followsRedirects: true)
        request.tls.verifies = verifiesTLS
        do { try RequestSurroundings(environment: environment, isStrict: false).apply(to: &request) } catch {
            throw DocumentError(.missing, name, error.message, remedy: "Correct the variable, or unset it.")
        }
        let response: HTTPResponse
        do { response = try await network.open().send(request) } catch {
            throw DocumentError(
                .missing, name, "Failed to fetch the experiment: \(error.summary)",
                remedy: "Check the address, and that the server answers.")
        }
        guard response.status == 200 else {
            let text = String(decoding: response.body.prefix(500), as: UTF8.self)
            throw DocumentError(
                .missing, name, "Failed to fetch the experiment: \(text)",
                remedy: "The server answered \(response.status); check the address and the credentials.")
        }
        let type = response.header("content-type") ?? ""
        if type.contains("application/json") { return try document(response.body, .json) }
        if type.contains("application/x-yaml") || type.contains("text/yaml") {
            return try document(response.body, .yaml)
        }
        guard type.contains("text/plain") else { throw unsupported }
        if let json = try? document(response.body, .json) { return json }
        return try document(response.body, .yaml)
    }

    private var credentials: String? {
        if let token = environment["CHAOSTOOLKIT_LOADER_AUTH_BEARER_TOKEN"] {
            return "bearer " + Conversion.trimmed(token)
        }
        let host = name.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" && $0 != "?" }
        guard let found = settings["auths"]?[String(host)], let type = found["type"]?.text, let value = found["value"]
        else {
            return nil
        }
        return "\(type) \(PythonText.string(value))"
    }
}

/// The settings file that Chaos Toolkit's users may have.
public enum ToolkitSettings {
    /// What `~/.chaostoolkit/settings.yaml` holds; null when it isn't there or can't be read.
    public static func load(environment: [String: String]) -> Value {
        (try? read(path(environment: environment))) ?? .null
    }

    /// Where they usually are.
    public static func path(environment: [String: String]) -> String {
        (environment["HOME"] ?? "~") + "/.chaostoolkit/settings.yaml"
    }

    /// What a settings file holds; null when there is none. Throws why it can't be read.
    public static func read(_ path: String) throws(VariableError) -> Value {
        guard access(path, F_OK) == 0 else { return .null }
        let text: String
        do { text = try FileContent.readText(path, upTo: FileContent.largestYAML) } catch {
            throw VariableError(message: "\(path): \(error)")
        }
        var reader = YAMLReader()
        do { return try reader.document(text) } catch {
            let line = error.position.map { ":\($0.line)" } ?? ""
            throw VariableError(message: "\(path)\(line): \(error.message)")
        }
    }
}
