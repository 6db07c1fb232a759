import Dispatch
import Synchronization

/// Words on their way out, written by a thread of their own: who says them never waits for whoever reads them. A
/// terminal that was stopped with Ctrl-S, or a pager that nobody turns, must not hold up a run or a halt.
final class Outbox: Sendable {
    private struct State {
        var waiting = 0
        var lost = 0
    }

    /// So much may wait for a reader; what comes after is left out.
    private static let capacity = 4 << 20

    private let queue = DispatchQueue(label: "outbox")
    private let state = Mutex(State())
    private let write: @Sendable (String) -> Void

    init(_ write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    func put(_ text: String) {
        let size = text.utf8.count + 1
        let lost: Int? = state.withLock { state in
            guard state.waiting + size <= Self.capacity else {
                state.lost += 1
                return nil
            }
            defer { state.lost = 0 }
            state.waiting += size
            return state.lost
        }
        guard let lost else { return }
        queue.async { [self] in
            if lost > 0 { write("(\(lost) lines are missing here: nobody read on.)") }
            write(text)
            state.withLock { $0.waiting -= size }
        }
    }

    /// Returns when all was written, or after this long.
    func drain(within seconds: Double = .infinity) {
        let end = DispatchSemaphore(value: 0)
        queue.async { end.signal() }
        _ = end.wait(timeout: seconds.isInfinite ? .distantFuture : .now() + seconds)
    }
}

/// Log lines on standard error, cleaned and in turn with all else that is said there.
struct LogLines: TextOutputStream, Sendable {
    static let outbox = Outbox { Output.error($0) }

    func write(_ string: String) {
        Self.outbox.put(string.hasSuffix("\n") ? String(string.dropLast()) : string)
    }
}
