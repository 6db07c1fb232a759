internal import CCurl
internal import Synchronization

/// One request or one batch under way, as its asker sees it: what to cancel.
final class CurlTicket: Sendable {
    private let cancelled = Atomic(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() {
        cancelled.store(true, ordering: .releasing)
    }
}

/// Who takes an answer.
enum CurlSink: Sendable {
    case one(CheckedContinuation<Result<HTTPResponse, TransportError>, Never>)
    case stream(CheckedContinuation<Result<CurlHead, TransportError>, Never>, CurlPipe)
}

/// The head of a streamed answer.
struct CurlHead: Sendable {
    var status: Int
    var headers: [HTTPHeader]
}

/// What other threads ask of the curl thread.
enum CurlOrder: Sendable {
    case send(HTTPRequest, CurlTicket, CurlSink)
    case sendAll([HTTPRequest], CurlTicket, AsyncStream<[HTTPAnswer]>.Continuation)
    case cancel(CurlTicket)
    /// The reader of a stream has room again.
    case resume(CurlTicket)
    case close
}

/// The only way into the curl thread: orders, and a bell which is rung once for all that wait.
final class CurlMailbox: Sendable {
    private struct State {
        var orders: [CurlOrder] = []
        var isRung = false
        var isClosed = false
    }

    /// Readable while there is something to do.
    let bell: Int32
    private let state = Mutex(State())

    init(bell: Int32) {
        self.bell = bell
    }

    func post(_ order: CurlOrder) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.orders.append(order)
            ring(&state)
        }
    }

    /// Only ends a wait.
    func ring() {
        state.withLock { state in
            if !state.isClosed { ring(&state) }
        }
    }

    func take() -> [CurlOrder] {
        state.withLock { state in
            if state.isRung {
                state.isRung = false
                bell_silence(bell)
            }
            var orders: [CurlOrder] = []
            swap(&orders, &state.orders)
            return orders
        }
    }

    /// Takes no more orders. The bell is closed with the lock held, so that nobody rings a descriptor of another's.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            _ = descriptor_close(bell)
        }
    }

    private func ring(_ state: inout State) {
        guard !state.isRung else { return }
        state.isRung = true
        bell_ring(bell)
    }
}
