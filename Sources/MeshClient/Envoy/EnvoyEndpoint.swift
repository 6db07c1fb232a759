public import MeshModel

/// Where the admin page of one Envoy is, and how to ask it.
public struct EnvoyEndpoint: Equatable, Sendable {
    /// The base URL, without a slash at the end.
    public var admin: String
    /// The service beside it; nil to ask the proxy itself.
    public var service: ServiceName?
    /// The path of the Unix socket which the page is served on, if any.
    public var unixSocket: String?
    public var tls = TLSOptions()
    /// What the settings call services otherwise.
    public var names: [EnvoyNameRule] = []
    /// As whom it is asked, where it wants to know.
    var login: ServerLogin?
    /// Which version of its service it is, and where it runs, if a list or the settings say so.
    public var version: String?
    public var zone: String?

    public init(admin: String, service: ServiceName? = nil, unixSocket: String? = nil) {
        self.admin = admin
        self.service = service
        self.unixSocket = unixSocket
    }

    /// Asks one of its pages; `path` begins with a slash. Envoy does not compress these, so nobody has to ask for it.
    func request(_ method: String = "GET", _ path: String, deadline: Duration) -> HTTPRequest {
        var request = HTTPRequest(method, admin + path, deadline: deadline, unixSocket: unixSocket)
        request.acceptsCompression = false
        request.keptHeaders = []
        request.tls = tls
        login(to: &request)
        return request
    }

    /// Puts the login into a request. Without its secret the page is asked all the same, and says no.
    func login(to request: inout HTTPRequest) {
        guard let login, let header = try? login.header().header else { return }
        request.headers.removeAll { $0.name == header.name }
        request.headers.append(header)
    }

    /// Why there is no secret to log in with, if that is so.
    var loginTrouble: String? {
        guard let login else { return nil }
        do throws(ServerLogin.Unreadable) {
            _ = try login.header()
            return nil
        } catch {
            return "\(error.file): \(error.cause)"
        }
    }

    /// Host and port, or the name of the socket: what to call a proxy that has no name yet.
    var authority: String {
        if let unixSocket {
            let name = unixSocket.split(separator: "/").last.map(String.init) ?? unixSocket
            return name.hasSuffix(".sock") ? String(name.dropLast(5)) : name
        }
        let rest = admin.firstIndex(of: "/").map { admin[$0...].drop { $0 == "/" } } ?? admin[...]
        let host = rest.prefix { $0 != "/" }
        let open = host.lastIndex(of: "@").map { host[host.index(after: $0)...] } ?? host
        return open.isEmpty ? admin : String(open)
    }

    /// The host alone.
    var host: String {
        if unixSocket != nil { return "127.0.0.1" }
        let authority = authority
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    /// The URL without a name and a password that may stand in it.
    var shown: String {
        if let unixSocket { return "unix:" + unixSocket }
        guard let scheme = admin.firstRange(of: "://"), let at = admin[scheme.upperBound...].firstIndex(of: "@"),
            !admin[scheme.upperBound..<at].contains("/")
        else { return admin }
        return String(admin[..<scheme.upperBound] + admin[admin.index(after: at)...])
    }
}
