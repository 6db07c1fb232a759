internal import Glibc
internal import PinnedThreads
internal import Synchronization

/// What starts programs and waits for them, on a thread of its own.
actor ChildLoop {
    private nonisolated let thread: PinnedThread
    private nonisolated let bell: ChildBell
    /// Runs the tasks that wait for programs on the same thread, so that the end of one program can be the start of the
    /// next without waking another thread in between.
    nonisolated let tasks: PinnedTasks
    private var children: [Int: Child] = [:]
    private let environment = EnvironmentBlock()
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init() {
        let bell = ChildBell()
        self.bell = bell
        thread = PinnedThread(name: "processes") { bell.ring() }
        tasks = PinnedTasks(on: thread)
        thread.start { [weak self] patience in
            guard let watch = self?.assumeIsolated({ $0.watch(mayBlock: patience == .mayBlock) }) else { return }
            // A sleep that held the actor would keep it for ever: without programs only its own end wakes it.
            let ready = watch.sleep()
            // The end of a program makes jobs of this very thread.
            self?.thread.hasWoken()
            self?.assumeIsolated { $0.turn(ready) }
        }
    }

    // Nothing that the thread uses is freed here: its bell and its wait are its own.
    deinit { thread.stop() }

    /// Ends what still runs: nobody is left who waits for it.
    nonisolated func close() {
        Task { await abandon() }
    }

    private func abandon() {
        for child in children.values { child.abandon() }
        children = [:]
    }

    /// Runs a program to its end. Cancelling the task kills it.
    nonisolated func run(_ command: ChildCommand) async -> ChildEnd {
        let ticket = bell.ticket()
        return await withTaskCancellationHandler {
            await start(command, ticket)
        } onCancel: {
            bell.cancel(ticket)
        }
    }

    private func start(_ command: ChildCommand, _ ticket: Int) async -> ChildEnd {
        await withCheckedContinuation { continuation in
            do throws(ChildSpawn.Failure) {
                let spawned = try ChildSpawn.start(command, in: environment, withChannel: false)
                let child = Child(spawned, command, end: { continuation.resume(returning: $0) })
                children[ticket] = child
            } catch {
                continuation.resume(returning: .notStarted(error.number))
            }
        }
    }

    /// Starts a program to talk with: its lines come out, ours go in with `send`, and `end` is called when it is gone.
    func converse(
        _ command: ChildCommand, end: @escaping @Sendable (ChildEnd) -> Void
    ) throws(ChildSpawn.Failure) -> (ticket: Int, lines: AsyncStream<[UInt8]>) {
        let ticket = bell.ticket()
        let (lines, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let child = Child(try ChildSpawn.start(command, in: environment, withChannel: true), command, end: end)
        child.lines = continuation
        children[ticket] = child
        return (ticket, lines)
    }

    func send(_ bytes: [UInt8], to ticket: Int) {
        guard let child = children[ticket], child.channel >= 0 else { return }
        child.outgoing += bytes
        child.flush()
    }

    func signal(_ number: Int32, to ticket: Int) {
        if let child = children[ticket] { kill(child.pid, number) }
    }

    /// Ends the loan of our terminal, which a program gets while it asks.
    func takeTerminalBack(from ticket: Int) {
        children[ticket]?.takeTerminalBack()
    }

    func stop(_ ticket: Int) {
        children[ticket]?.stop(as: .interrupted)
    }

    /// What the thread is to sleep for.
    private struct Watch: Sendable {
        var descriptors: [pollfd]
        var patience: Int32
        /// The actor, while programs run: nobody else may be left who waits for them.
        var keeper: ChildLoop?

        /// Sleeps until something happens to one of the programs, and says to which descriptors.
        func sleep() -> [pollfd] {
            var descriptors = descriptors
            let count = withExtendedLifetime(keeper) { poll(&descriptors, nfds_t(descriptors.count), patience) }
            return count > 0 ? descriptors : []
        }
    }

    private func watch(mayBlock: Bool) -> Watch {
        var descriptors = [pollfd(fd: bell.reader, events: Int16(POLLIN), revents: 0)]
        for child in children.values { descriptors += child.watched }
        return Watch(
            descriptors: descriptors, patience: mayBlock ? patience() : 0, keeper: children.isEmpty ? nil : self)
    }

    /// Handles what happened; the bell's descriptor comes first.
    private func turn(_ ready: [pollfd]) {
        if let first = ready.first {
            if first.revents != 0 { bell.silence() }
            for child in children.values { child.transfer(&buffer) }
        }
        for ticket in bell.takeCancelled() { children[ticket]?.interrupt() }
        for child in children.values { child.lendTerminal() }
        let now = ContinuousClock.now
        for (ticket, child) in children {
            if let deadline = child.deadline, deadline <= now { child.stop(as: .timedOut) }
            guard let end = child.collect() else { continue }
            children[ticket] = nil
            child.finish(end)
        }
    }

    /// How long nothing can happen but what the descriptors tell, in milliseconds; -1 for ever.
    private func patience() -> Int32 {
        let now = ContinuousClock.now
        var patience: Int32 = -1
        for child in children.values {
            var wait: Int32 = -1
            if child.mustBeAsked {
                wait = 1
            } else if child.hasTerminal {
                // No descriptor tells that a program has stopped.
                wait = 50
            } else if let deadline = child.deadline {
                // It may have passed meanwhile, and less than nothing would be for ever.
                wait = max(0, Int32(clamping: Int64((deadline - now) / .milliseconds(1)) + 1))
            }
            if wait >= 0 { patience = patience < 0 ? wait : min(patience, wait) }
        }
        return patience
    }
}

/// What other threads may touch of `ChildLoop`: a bell which wakes it, and the tickets of cancelled runs.
final class ChildBell: Sendable {
    private struct State {
        var next = 0
        var cancelled: [Int] = []
    }

    let reader: Int32
    private let writer: Int32
    private let state = Mutex(State())

    init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    func ticket() -> Int {
        state.withLock { state in
            state.next += 1
            return state.next
        }
    }

    func cancel(_ ticket: Int) {
        state.withLock { $0.cancelled.append(ticket) }
        ring()
    }

    func takeCancelled() -> [Int] {
        state.withLock { state in
            defer { state.cancelled = [] }
            return state.cancelled
        }
    }

    func ring() {
        var byte: UInt8 = 1
        _ = write(writer, &byte, 1)
    }

    func silence() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(reader, &bytes, bytes.count) == bytes.count {}
    }
}
