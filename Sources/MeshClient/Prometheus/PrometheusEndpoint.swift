internal import MeshModel

/// Where a Prometheus is, or what speaks as it does, and as whom it is asked.
struct PrometheusEndpoint: Equatable, Sendable {
    /// The base URL with its path prefix, without a slash at the end: `/api/v1` is added to it.
    var url: String
    var login: ServerLogin?
    /// Whose series are asked for, where one server keeps those of several (`X-Scope-OrgID` of Mimir, Cortex, Loki).
    var tenant: String?
    var tls = TLSOptions()

    /// An answer is at most so large, unpacked: some fifty series an edge, of twenty thousand edges.
    static let largestAnswer = 256 << 20

    /// A query for this moment. Thanos is asked for whole answers from raw data: half a sum is no sum; whoever does not
    /// know these fields passes over them.
    func query(_ text: String, deadline: Duration) throws(PrometheusError) -> HTTPRequest {
        let fields = [
            ("query", text), ("timeout", "\(max(1, deadline.components.seconds))s"), ("dedup", "true"),
            ("partial_response", "false"), ("max_source_resolution", "0s"),
        ]
        let form = fields.map { "\($0.0)=\(ControlPlaneRoute.escaped($0.1))" }.joined(separator: "&")
        var request = try self.request("POST", "/query", deadline: deadline)
        request.headers.append(HTTPHeader("Content-Type", "application/x-www-form-urlencoded"))
        request.body = Array(form.utf8)
        return request
    }

    func targets(deadline: Duration) throws(PrometheusError) -> HTTPRequest {
        try request("GET", "/targets?state=active", deadline: deadline)
    }

    func buildInfo(deadline: Duration) throws(PrometheusError) -> HTTPRequest {
        try request("GET", "/status/buildinfo", deadline: deadline)
    }

    private func request(
        _ method: String, _ path: String, deadline: Duration
    ) throws(PrometheusError) -> HTTPRequest {
        var headers = [HTTPHeader("Accept", "application/json")]
        if let tenant { headers.append(HTTPHeader("X-Scope-OrgID", tenant)) }
        if let login {
            do { headers.append(try login.header().header) } catch {
                throw .secret(file: error.file, cause: error.cause)
            }
        }
        return HTTPRequest(
            method, url + "/api/v1" + path, headers: headers, deadline: deadline, largestBody: Self.largestAnswer,
            tls: tls)
    }

    /// Reads an answer to a query.
    func answer(
        _ result: Result<HTTPResponse, TransportError>, labels: [String]
    ) throws(PrometheusError) -> PrometheusAnswer {
        let response: HTTPResponse
        switch result {
        case .success(let whole): response = whole
        case .failure(let error): throw .transport(error)
        }
        if response.status == 401 || response.status == 403 { throw .login(status: response.status) }
        let answer: PrometheusAnswer
        do {
            answer = try PrometheusWire.read(response.body, labels: labels)
        } catch {
            throw response.status == 200 ? .wire(error) : .foreign(status: response.status)
        }
        if let failure = answer.failure { throw .refused(type: failure.type, text: withoutSecrets(failure.text)) }
        guard response.status == 200 else { throw .foreign(status: response.status) }
        if answer.isPartial { throw .partial("The response is partial: a part of the cluster is unavailable.") }
        return answer
    }

    /// What a server says may repeat what it was told.
    func withoutSecrets(_ text: String) -> String {
        guard let known = try? login?.header() else { return text }
        let code = known.header.value.drop { $0 != " " }.dropFirst()
        return [known.secret, String(code)].reduce(text) { text, secret in
            var rest = text[...]
            var kept = ""
            while !secret.isEmpty, let place = rest.firstRange(of: secret) {
                kept += rest[..<place.lowerBound] + "***"
                rest = rest[place.upperBound...]
            }
            return kept + rest
        }
    }
}
