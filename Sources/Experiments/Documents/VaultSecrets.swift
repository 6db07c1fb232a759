internal import ChildPrograms
internal import MeshClient

/// Reads secrets of type `vault` out of the key-value store of a HashiCorp Vault, with what the configuration says of it:
/// `vault_addr`, `vault_kv_version`, `vault_secrets_mount_point`, and `vault_token`, an AppRole or a service account.
struct VaultSecrets {
    private static let largestAnswer = 4 << 20

    let configuration: Fields
    let environment: [String: String]
    let network: HTTPDoor
    let surroundings: RequestSurroundings

    /// The secrets that the references of a document lead to, by their paths. A reference without a path leads nowhere.
    func secrets(for declared: Value?) async throws(RunFailure) -> [String: Value] {
        let paths = Self.paths(in: declared ?? .null)
        guard !paths.isEmpty, let address else { return [:] }
        let token = try await token(address)
        var found: [String: Value] = [:]
        for path in paths { found[path] = try await secret(path, address, token) }
        return found
    }

    /// Nil where nothing says where Vault is; then the original has nothing either.
    private var address: String? {
        let given = text("vault_addr") ?? environment["VAULT_ADDR"].flatMap { $0.isEmpty ? nil : $0 }
        return given.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    }

    private func text(_ name: String) -> String? {
        configuration[name].map(PythonText.string).flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func paths(in value: Value) -> [String] {
        guard let fields = value.fields else { return [] }
        if value["type"]?.text == "vault" { return value["path"]?.text.map { [$0] } ?? [] }
        return fields.entries.flatMap { paths(in: $1) }
    }

    private func token(_ address: String) async throws(RunFailure) -> String {
        if let token = text("vault_token") { return token }
        if let role = text("vault_role_id"), let secret = text("vault_role_secret") {
            return try await login(
                address, "approle", ["role_id": .text(role), "secret_id": .text(secret)], "with the AppRole")
        }
        if let role = text("vault_sa_role") {
            let path = text("vault_sa_token_path") ?? "/var/run/secrets/kubernetes.io/serviceaccount/token"
            guard let jwt = FileContent.text(of: path) else {
                throw .preparation("Failed to get service account token at: \(path)")
            }
            return try await login(
                address, text("vault_k8s_mount_point") ?? "kubernetes", ["role": .text(role), "jwt": .text(jwt)],
                "using service account")
        }
        if let token = environment["VAULT_TOKEN"], !token.isEmpty { return token }
        let file = ExecutableSearch(environment: environment).expanded("~/.vault-token")
        return Conversion.trimmed(FileContent.text(of: file) ?? "")
    }

    private func login(
        _ address: String, _ mount: String, _ body: Value, _ how: String
    ) async throws(RunFailure) -> String {
        let answer = try await ask("POST", "\(address)/v1/auth/\(mount)/login", token: nil, body: body)
        guard answer.status == 200, let token = answer.value["auth"]?["client_token"]?.text else {
            throw .preparation("Failed to connect to Vault \(how): \(Self.words(answer))")
        }
        return token
    }

    private func secret(_ path: String, _ address: String, _ token: String) async throws(RunFailure) -> Value {
        let mount = text("vault_secrets_mount_point") ?? "secret"
        let isFirst = text("vault_kv_version") == "1"
        let place = (isFirst ? [mount, path] : [mount, "data", path]).joined(separator: "/")
        let answer = try await ask("GET", "\(address)/v1/\(PercentCoding.requoted(place))", token: token, body: nil)
        guard answer.status == 200 else {
            throw .preparation("Vault does not give the secret '\(place)': \(Self.words(answer))")
        }
        let data = isFirst ? answer.value["data"] : answer.value["data"]?["data"]
        return data ?? .null
    }

    private func ask(
        _ method: String, _ url: String, token: String?, body: Value?
    ) async throws(RunFailure) -> (status: Int, value: Value) {
        var headers = [HTTPHeader("X-Vault-Request", "true")]
        if let token { headers.append(HTTPHeader("X-Vault-Token", token)) }
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        var request = HTTPRequest(
            method, url, headers: headers, body: body.map { Array(JSONWriter.text($0).utf8) }, deadline: .seconds(30),
            largestBody: Self.largestAnswer)
        if let authority = environment["VAULT_CACERT"], !authority.isEmpty { request.tls.authorityFile = authority }
        if environment["VAULT_SKIP_VERIFY"] == "true" { request.tls.verifies = false }
        do {
            try surroundings.apply(to: &request)
            let response = try await network.open().send(request)
            var reader = JSONReader(response.body)
            return (response.status, (try? reader.document()) ?? .null)
        } catch let error as TransportError {
            throw .preparation("Vault at \(url) does not answer: \(error.summary)")
        } catch {
            throw .preparation("Vault at \(url) cannot be asked: \(error)")
        }
    }

    /// What Vault says against it.
    private static func words(_ answer: (status: Int, value: Value)) -> String {
        let errors = (answer.value["errors"]?.list ?? []).map(PythonText.string)
        if !errors.isEmpty { return "\(answer.status), \(errors.joined(separator: "; "))" }
        return answer.status == 404 ? "404, there is none" : "\(answer.status)"
    }
}
