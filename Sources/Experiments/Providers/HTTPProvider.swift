internal import MeshClient

/// Sends the request of an activity the way Python's `requests` would; its output is status, headers and body.
struct HTTPProvider: ActivityProvider {
    private static let mostRedirects = 30
    private static let largestBody = 256 << 20

    let transport: any HTTPTransport
    let surroundings: RequestSurroundings
    /// Whether a text without a declared character set is read as Latin-1 even when it is plainly UTF-8.
    let isStrict: Bool

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let plan: HTTPCall
        do { plan = try HTTPCall(call) } catch { throw .crashed(error) }
        let response = try await send(plan)
        do {
            return [
                "status": .integer(response.status), "headers": Self.headers(of: response),
                "body": try HTTPBody(response, isStrict: isStrict).value(),
            ]
        } catch {
            throw .crashed(error)
        }
    }

    private func send(_ plan: HTTPCall) async throws(ActivityEnd) -> HTTPResponse {
        var (method, url, headers, body) = (plan.method, plan.url, plan.headers, plan.body)
        var redirects = 0
        var cookies = CookieJar()
        while true {
            var request = HTTPRequest(
                method, url, headers: headers, body: body, deadline: plan.timeout, largestBody: Self.largestBody)
            request.tls.verifies = plan.verifiesTLS
            request.keepsHeaderSpace = true
            do { try surroundings.apply(to: &request) } catch { throw .crashed(error) }
            let response = try await exchange(request, plan)
            guard [301, 302, 303, 307, 308].contains(response.status), let target = response.header("location") else {
                return response
            }
            redirects += 1
            guard redirects <= Self.mostRedirects else {
                throw .crashed(Crash("requests.exceptions.TooManyRedirects", "Exceeded 30 redirects."))
            }
            let next = URLReference.resolve(target, from: url)
            cookies.take(response, from: url)
            headers.removeAll { $0.isNamed("cookie") }
            if let cookie = cookies.header(for: next) { headers.append(cookie) }
            if !Self.keepsLogin(from: url, to: next) {
                headers.removeAll { $0.isNamed("authorization") }
            }
            method = Self.method(after: method, response.status)
            if response.status != 307 && response.status != 308 {
                body = nil
                headers.removeAll { $0.isNamed("content-type") || $0.isNamed("content-length") }
            }
            url = next
        }
    }

    /// A login goes on only to the server that it was for, or to the same with TLS.
    private static func keepsLogin(from old: String, to new: String) -> Bool {
        let (old, new) = (RequestAddress(old), RequestAddress(new))
        guard old.host == new.host else { return false }
        let usual = { (address: RequestAddress) in [nil, address.scheme == "https" ? 443 : 80].contains(address.port) }
        if usual(old), usual(new) { return old.scheme == new.scheme || old.scheme == "http" }
        return old.scheme == new.scheme && old.port == new.port
    }

    /// As browsers do it, and not as RFC 9110 would have it.
    private static func method(after method: String, _ status: Int) -> String {
        switch status {
        case 302, 303: method == "HEAD" ? method : "GET"
        case 301: method == "POST" ? "GET" : method
        default: method
        }
    }

    private func exchange(_ request: HTTPRequest, _ plan: HTTPCall) async throws(ActivityEnd) -> HTTPResponse {
        var tries = plan.retries
        while true {
            do {
                return try await transport.send(request)
            } catch {
                guard tries > 0, error.isWorthAnotherTry else { throw Self.end(error, plan.shownURL) }
                tries -= 1
            }
        }
    }

    private static func end(_ error: TransportError, _ url: String) -> ActivityEnd {
        let why: String
        switch error {
        case .cancelled: return .interrupted
        case .timedOut: return .failed("activity took too long to complete")
        case .badURL(let url): return .crashed(Crash("requests.exceptions.InvalidURL", "Invalid URL '\(url)'"))
        case .badRequest(let what): return .crashed(Crash("requests.exceptions.InvalidHeader", "Invalid \(what)"))
        case .unresolved(let cause), .refused(let cause), .tls(let cause), .closed(let cause), .notHTTP(let cause),
            .other(let cause), .tunnel(_, let cause):
            why = cause
        case .denied, .foreign, .exposed: why = error.summary
        case .tooLarge(let limit): why = "the answer is larger than \(limit) bytes"
        }
        // The cause has a line of its own, since the original's first line ends in wording of Python's libraries.
        return .failed("failed to connect to \(url)\n    (\(why))")
    }

    /// Several lines of one name become one, spelled as the first was.
    private static func headers(of response: HTTPResponse) -> Value {
        var fields = Fields()
        var spellings: [String: String] = [:]
        for header in response.headers {
            let key = header.name.lowercased()
            if let name = spellings[key], let known = fields[name]?.text {
                fields[name] = .text(known + ", " + header.value)
            } else {
                spellings[key] = header.name
                fields[header.name] = .text(header.value)
            }
        }
        return .mapping(fields)
    }
}

extension HTTPHeader {
    fileprivate func isNamed(_ name: String) -> Bool { self.name.lowercased() == name }
}

extension TransportError {
    fileprivate var isWorthAnotherTry: Bool {
        switch self {
        case .refused, .unresolved, .closed: true
        default: false
        }
    }
}
