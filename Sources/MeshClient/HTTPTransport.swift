/// A request of any of our clients: what to ask, where, and until when.
public struct HTTPRequest: Sendable {
    /// The method as it goes out; any token of RFC 9110 is allowed, since experiments may name their own.
    public var method: String
    /// An absolute `http` or `https` URL; over a Unix socket its host is only a name.
    public var url: String
    public var headers: [HTTPHeader]
    public var body: [UInt8]?
    /// The whole exchange must be over by then; there is no default of forever. Nil is for endless streams only.
    public var deadline: Duration?
    /// The path of the Unix socket to speak through, if any.
    public var unixSocket: String?
    /// An answer larger than this many bytes is refused while it arrives.
    public var largestBody: Int
    public var followsRedirects: Bool
    public var tls: TLSOptions

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
    public var certificateFile: String?
    public var keyFile: String?

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
public struct HTTPResponse: Sendable {
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
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there was no answer. The cases are the ones somebody branches on.
public enum TransportError: Error, Equatable, Sendable {
    case badURL(String)
    case unresolved(String)
    case refused(String)
    case timedOut
    case tls(String)
    case tooLarge(limit: Int)
    case closed(String)
    case cancelled
    case other(String)
}

/// The port to the network: the product speaks through libcurl, tests through a script.
public protocol HTTPTransport: Sendable {
    /// One exchange. Cancelling the task removes the transfer from the wire.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse

    /// An answer whose body never ends: its status, then the chunks as they arrive. Ending the iteration hangs up.
    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream
}

/// The head of a streamed answer and its chunks; the chunks end with an error when the peer is lost.
public struct HTTPStream: Sendable {
    public var status: Int
    public var headers: [HTTPHeader]
    public var chunks: AsyncThrowingStream<[UInt8], any Error>

    public init(status: Int, headers: [HTTPHeader], chunks: AsyncThrowingStream<[UInt8], any Error>) {
        self.status = status
        self.headers = headers
        self.chunks = chunks
    }
}
