internal import Glibc
internal import PinnedThreads
internal import Synchronization

/// The guard's end of the line: it hears the control plane's beats on a thread of its own and answers each, so that a
/// guard which undoes something is not taken for one that was stopped.
public final class GuardLine: Sendable {
    private struct State {
        var hasBeat = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let thread: PinnedThread

    /// Listens on a socket.
    public init(_ descriptor: Int32) {
        thread = PinnedThread(name: "gd-line", wake: {})
        thread.start { [weak self] _ in self?.hear(descriptor) }
    }

    deinit {
        thread.stop()
    }

    /// What was heard since it was last asked; it takes a quarter of a second when that is nothing.
    public func listen() async -> Guardian.Sign {
        for _ in 0..<5 {
            let sign = state.withLock { state -> Guardian.Sign? in
                if state.hasBeat {
                    state.hasBeat = false
                    return .beat
                }
                return state.isClosed ? .end : nil
            }
            if let sign { return sign }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return .silence
    }

    private func hear(_ descriptor: Int32) {
        var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard !state.withLock({ $0.isClosed }) else {
            poll(nil, 0, 250)
            return
        }
        guard poll(&question, 1, 250) > 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        if count > 0 {
            var echo: UInt8 = 0x2E
            // Nobody may be there to read it, and it must never wait for that.
            _ = send(descriptor, &echo, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            state.withLock { $0.hasBeat = true }
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            state.withLock { $0.isClosed = true }
        }
    }
}
