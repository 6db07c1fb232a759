import Dispatch
import Glibc
import Synchronization

/// The wishes of a person or a system that this program end: SIGINT, SIGTERM, SIGHUP and SIGQUIT.
final class Interruptions {
    /// Who listens, and what has come: whoever listens later hears of it too.
    private final class Listeners: Sendable {
        private struct State {
            var first: Int32?
            var all: [AsyncStream<Int32>.Continuation] = []
        }

        private let state = Mutex(State())

        var first: Int32? { state.withLock { $0.first } }

        func tell(_ number: Int32) {
            let all = state.withLock { state in
                if state.first == nil { state.first = number }
                return state.all
            }
            for listener in all { listener.yield(number) }
        }

        func add() -> AsyncStream<Int32> {
            let (signals, listener) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
            let first = state.withLock { state in
                state.all.append(listener)
                return state.first
            }
            if let first { listener.yield(first) }
            return signals
        }
    }

    private let listeners = Listeners()
    private let sources: [any DispatchSourceSignal]
    /// The last signal that came before its source listened.
    private static let early = Atomic<Int32>(0)

    /// From now on these signals do not kill the process.
    init() {
        Self.early.store(0, ordering: .relaxed)
        sources = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].map { [listeners] number in
            signal(number) { Interruptions.early.store($0, ordering: .relaxed) }
            let source = DispatchSource.makeSignalSource(signal: number)
            // A source puts its own handler in place some time after it is told to, and what came before is lost to it.
            source.setRegistrationHandler {
                if Self.early.load(ordering: .relaxed) == number { listeners.tell(number) }
            }
            source.setEventHandler { listeners.tell(number) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    /// The signals that come while this lives, and the first that came before. Each who asks has them all.
    var signals: AsyncStream<Int32> { listeners.add() }

    /// Whether one has come.
    var hasCome: Bool { listeners.first != nil }

    /// Does something that a signal cancels.
    func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let work = Task { try await body() }
        let watch = Task { [signals] in for await _ in signals { work.cancel() } }
        defer { watch.cancel() }
        return try await work.value
    }
}
