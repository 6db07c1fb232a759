/// The proxies that the environment names, as curl and most programs read them. Never for this machine itself.
public struct HTTPProxies: Sendable {
    private var http: String?
    private var https: String?
    /// Hosts to be asked directly, in the form of `no_proxy`.
    let exceptions: String

    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`. Of `http_proxy` only the small spelling counts:
    /// a CGI program gets the large one from whoever calls it.
    public init(environment: [String: String]) {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let any = value("all_proxy", "ALL_PROXY")
        http = value("http_proxy") ?? any
        https = value("https_proxy", "HTTPS_PROXY") ?? any
        let local = "localhost,127.0.0.0/8,::1"
        let named = value("no_proxy", "NO_PROXY")
        exceptions = named.map { $0 == "*" ? "*" : "\($0),\(local)" } ?? local
    }

    /// No proxies at all.
    public static let none = HTTPProxies(environment: [:])

    func proxy(for url: String) -> String? {
        url.lowercased().hasPrefix("https:") ? https : http
    }
}
