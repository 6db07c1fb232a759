internal import Synchronization

/// What has arrived of a streamed answer and was not read yet. The curl thread writes, one task reads; when the reader
/// is slow the transfer pauses, and so in the end does the peer.
final class CurlPipe: Sendable {
    private struct State {
        var arrived: [UInt8] = []
        var end: Result<Void, TransportError>?
        var reader: CheckedContinuation<Void, Never>?
        var isFull = false
    }

    private static let room = 256 << 10
    private let state = Mutex(State())
    private let mailbox: CurlMailbox
    private let ticket: CurlTicket

    init(mailbox: CurlMailbox, ticket: CurlTicket) {
        self.mailbox = mailbox
        self.ticket = ticket
    }

    /// Takes the bytes and answers true, or has no room and answers false: then they must come again after `resume`.
    func write(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let (reader, isTaken) = state.withLock { state in
            if !state.arrived.isEmpty, state.arrived.count + bytes.count > Self.room {
                state.isFull = true
                return (nil as CheckedContinuation<Void, Never>?, false)
            }
            state.arrived.append(contentsOf: bytes)
            return (state.reader.take(), true)
        }
        reader?.resume()
        return isTaken
    }

    func finish(_ end: Result<Void, TransportError>) {
        let reader = state.withLock { state in
            if state.end == nil { state.end = end }
            return state.reader.take()
        }
        reader?.resume()
    }

    /// Everything that has arrived, at least a byte; nil at the end. Cancelling hangs up.
    func read() async throws -> [UInt8]? {
        while true {
            switch take() {
            case .bytes(let bytes): return bytes
            case .end(let end):
                try end.get()
                return nil
            case .nothing: await wait()
            }
        }
    }

    func hangUp() {
        ticket.cancel()
        mailbox.post(.cancel(ticket))
    }

    private enum Taken {
        case bytes([UInt8]), end(Result<Void, TransportError>), nothing
    }

    private func take() -> Taken {
        let (taken, wasFull) = state.withLock { state -> (Taken, Bool) in
            if state.arrived.isEmpty {
                return (state.end.map { .end($0) } ?? .nothing, false)
            }
            var bytes: [UInt8] = []
            swap(&bytes, &state.arrived)
            defer { state.isFull = false }
            return (.bytes(bytes), state.isFull)
        }
        if wasFull { mailbox.post(.resume(ticket)) }
        return taken
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { reader in
                let resumesNow = state.withLock { state in
                    guard state.arrived.isEmpty, state.end == nil, state.reader == nil else { return true }
                    state.reader = reader
                    return false
                }
                if resumesNow { reader.resume() }
            }
        } onCancel: {
            finish(.failure(.cancelled))
            hangUp()
        }
    }
}

/// The reading end of a pipe: when nobody holds it any more, the line is hung up.
final class CurlPipeReader: Sendable {
    private let pipe: CurlPipe

    init(_ pipe: CurlPipe) {
        self.pipe = pipe
    }

    deinit {
        pipe.hangUp()
    }

    func read() async throws -> [UInt8]? {
        try await pipe.read()
    }
}
