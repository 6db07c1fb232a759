// PinnedThreads: an executor which owns one thread. A library that wants all its calls on one thread, and that waits
// for its own I/O, becomes an actor this way. It knows neither curl nor ncurses: how to wait and how to end the wait
// are the owner's.

import Glibc
import Synchronization

/// A serial executor that runs every job of its actor on one thread of its own, and lets the actor's library wait for
/// its I/O on that thread whenever there is no job.
///
/// The owner makes it before the actor, gives it out as `unownedExecutor`, starts it with the library's wait, and stops
/// it when done. Jobs run in the order they came. One that comes before `start` runs when the thread starts, and one
/// that comes after `stop` still runs (a task waiting for it would hang otherwise), one at a time, on a thread that
/// lives only for it.
///
/// An owner which frees something that `wait` or `wake` uses does both, `stop` and the freeing, on the executor (in a
/// method or an `isolated deinit`): from then on neither is called again.
public final class PinnedThread: SerialExecutor {
    /// Whether a wait may block until there is something to do, or must only look.
    public enum Patience: Sendable {
        case mayBlock, mustNotBlock
    }

    fileprivate struct Job: Sendable {
        var job: UnownedJob
        /// Whose it is when it is not the actor's.
        var tasks: PinnedTasks?
    }

    private struct State {
        var jobs: [Job] = []
        var wait: (@Sendable (Patience) -> Void)?
        var hasThread = false
        var thread: pthread_t?
        var isWaiting = false
        var isStopped = false
    }

    private enum Turn: Sendable {
        case wait(@Sendable (Patience) -> Void, Patience)
        case runJobs
        case end
    }

    /// How often jobs may make other jobs before the library is looked after.
    private static let rounds = 16

    private let name: String
    private let wake: @Sendable () -> Void
    private let state = Mutex(State())

    /// Makes an executor without a thread yet; `wake` ends a blocking wait from any thread.
    ///
    /// A wake must not be lost: if it comes just before the wait begins, that wait returns at once. It is called at
    /// most once a wait, however many jobs come. It must not block nor call back into the actor.
    public init(name: String, wake: @escaping @Sendable () -> Void) {
        self.name = name
        self.wake = wake
    }

    /// Starts the thread, which calls `wait` between jobs until `stop`. Only the first call counts.
    ///
    /// `wait` also handles what it waited for; it runs on the actor's executor, so `assumeIsolated` holds in it. Let it
    /// hold the actor weakly: the executor keeps the closure until it is stopped.
    public func start(wait: @escaping @Sendable (Patience) -> Void) {
        let needsThread = state.withLock { state in
            guard state.wait == nil, !state.isStopped else { return false }
            state.wait = wait
            return claimThread(&state)
        }
        if needsThread { spawn() }
    }

    /// Ends the thread once the jobs that are already there have run. Returns at once and may be called again.
    public func stop() {
        let (needsThread, wait) = state.withLock { state in
            state.isStopped = true
            wakeIfWaiting(&state)
            return (claimThread(&state), state.wait.take())
        }
        // Let go without the lock: the closure may hold the last reference to something that stops us again.
        _ = consume wait
        if needsThread { spawn() }
    }

    /// Says, in a wait, that it will not block any more: jobs that come from then on wake nobody, since they run as soon
    /// as it returns.
    public func hasWoken() {
        state.withLock { $0.isWaiting = false }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(Job(job: UnownedJob(job)))
    }

    fileprivate func enqueue(_ job: Job) {
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            wakeIfWaiting(&state)
            return claimThread(&state)
        }
        if needsThread { spawn() }
    }

    public func isIsolatingCurrentContext() -> Bool? {
        state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    public func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "Not on the thread \(name)")
    }

    /// Wakes with the lock held, so that the thread can't leave its wait, and free what `wake` touches, meanwhile.
    private func wakeIfWaiting(_ state: inout State) {
        guard state.isWaiting else { return }
        state.isWaiting = false
        wake()
    }

    private func claimThread(_ state: inout State) -> Bool {
        let isNeeded = state.isStopped ? !state.jobs.isEmpty : state.wait != nil
        guard isNeeded, !state.hasThread else { return false }
        state.hasThread = true
        return true
    }

    private func spawn() {
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<PinnedThread>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(failure == 0, "No thread can be started (error \(failure))")
        pthread_detach(thread)
    }

    private func run() {
        nameThread()
        state.withLock { $0.thread = pthread_self() }
        var jobs: [Job] = []
        while true {
            runJobs(&jobs)
            switch state.withLock({ nextTurn(&$0) }) {
            case .wait(let wait, let patience):
                wait(patience)
                state.withLock { $0.isWaiting = false }
            case .runJobs: continue
            case .end: return
            }
        }
    }

    /// Jobs that these jobs made run too: a task in many small steps needs no look at the library between them. Not
    /// without an end, though, since the library's I/O has to have its turn.
    private func runJobs(_ jobs: inout [Job]) {
        for _ in 0..<Self.rounds {
            state.withLock { swap(&$0.jobs, &jobs) }
            guard !jobs.isEmpty else { return }
            for job in jobs { run(job) }
            jobs.removeAll(keepingCapacity: true)
        }
    }

    private func run(_ job: Job) {
        if let tasks = job.tasks {
            job.job.runSynchronously(on: tasks.asUnownedTaskExecutor())
        } else {
            job.job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    private func nextTurn(_ state: inout State) -> Turn {
        if let wait = state.wait {
            state.isWaiting = state.jobs.isEmpty
            return .wait(wait, state.isWaiting ? .mayBlock : .mustNotBlock)
        }
        guard state.jobs.isEmpty else { return .runJobs }
        state.thread = nil
        state.hasThread = false
        return .end
    }

    /// Through `/proc` because Swift imports neither `prctl` (variadic) nor `pthread_setname_np` (a GNU extension).
    private func nameThread() {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = name.withCString { write(file, $0, strlen($0)) }
        close(file)
    }
}

/// Tasks on a pinned thread, beside its actor: a task that prefers it goes from one of the library's answers to the next
/// question without waking another thread. What it does holds up the library, so it must never take long.
public final class PinnedTasks: TaskExecutor {
    private let thread: PinnedThread

    /// Tasks that the thread runs between the jobs of its actor, in the order they come.
    public init(on thread: PinnedThread) {
        self.thread = thread
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        thread.enqueue(PinnedThread.Job(job: UnownedJob(job), tasks: self))
    }
}
