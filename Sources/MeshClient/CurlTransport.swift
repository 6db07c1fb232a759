internal import CCurl

/// HTTP over libcurl: one thread, one connection pool, any number of exchanges at once. A program needs one.
///
/// Connections are kept and used again, https speaks HTTP/2 where the server offers it, answers come compressed if that
/// is wished, and every exchange has a deadline and can be cancelled.
public final class CurlTransport: HTTPTransport {
    private let mailbox: CurlMailbox

    /// Starts the thread. Throws when the system has no memory or descriptors left.
    ///
    /// `gathering` is how long answers of a batch may wait for others, so that a fleet of proxies does not wake the
    /// thread a thousand times a second.
    public init(gathering: Duration = .milliseconds(4)) throws(TransportError) {
        mailbox = CurlMailbox(bell: bell_make())
        let microseconds = gathering.components.attoseconds / 1_000_000_000_000
        guard mailbox.bell >= 0, let loop = CurlLoop(mailbox: mailbox, gathering: microseconds) else {
            throw .other("No memory or file descriptors left for the network")
        }
        loop.start()
    }

    deinit {
        mailbox.post(.close)
    }

    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let ticket = CurlTicket()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                mailbox.post(.send(request, ticket, .one(continuation)))
            }
        } onCancel: {
            cancel(ticket)
        }
        return try result.get()
    }

    public func answers(to batch: [HTTPRequest]) -> AsyncStream<[HTTPAnswer]> {
        let (answers, continuation) = AsyncStream.makeStream(of: [HTTPAnswer].self)
        let ticket = CurlTicket()
        continuation.onTermination = { [mailbox] end in
            guard case .cancelled = end else { return }
            ticket.cancel()
            mailbox.post(.cancel(ticket))
        }
        mailbox.post(.sendAll(batch, ticket, continuation))
        return answers
    }

    public func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        let ticket = CurlTicket()
        let pipe = CurlPipe(mailbox: mailbox, ticket: ticket)
        let reader = CurlPipeReader(pipe)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                mailbox.post(.send(request, ticket, .stream(continuation, pipe)))
            }
        } onCancel: {
            cancel(ticket)
        }
        let head = try result.get()
        return HTTPStream(
            status: head.status, headers: head.headers, chunks: AsyncThrowingStream { try await reader.read() })
    }

    private func cancel(_ ticket: CurlTicket) {
        ticket.cancel()
        mailbox.post(.cancel(ticket))
    }
}
