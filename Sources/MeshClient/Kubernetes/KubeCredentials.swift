internal import FoundationEssentials
internal import MeshModel

/// What proves to a cluster who asks, always the newest: read again, or asked for again, when it has run out.
actor KubeCredentials {
    /// What goes with a request.
    struct Proof: Sendable {
        var headers: [HTTPHeader] = []
        var tls: TLSOptions
        /// Which of several this is, so that nobody renews what another has renewed already.
        var generation = 0
    }

    private static let tokenLife = Duration.seconds(60)
    /// A plugin that was of no use is not run again before that: it may ask a server, or open a window.
    private static let rest = Duration.seconds(10)
    private var access: KubeAccess
    private let environment: [String: String]
    private let now: @Sendable () -> Double
    private var kept: Proof?
    /// When the kept one is read again.
    private var end: ContinuousClock.Instant?
    /// When a plugin's own runs out, in seconds since 1970.
    private var expiry: Double?
    private var generation = 0
    /// The last time that a plugin failed, and why; and that it was run since its proof was refused.
    private var lastFailure: (moment: ContinuousClock.Instant, error: KubeError)?
    private var lastRefusal: ContinuousClock.Instant?
    private var renewal: Task<Result<KubePlugin.Credential, KubeError>, Never>?

    init(
        _ access: KubeAccess, environment: [String: String],
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.access = access
        self.environment = environment
        self.now = now
    }

    /// The proof for the next request.
    func proof() async throws(KubeError) -> Proof {
        if let kept, end.map({ ContinuousClock.now < $0 }) ?? true, expiry.map({ now() < $0 }) ?? true { return kept }
        return try await renew()
    }

    /// The server did not take this proof. True when there is another to try.
    func refused(_ proof: Proof) async throws(KubeError) -> Bool {
        if let kept, kept.generation != proof.generation { return true }
        if let fresh = access.renewed() {
            access = fresh
            _ = try await renew()
            return true
        }
        switch access.proof {
        case .none, .token, .basic: return false
        case .plugin where lastRefusal.map({ ContinuousClock.now < $0 + Self.rest }) ?? false: return false
        case .tokenFile, .plugin:
            lastRefusal = .now
            let old = kept?.headers
            let renewed = try await renew()
            // A file that still holds the same is no news; a plugin may give the same certificate under another key.
            if case .tokenFile = access.proof { return renewed.headers != old }
            return true
        }
    }

    private func renew() async throws(KubeError) -> Proof {
        var proof = Proof(headers: access.impersonation, tls: access.tls)
        (end, expiry) = (nil, nil)
        switch access.proof {
        case .none: break
        case .token(let token): proof.headers.append(Self.bearer(token.text ?? ""))
        case .basic(let user, let password):
            let pair = Array((user + ":").utf8) + password.bytes
            proof.headers.append(HTTPHeader("Authorization", "Basic " + Data(pair).base64EncodedString()))
        case .tokenFile(let file):
            do {
                guard let token = SecretBytes(try FileContent.read(file, upTo: 1 << 20)).text else {
                    throw UnreadableFile("no token in it")
                }
                proof.headers.append(Self.bearer(token))
            } catch {
                // The one before may still be good: the file may be in the middle of being written.
                if let kept {
                    end = ContinuousClock.now + Self.tokenLife
                    return kept
                }
                let words = (error as? UnreadableFile)?.description ?? "it cannot be read"
                throw .login(what: "The token file cannot be used", remedy: "\(file): \(words).")
            }
            end = ContinuousClock.now + Self.tokenLife
        case .plugin(let plugin):
            let credential = try await ask(plugin)
            if let token = credential.token?.text { proof.headers.append(Self.bearer(token)) }
            if let certificate = credential.certificate, let key = credential.key {
                (proof.tls.certificate, proof.tls.key) = (certificate, key)
                (proof.tls.certificateFile, proof.tls.keyFile) = (nil, nil)
            }
            expiry = credential.expiry
        }
        generation += 1
        proof.generation = generation
        kept = proof
        return proof
    }

    /// Runs the plugin once for all who wait for it.
    private func ask(_ plugin: KubePlugin) async throws(KubeError) -> KubePlugin.Credential {
        if let renewal { return try await renewal.value.get() }
        if let lastFailure, ContinuousClock.now < lastFailure.moment + Self.rest { throw lastFailure.error }
        let environment = environment
        let task = Task { () -> Result<KubePlugin.Credential, KubeError> in
            do throws(KubeError) { return .success(try await plugin.run(environment)) } catch { return .failure(error) }
        }
        renewal = task
        defer { renewal = nil }
        let result = await task.value
        lastFailure = if case .failure(let error) = result { (.now, error) } else { nil }
        return try result.get()
    }

    private static func bearer(_ token: String) -> HTTPHeader { HTTPHeader("Authorization", "Bearer " + token) }
}
