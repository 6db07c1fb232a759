internal import MeshModel

/// Why a Toxiproxy did not do what it was asked.
enum ToxiproxyError: Error, Equatable, Sendable {
    case silent(TransportError)
    /// It answered, and did not do it.
    case refused(status: Int, String)
    /// What it said can't be read.
    case unreadable(String)

    var summary: String {
        switch self {
        case .silent(let error): error.summary
        case .refused(let status, let why): "status \(status), \(why)"
        case .unreadable(let why): why
        }
    }

    /// Nothing came in time: a proxy of this server hangs, or all of it. After 25 s the server itself says so.
    var isHang: Bool {
        switch self {
        case .silent(let error): error == .timedOut
        case .refused(let status, _): status == 503
        case .unreadable: false
        }
    }

    func injection(at source: String) -> InjectionError {
        switch self {
        case .silent(let error): .unreachable(source: source, error)
        case .refused, .unreadable: .rejected(source: source, answer: summary)
        }
    }
}

/// The API of one Toxiproxy server, as 2.0 to 2.12 have it (read in their sources; 2.1 and 2.12 tried).
struct ToxiproxyServer: Sendable {
    /// The base URL, without a slash at the end.
    let url: String
    let transport: any HTTPTransport
    /// For each request.
    let deadline: Duration

    func version() async throws(ToxiproxyError) -> String? {
        ToxiproxyWire.version(try await ask("GET", "/version").body)
    }

    /// All proxies. One that hangs keeps this from being answered, and keeps no other from it.
    func proxies() async throws(ToxiproxyError) -> [ToxiproxyProxy] {
        let body = try await ask("GET", "/proxies").body
        do { return try ToxiproxyWire.proxies(body) } catch { throw .unreadable(error.summary) }
    }

    /// One proxy; nil when the server has none of this name.
    func proxy(_ name: String) async throws(ToxiproxyError) -> ToxiproxyProxy? {
        let response = try await ask("GET", path(name), absence: "proxy not found")
        guard response.status != 404 else { return nil }
        do { return try ToxiproxyWire.proxy(response.body) } catch { throw .unreadable(error.summary) }
    }

    func add(_ toxic: ToxiproxyToxic, to name: String) async throws(ToxiproxyError) {
        _ = try await ask("POST", path(name) + "/toxics", toxic.json)
    }

    /// Gives a toxic another toxicity and other attributes.
    func change(_ toxic: ToxiproxyToxic, of name: String) async throws(ToxiproxyError) {
        let new: JSON = ["toxicity": .double(toxic.toxicity), "attributes": .object(toxic.attributes)]
        try await patch(path(name) + "/toxics/" + Self.escaped(toxic.name), new)
    }

    /// Removes a toxic; one that is not there is fine.
    func remove(_ toxic: String, from name: String) async throws(ToxiproxyError) {
        _ = try await ask("DELETE", path(name) + "/toxics/" + Self.escaped(toxic), absence: "not found")
    }

    func enable(_ name: String, _ isEnabled: Bool) async throws(ToxiproxyError) {
        try await patch(path(name), ["enabled": .bool(isEnabled)])
    }

    /// Makes a proxy that is off, with all its toxics: where there are no connections nothing can hang.
    func make(_ proxy: ToxiproxyProxy) async throws(ToxiproxyError) {
        _ = try await ask(
            "POST", "/proxies",
            [
                "name": .string(proxy.name), "listen": .string(proxy.listen), "upstream": .string(proxy.upstream),
                "enabled": false,
            ])
        for toxic in proxy.toxics { try await add(toxic, to: proxy.name) }
    }

    /// Removes a whole proxy, which works however much it hangs; one that is not there is fine.
    func remove(proxy name: String) async throws(ToxiproxyError) {
        _ = try await ask("DELETE", path(name), absence: "proxy not found")
    }

    private func path(_ proxy: String) -> String { "/proxies/" + Self.escaped(proxy) }

    private static func escaped(_ name: String) -> String { ControlPlaneRoute.escaped(name) }

    /// PATCH came with 2.6; before it was POST.
    private func patch(_ path: String, _ body: JSON) async throws(ToxiproxyError) {
        do { _ = try await ask("PATCH", path, body) } catch ToxiproxyError.refused(405, _) {
            _ = try await ask("POST", path, body)
        }
    }

    /// One exchange. Of a 404 only one with these words says that what was asked for is not there; any other comes from
    /// something else than a Toxiproxy.
    private func ask(
        _ method: String, _ path: String, _ body: JSON? = nil, absence: String? = nil
    ) async throws(ToxiproxyError) -> HTTPResponse {
        var request = HTTPRequest(method, url + path, body: body?.bytes, deadline: deadline)
        request.acceptsCompression = false
        request.keptHeaders = []
        if body != nil { request.headers = [HTTPHeader("Content-Type", "application/json")] }
        let response: HTTPResponse
        do { response = try await transport.send(request) } catch { throw .silent(error) }
        if (200...299).contains(response.status) { return response }
        let complaint = ToxiproxyWire.complaint(response.body)
        if response.status == 404, let absence, complaint.contains(absence) { return response }
        throw .refused(status: response.status, complaint)
    }
}
