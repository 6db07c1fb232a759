/// A request of any of our clients: what to ask, where, and until when.
public struct HTTPRequest: Equatable, Sendable {
    /// The method as it goes out; any token of RFC 9110 is allowed, since experiments may name their own.
    public var method: String
    /// An absolute `http` or `https` URL; over a Unix socket its host is only a name.
    public var url: String
    public var headers: [HTTPHeader]
    public var body: [UInt8]?
    /// The whole exchange must be over by then; there is no default of forever. Nil is for endless streams only:
    /// elsewhere it means a minute.
    public var deadline: Duration?
    /// The path of the Unix socket to speak through, if any.
    public var unixSocket: String?
    /// Whether that socket must be our own, or root's: its folder and whoever listens are looked at before a byte is sent.
    public var isOwnSocket = false
    /// The pod's port to speak to, if it is one; the address is then only a name.
    public var tunnel: PodTunnel?
    /// An answer larger than this many bytes is refused while it arrives; compressed ones count unpacked.
    public var largestBody: Int
    /// At most 30 in a row.
    public var followsRedirects: Bool
    /// Asks for a compressed answer, which costs a server more than it saves on loopback.
    public var acceptsCompression = true
    /// The headers of the answer that somebody will read; nil keeps them all. A poller saves time by naming few.
    public var keptHeaders: [String]?
    /// Whether values of the answer's headers keep the space at their end, as Python has them; all are kept then.
    public var keepsHeaderSpace = false
    public var tls: TLSOptions
    /// Whether it has a connection of its own while it lasts, as HTTP/1.1 gives it. Those of HTTP/2 are shared, and one
    /// that died without a word would be used on and on: nothing closes it for a quarter of an hour.
    public var isAlone = false
    /// Whether the connection is closed after the answer: a kept one costs more than it saves whoever asks once in minutes.
    public var isLast = false
    /// The proxy to ask, with its login if it wants one; nil for none, whatever the environment says.
    public var proxy: String?

    public init(
        _ method: String = "GET", _ url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
        deadline: Duration? = .seconds(5), unixSocket: String? = nil, largestBody: Int = 16 << 20,
        followsRedirects: Bool = false, tls: TLSOptions = TLSOptions()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.unixSocket = unixSocket
        self.largestBody = largestBody
        self.followsRedirects = followsRedirects
        self.tls = tls
    }
}

/// One header line. The name keeps its spelling on the way out.
public struct HTTPHeader: Equatable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Whom to trust and who to be, for `https`.
public struct TLSOptions: Equatable, Sendable {
    public var verifies = true
    public var authorityFile: String?
    /// A folder of authorities, named as OpenSSL names them.
    public var authorityFolder: String?
    public var certificateFile: String?
    public var keyFile: String?
    /// Authorities, certificate and key in PEM that stand in no file; they come before files. Where an authority is
    /// named, in either way, no other is trusted.
    public var authority: [UInt8]?
    public var certificate: SecretBytes?
    public var key: SecretBytes?
    /// The name that the server's certificate is to have, where that is not the host's.
    public var serverName: String?

    public init(
        verifies: Bool = true, authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil
    ) {
        self.verifies = verifies
        self.authorityFile = authorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

/// A whole answer.
public struct HTTPResponse: Equatable, Sendable {
    public var status: Int
    public var headers: [HTTPHeader]
    public var body: [UInt8]

    public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of this name; names are compared without case (RFC 9110 section 5.1).
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name || $0.name.lowercased() == name.lowercased() }?.value
    }
}
