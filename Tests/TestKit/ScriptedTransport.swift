public import MeshClient
import Synchronization

/// A network of one's own: each request is answered by a closure, and remembered.
public final class ScriptedTransport: HTTPTransport {
    public typealias Script = @Sendable (HTTPRequest) -> Result<HTTPResponse, TransportError>

    private let script: Script
    private let log = Mutex<[HTTPRequest]>([])

    public init(_ script: @escaping Script) {
        self.script = script
    }

    /// What was asked so far, in order.
    public var requests: [HTTPRequest] { log.withLock { $0 } }

    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try answer(request).get()
    }

    public func answers(to batch: [HTTPRequest]) -> AsyncStream<[HTTPAnswer]> {
        let answers = batch.enumerated().map { HTTPAnswer(place: $0.offset, result: answer($0.element)) }
        return AsyncStream { continuation in
            continuation.yield(answers)
            continuation.finish()
        }
    }

    public func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        let whole = try answer(request).get()
        let chunks = AsyncThrowingStream<[UInt8], any Error> { continuation in
            continuation.yield(whole.body)
            continuation.finish()
        }
        return HTTPStream(status: whole.status, headers: whole.headers, chunks: chunks)
    }

    private func answer(_ request: HTTPRequest) -> Result<HTTPResponse, TransportError> {
        log.withLock { $0.append(request) }
        return script(request)
    }
}
