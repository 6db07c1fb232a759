import Dispatch

extension PinnedThread {
    /// A thread for an actor whose work may wait for a disk, or for a name's address: it has no I/O of its own to wait
    /// for, and sleeps between jobs.
    public static func forWork(name: String) -> PinnedThread {
        let bell = DispatchSemaphore(value: 0)
        let thread = PinnedThread(name: name, wake: { bell.signal() })
        thread.start { patience in
            if patience == .mayBlock { bell.wait() }
        }
        return thread
    }
}
