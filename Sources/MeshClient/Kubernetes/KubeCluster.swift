internal import MeshModel
internal import Synchronization

/// The API server of one cluster, asked as the user of one context.
///
/// Sign-in is renewed by itself, a server that has too much to do is asked again when it wishes, and nobody asks more
/// often than client-go would.
final class KubeCluster: KubeAsking {
    /// The name of the context; empty for a cluster in which we run ourselves.
    var context: String { access.context }
    var server: String { access.server }
    /// The namespace that the context names, or `default`.
    var namespace: String { access.namespace }
    /// The name of the user in the kubeconfig, not the one that the cluster knows.
    var user: String { access.user }

    private let access: KubeAccess
    private let credentials: KubeCredentials
    private let transport: any HTTPTransport
    private let pace = Mutex(KubePace())
    private let versions = KubeVersions()
    private let start = ContinuousClock.now

    /// What a list may weigh at most.
    private static let largestBody = 64 << 20
    /// How often an answer that asks for patience is taken for one.
    private static let mostTries = 6

    init(_ access: KubeAccess, transport: any HTTPTransport, environment: [String: String] = [:]) {
        self.access = access
        self.transport = transport
        credentials = KubeCredentials(access, environment: environment)
    }

    func ask(_ request: KubeRequest) async throws(KubeError) -> KubeAnswer { try answer(try await respond(request)) }

    private func answer(_ response: HTTPResponse) throws(KubeError) -> KubeAnswer {
        let type = response.header("content-type") ?? ""
        let warnings = response.headers.filter { $0.isNamed("warning") }.compactMap { Self.warning($0.value) }
        guard type.hasPrefix("application/json") else {
            return KubeAnswer(
                status: response.status, json: .null, body: response.body, warnings: warnings, headers: response.headers
            )
        }
        do {
            let json = try JSON(parsing: response.body)
            return KubeAnswer(status: response.status, json: json, warnings: warnings, headers: response.headers)
        } catch {
            throw .malformed(server: server, what: "invalid JSON: \(error.message) at byte \(error.offset)")
        }
    }

    /// The way into its pods, as its user. Who asks has to prove it anew from time to time: so has this to be asked for.
    func door(_ way: PodDoor.Way = .forward) async throws(KubeError) -> PodDoor {
        let proof = try await credentials.proof()
        return PodDoor(server: server, headers: proof.headers, tls: proof.tls, proxy: access.proxy, way: way)
    }

    /// The bytes of an answer, for whoever takes them apart by himself.
    func bytes(_ request: KubeRequest) async throws(KubeError) -> [UInt8] { try await respond(request).body }

    /// An answer without an end. The first of it must come within the request's deadline.
    func stream(_ request: KubeRequest) async throws(KubeError) -> HTTPStream {
        try await versioned(request) { request throws(KubeError) in try await self.open(request) }
    }

    /// Older clusters have some kinds in older versions only.
    private func versioned<Answer>(
        _ request: KubeRequest, _ exchange: (KubeRequest) async throws(KubeError) -> Answer
    ) async throws(KubeError) -> Answer {
        try await versions.ask(request, exchanging: exchange) { page throws(KubeError) in
            try self.answer(try await self.exchange(page)).json
        }
    }

    private func open(_ request: KubeRequest) async throws(KubeError) -> HTTPStream {
        try await wait(for: pace.withLock { $0.reserve(now: start.duration(to: .now)) })
        var proof = try await credentials.proof()
        var hasRenewed = false
        while true {
            let stream: HTTPStream
            do {
                stream = try await opened(http(request, proof, deadline: nil), within: request.deadline)
            } catch {
                throw .unreachable(server: server, error)
            }
            guard stream.status >= 400 else { return stream }
            if stream.status == 401, !hasRenewed, try await credentials.refused(proof) {
                hasRenewed = true
                proof = try await credentials.proof()
                continue
            }
            var body: [UInt8] = []
            do {
                for try await chunk in stream.chunks {
                    body += chunk
                    if body.count > 1 << 20 { break }
                }
            } catch {
                // What has come of it says why.
            }
            let response = HTTPResponse(status: stream.status, headers: stream.headers, body: body)
            throw .refused(KubeRefusal(response, asked: "\(request.method) \(request.path)"))
        }
    }

    /// Opens a stream whose head must come in time.
    private func opened(
        _ request: HTTPRequest, within limit: Duration
    ) async throws(TransportError) -> HTTPStream {
        let transport = transport
        let result = await withTaskGroup(of: Result<HTTPStream, TransportError>.self) { group in
            group.addTask {
                do throws(TransportError) {
                    return .success(try await transport.stream(request))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(Task.isCancelled ? .cancelled : .timedOut)
            }
            let first = await group.next() ?? .failure(.cancelled)
            group.cancelAll()
            return first
        }
        return try result.get()
    }

    private func respond(_ request: KubeRequest) async throws(KubeError) -> HTTPResponse {
        try await versioned(request) { request throws(KubeError) in try await self.exchange(request) }
    }

    /// One exchange with all the patience that it may need.
    private func exchange(_ request: KubeRequest) async throws(KubeError) -> HTTPResponse {
        let end = ContinuousClock.now + request.deadline
        var proof = try await credentials.proof()
        var hasRenewed = false
        var attempt = 0
        while true {
            attempt += 1
            try await wait(for: pace.withLock { $0.reserve(now: start.duration(to: .now)) })
            let left = max(.milliseconds(1), ContinuousClock.now.duration(to: end))
            let response: HTTPResponse
            do {
                response = try await transport.send(http(request, proof, deadline: left))
            } catch {
                let isWorthAnother = if case .closed = error { request.method == "GET" && attempt == 1 } else { false }
                if isWorthAnother { continue }
                throw .unreachable(server: server, error)
            }
            guard response.status >= 400 else { return response }
            if response.status == 401, !hasRenewed, try await credentials.refused(proof) {
                hasRenewed = true
                proof = try await credentials.proof()
                continue
            }
            let refusal = KubeRefusal(response, asked: "\(request.method) \(request.path)")
            let pause = Self.pause(after: refusal, request, attempt)
            guard attempt < Self.mostTries, let pause, ContinuousClock.now + pause < end else {
                throw .refused(refusal)
            }
            try await wait(for: pause)
        }
    }

    /// How long to wait before asking again; nil where that is not safe or of no use.
    private static func pause(after refusal: KubeRefusal, _ request: KubeRequest, _ attempt: Int) -> Duration? {
        switch refusal.status {
        // It was refused before it was looked at, so that even a write is safe; but not where a budget says no.
        case 429 where !refusal.isBudget && !request.path.hasSuffix("/eviction"):
            return refusal.retryAfter ?? .milliseconds(250) * (1 << min(attempt, 4))
        case 500..., 504:
            return request.method == "GET" ? refusal.retryAfter : nil
        default: return nil
        }
    }

    private func wait(for pause: Duration) async throws(KubeError) {
        guard pause > .zero else { return }
        do {
            try await Task.sleep(for: pause)
        } catch {
            throw .unreachable(server: server, .cancelled)
        }
    }

    private func http(_ request: KubeRequest, _ proof: KubeCredentials.Proof, deadline: Duration?) -> HTTPRequest {
        var headers = [HTTPHeader("Accept", "application/json")] + proof.headers
        if request.body != nil {
            headers.append(HTTPHeader("Content-Type", request.contentType ?? "application/json"))
        }
        var http = HTTPRequest(
            request.method, server + request.target, headers: headers, body: request.body?.bytes, deadline: deadline,
            largestBody: Self.largestBody, tls: proof.tls)
        http.isAlone = true
        http.acceptsCompression = !access.isUncompressed
        http.proxy = access.proxy
        return http
    }

    /// The text of a `Warning` header: a code, who warns, and what (RFC 7234 section 5.5).
    private static func warning(_ value: String) -> String? {
        guard let open = value.firstIndex(of: "\""), let close = value.lastIndex(of: "\""), open < close else {
            return nil
        }
        return String(value[value.index(after: open)..<close]).replacing("\\\"", with: "\"")
    }
}

extension KubeRefusal {
    /// Reads an answer from 400 on, which need not be a `Status`.
    init(_ response: HTTPResponse, asked: String) {
        self.init(status: response.status, asked: asked)
        retryAfter = response.header("retry-after").flatMap(Int64.init).map { .seconds(max(0, min($0, 3600))) }
        let body = response.body.prefix(1 << 20)
        guard let json = try? JSON(parsing: Array(body)), json["kind"]?.string == "Status" else {
            message = String(decoding: body.prefix(300), as: UTF8.self)
            return
        }
        take(status: json)
    }

    /// Takes over what a `Status` object says.
    mutating func take(status json: JSON) {
        reason = json["reason"]?.string ?? "Unknown"
        message = json["message"]?.string ?? ""
        causes = (json["details"]?["causes"]?.array ?? []).prefix(20).map {
            Cause(
                reason: $0["reason"]?.string ?? "", message: $0["message"]?.string ?? "",
                field: $0["field"]?.string ?? "")
        }
        if retryAfter == nil, let seconds = json["details"]?["retryAfterSeconds"]?.integer {
            retryAfter = .seconds(max(0, min(seconds, 3600)))
        }
    }
}
