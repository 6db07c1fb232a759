/// The hands of a service: so many requests at a time, the next ones in a queue of limited length.
actor Workers {
    private var free: Int
    private let longestQueue: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var firstWaiting = 0

    init(count: Int, longestQueue: Int) {
        free = count
        self.longestQueue = longestQueue
    }

    /// How many wait for a worker.
    var queueLength: Int { waiting.count - firstWaiting }

    /// Waits for a free worker; false at once when the queue is full. Who got true gives the worker back.
    func take() async -> Bool {
        if free > 0 {
            free -= 1
            return true
        }
        guard queueLength < longestQueue else { return false }
        await withCheckedContinuation { waiting.append($0) }
        return true
    }

    /// Gives a worker back, to who has waited longest.
    func giveBack() {
        guard firstWaiting < waiting.count else {
            free += 1
            return
        }
        waiting[firstWaiting].resume()
        firstWaiting += 1
        // Under overload the queue may never be empty: what was served is cut off now and then.
        if firstWaiting == waiting.count || firstWaiting > longestQueue {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
    }
}
