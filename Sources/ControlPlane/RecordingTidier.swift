internal import Logging
internal import PinnedThreads
internal import Recording

/// Packs the recordings of earlier days, on a thread of its own: that takes seconds, and nobody waits for it.
actor RecordingTidier {
    /// The start of a day has better things to do.
    private static let patience = Duration.seconds(10)

    private let thread: PinnedThread
    private let folder: RecordingFolder
    private let current: String
    private let clock: DayClock
    private let logger: Logger

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(folder: RecordingFolder, current: String, clock: DayClock, logger: Logger) {
        self.folder = folder
        self.current = current
        self.clock = clock
        self.logger = logger
        thread = .forWork(name: "gd-tidier")
    }

    /// Returns when all is packed, or soon after its task is cancelled.
    func run() async {
        defer { thread.stop() }
        await clock.sleep(Self.patience)
        for path in folder.packAll(except: current, now: clock.wall(), while: { !Task.isCancelled }) {
            logger.info("packed \(path)")
        }
    }
}
