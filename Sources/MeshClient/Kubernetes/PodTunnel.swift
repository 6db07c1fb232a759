/// The way to one port of a pod: a WebSocket to the API server, which carries one connection at a time.
public struct PodTunnel: Equatable, Sendable {
    /// The API server, without a path: `https://10.0.0.1:6443`.
    public var server: String
    /// The path and query that open the way: `/api/v1/namespaces/N/pods/P/portforward?ports=15090`.
    public var target: String
    public var port: UInt16
    /// Who asks. None of it ever reaches the pod.
    public var headers: [HTTPHeader]
    public var tls: TLSOptions
    public var proxy: String?

    public init(
        server: String, target: String, port: UInt16, headers: [HTTPHeader] = [], tls: TLSOptions = TLSOptions(),
        proxy: String? = nil
    ) {
        self.server = server
        self.target = target
        self.port = port
        self.headers = headers
        self.tls = tls
        self.proxy = proxy
    }

    /// A name for libcurl to tell ways apart by: it keeps a connection for each. As long as any path that stands for it.
    var key: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in (server + target).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return "pod-" + String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    /// The host of the server, with its port, as the Host header names it.
    var authority: String {
        let rest = server.firstRange(of: "://").map { server[$0.upperBound...] } ?? server[...]
        return String(rest.prefix { $0 != "/" })
    }
}
