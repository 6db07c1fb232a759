import CNCurses
import Glibc
import Synchronization
import TerminalCanvas

/// A canvas with the theme it is to be shown in.
struct Frame: Sendable {
    var canvas: Canvas
    var theme: Theme
}

/// Where the newest frame waits for the terminal's thread, and the bell that wakes it.
final class Inbox: Sendable {
    private struct State {
        var frame: Frame?
        var dropped = 0
        var isClosed = false
        /// True while nothing that was put is on its way.
        var hasShownAll = true
    }

    /// It is never closed: a signal handler may be about to ring it.
    let bell: Int32
    private let state = Mutex(State())

    init() throws(TerminalError) {
        bell = gameday_bell()
        guard bell >= 0 else { throw .failed(call: "eventfd", code: errno) }
    }

    func ring() { gameday_bell_ring(bell) }

    func put(_ frame: Frame) {
        let isFirst = state.withLock { state in
            guard !state.isClosed else { return false }
            defer { state.frame = frame }
            state.hasShownAll = false
            if state.frame != nil { state.dropped += 1 }
            return state.frame == nil
        }
        if isFirst { ring() }
    }

    var hasFrame: Bool { state.withLock { $0.frame != nil } }

    func take() -> Frame? {
        state.withLock { $0.frame.take() }
    }

    /// Says that the terminal has taken every byte of the last frame.
    func markShown() {
        state.withLock { if $0.frame == nil { $0.hasShownAll = true } }
    }

    var hasShownAll: Bool { state.withLock { $0.hasShownAll } }

    /// How many frames a newer one replaced so far.
    var dropped: Int { state.withLock { $0.dropped } }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.frame = nil
        }
    }
}
