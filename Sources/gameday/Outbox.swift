import Dispatch
import Synchronization

/// Words on their way out, written by a thread of their own: who says them never waits for whoever reads them. A
/// terminal that was stopped with Ctrl-S, or a pager that nobody turns, must not hold up a run or a halt.
final class Outbox: Sendable {
    private struct Word {
        var text: String
        /// How many before it were left out.
        var lost: Int
        var write: @Sendable (String) -> Void

        var size: Int { text.utf8.count + 1 }
    }

    private struct State {
        var waiting: [Word] = []
        /// Bytes that wait, those being written among them.
        var size = 0
        var lost = 0
        /// They will be fetched.
        var isDue = false
    }

    /// So much may wait for a reader; what comes after is left out.
    private static let capacity = 4 << 20
    /// Words gather for so long: to wake a thread for each costs a run of quick probes more than its probes do.
    private static let gathering = 0.02

    private let queue = DispatchQueue(label: "outbox")
    private let state = Mutex(State())
    private let write: @Sendable (String) -> Void

    init(_ write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// Writes it in its turn, by `other` if it goes elsewhere than the rest.
    func put(_ text: String, by other: (@Sendable (String) -> Void)? = nil) {
        let isFirst = state.withLock { state in
            let word = Word(text: text, lost: state.lost, write: other ?? write)
            guard state.size + word.size <= Self.capacity else {
                state.lost += 1
                return false
            }
            state.waiting.append(word)
            state.size += word.size
            state.lost = 0
            defer { state.isDue = true }
            return !state.isDue
        }
        if isFirst { queue.asyncAfter(deadline: .now() + Self.gathering) { [self] in writeAll() } }
    }

    private func writeAll() {
        while true {
            let words = state.withLock { state in
                defer { state.waiting = [] }
                state.isDue = !state.waiting.isEmpty
                return state.waiting
            }
            guard !words.isEmpty else { return }
            for word in words {
                if word.lost > 0 { write("(\(word.lost) lines missing: the reader was too slow.)") }
                word.write(word.text)
                state.withLock { $0.size -= word.size }
            }
        }
    }

    /// Returns when all was written, or after this long.
    func drain(within seconds: Double = .infinity) {
        let end = DispatchSemaphore(value: 0)
        queue.async { [self] in
            writeAll()
            end.signal()
        }
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
