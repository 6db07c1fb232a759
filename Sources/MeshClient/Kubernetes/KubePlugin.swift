internal import ChildPrograms
internal import FoundationEssentials
internal import MeshModel

/// A program that signs a user in (`exec` in a kubeconfig): it prints a token or a certificate, and until when it is good.
struct KubePlugin: Equatable, Sendable {
    /// What a plugin printed.
    struct Credential: Sendable {
        var token: SecretBytes?
        var certificate: SecretBytes?
        var key: SecretBytes?
        /// In seconds since 1970; nil for as long as the server takes it.
        var expiry: Double?
    }

    var command: String
    var arguments: [String] = []
    /// Beside our own environment. Values may be secrets.
    var environment: [String: SecretBytes] = [:]
    var apiVersion = ""
    var interactiveMode: String?
    var providesClusterInfo = false
    var installHint: String?
    var place: Kubeconfig.Place
    /// What it is told of the cluster.
    var cluster: JSON?

    private static let group = "client.authentication.k8s.io/"
    /// A plugin that asks a server may take its time.
    private static let deadline = Duration.seconds(30)

    init(command: String, place: Kubeconfig.Place) {
        self.command = command
        self.place = place
    }

    /// Throws what kubectl would refuse.
    func check(_ who: String) throws(KubeconfigError) {
        guard !command.isEmpty else { throw mistake("exec of \(who) has no command", "Add one, such as command: aws.") }
        guard ["v1", "v1beta1"].contains(where: { apiVersion == Self.group + $0 }) else {
            throw mistake(
                "unsupported exec apiVersion '\(apiVersion)' of \(who)",
                "Use apiVersion: \(Self.group)v1, or v1beta1.")
        }
        guard environment[""] == nil else { throw mistake("env without a name in exec of \(who)") }
        switch interactiveMode {
        case "Never", "IfAvailable": break
        case nil where apiVersion == Self.group + "v1beta1": break
        case "Always":
            throw mistake(
                "exec of \(who) needs a terminal (interactiveMode: Always)",
                "Choose a sign-in without prompts: gameday runs in the background.")
        default:
            throw mistake(
                "missing or unknown interactiveMode in exec of \(who)", "Use Never or IfAvailable.")
        }
    }

    private func mistake(_ message: String, _ remedy: String? = nil) -> KubeconfigError {
        KubeconfigError(place, message, remedy)
    }

    /// Runs the plugin, never through a shell.
    func run(_ own: [String: String]) async throws(KubeError) -> Credential {
        guard let path = ExecutableSearch(environment: own).find(command) else {
            throw failure("\(name) cannot be found", hint: installHint ?? "Install it, or add its folder to PATH.")
        }
        var surroundings = own
        for (key, value) in environment { surroundings[key] = String(decoding: value.bytes, as: UTF8.self) }
        surroundings["KUBERNETES_EXEC_INFO"] = question.text
        let program = ChildCommand(
            path: path, arguments: [command] + arguments, environment: surroundings, timeout: Self.deadline)
        switch await ChildProcesses().run(program) {
        case .finished(0, let out, _): return try credential(out)
        case .finished(let status, _, let err):
            let words = Self.lastLine(err)
            throw failure(
                "\(name) failed (\(status < 0 ? "signal \(-status)" : "exit code \(status)"))",
                hint: words.isEmpty ? "Run it in a terminal to see why." : "It printed: \(words)")
        case .timedOut: throw failure("\(name) timed out after 30 s", hint: "Run it in a terminal to see why.")
        case .interrupted: throw failure("\(name) was interrupted", hint: "")
        case .notStarted(let number): throw failure("\(name) cannot be started (error \(number))", hint: "")
        }
    }

    private var name: String { "The sign-in program \(SettingsNode.short(command, to: 60))" }

    private func failure(_ what: String, hint: String) -> KubeError {
        .login(
            what: what, remedy: [hint, "(\(place.file):\(place.line))"].filter { !$0.isEmpty }.joined(separator: " "))
    }

    private var question: JSON {
        var spec: [JSON.Member] = [JSON.Member("interactive", false)]
        if let cluster { spec.append(JSON.Member("cluster", cluster)) }
        return ["kind": "ExecCredential", "apiVersion": .string(apiVersion), "spec": .object(spec)]
    }

    /// Reads what the plugin printed.
    private func credential(_ bytes: [UInt8]) throws(KubeError) -> Credential {
        guard let json = try? JSON(parsing: bytes), json["kind"]?.string == "ExecCredential" else {
            throw failure("\(name) printed no ExecCredential", hint: "Run it in a terminal to see what it prints.")
        }
        guard json["apiVersion"]?.string == apiVersion else {
            let other = SettingsNode.short(json["apiVersion"]?.string ?? "nothing", to: 60)
            throw failure(
                "\(name) uses \(other), not \(apiVersion)", hint: "Use that apiVersion in the kubeconfig.")
        }
        let status = json["status"]
        var credential = Credential()
        credential.token = status?["token"]?.string.map { SecretBytes($0) }
        credential.certificate = status?["clientCertificateData"]?.string.map { SecretBytes($0) }
        credential.key = status?["clientKeyData"]?.string.map { SecretBytes($0) }
        if credential.token?.text == nil { credential.token = nil }
        guard (credential.certificate == nil) == (credential.key == nil),
            credential.token != nil || credential.certificate != nil
        else { throw failure("\(name) printed neither a token nor a certificate with its key", hint: "") }
        if let text = status?["expirationTimestamp"]?.string {
            guard let moment = try? Date(text, strategy: .iso8601) else {
                throw failure("\(name) printed an invalid expirationTimestamp", hint: "")
            }
            credential.expiry = moment.timeIntervalSince1970
        }
        return credential
    }

    /// The last words on standard error, without any that may be a secret.
    private static func lastLine(_ bytes: [UInt8]) -> String {
        let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }.filter { $0.contains { $0 > 0x20 } }
        guard let last = lines.last else { return "" }
        let words = String(decoding: last, as: UTF8.self).split(separator: " ")
            .map { $0.utf8.count > 40 ? "***" : String($0) }
        return SettingsNode.short(words.joined(separator: " "), to: 200)
    }
}
