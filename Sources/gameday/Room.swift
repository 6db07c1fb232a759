import Synchronization

/// Room for so many at a time: one who comes when it is full waits until another leaves.
final class Room: Sendable {
    private struct State {
        var left: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isOpen = true
    }

    private let state: Mutex<State>

    init(for most: Int) {
        state = Mutex(State(left: most))
    }

    /// Returns when there is room, or when the task is cancelled.
    func enter() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    if state.left > 0 || !state.isOpen || Task.isCancelled {
                        state.left -= 1
                        return false
                    }
                    state.waiting.append(continuation)
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            // Whoever is cancelled is done with it all, and so are those who wait beside it.
            let waiting = state.withLock { state in
                state.isOpen = false
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    /// One that had come in is gone.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.left += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
