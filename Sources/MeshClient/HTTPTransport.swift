/// The port to the network: the product speaks through libcurl, tests through a script.
public protocol HTTPTransport: Sendable {
    /// One exchange. Cancelling the task removes the transfer from the wire.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse

    /// Many exchanges for the price of one wake-up: each answer comes once, together with those that arrived at about
    /// the same time, and the stream ends after the last. Ending the iteration removes what is left from the wire.
    ///
    /// Meant for polling: an answer may wait a few milliseconds for company.
    func answers(to batch: [HTTPRequest]) -> AsyncStream<[HTTPAnswer]>

    /// An answer whose body never ends: its status, then the chunks as they arrive. Ending the iteration hangs up.
    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream
}

/// What became of one request of a batch.
public struct HTTPAnswer: Sendable {
    /// The place of the request in its batch.
    public var place: Int
    public var result: Result<HTTPResponse, TransportError>

    public init(place: Int, result: Result<HTTPResponse, TransportError>) {
        self.place = place
        self.result = result
    }
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
