public import PinnedThreads

/// Starts programs and waits for them: one thread for any number of them, asleep while they run.
/// What still runs when nobody holds this any more is killed.
public final class ChildProcesses: Sendable {
    // The actor has no isolated deinit, with which Swift 6.3 can't compile the modules that use this one once it
    // optimises: what is to be done at the end is done from here.
    private let loop = ChildLoop()

    public init() {}

    deinit { loop.close() }

    /// Runs the tasks that wait for programs on the same thread, so that the end of one program can be the start of the
    /// next without waking another thread in between.
    public var tasks: PinnedTasks { loop.tasks }

    /// Runs a program to its end. Cancelling the task kills it.
    public func run(_ command: ChildCommand) async -> ChildEnd { await loop.run(command) }

    /// Starts a program to talk with: its lines come out, ours go in with `send`, and `end` is called when it is gone.
    public func converse(
        _ command: ChildCommand, end: @escaping @Sendable (ChildEnd) -> Void
    ) async throws(ChildSpawn.Failure) -> (ticket: Int, lines: AsyncStream<[UInt8]>) {
        try await loop.converse(command, end: end)
    }

    public func send(_ bytes: [UInt8], to ticket: Int) async { await loop.send(bytes, to: ticket) }

    public func signal(_ number: Int32, to ticket: Int) async { await loop.signal(number, to: ticket) }

    /// Ends the loan of our terminal, which a program gets while it asks.
    public func takeTerminalBack(from ticket: Int) async { await loop.takeTerminalBack(from: ticket) }

    public func stop(_ ticket: Int) async { await loop.stop(ticket) }
}
