internal import Dispatch
internal import Glibc
internal import Logging
internal import MeshModel
internal import PinnedThreads
public import Recording

/// Writes the session to a file as it happens, on a thread of its own: a disk that is full or hangs holds up nobody.
actor Recorder {
    /// How often events are taken from the log.
    private static let pause = Duration.milliseconds(500)
    /// Seconds between two words about the size of the file.
    private static let statusInterval = 10.0
    /// Packing so many bytes takes about a second, which the end of a day may take; larger ones wait for the next start.
    private static let quicklyPacked = 4 << 20

    private let thread: PinnedThread
    private let path: String
    private let settings: RecordingSettings
    private let log: EventLog
    private let clock: DayClock
    private let logger: Logger
    private let program: String
    private var writer: RecordingWriter?
    private var isStopped = false
    private var flushedAt: Timestamp?
    private var toldAt: Timestamp?
    private var toldBytes: UInt64?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(
        path: String, settings: RecordingSettings, program: String, log: EventLog, clock: DayClock, logger: Logger
    ) {
        self.path = path
        self.settings = settings
        self.program = program
        self.log = log
        self.clock = clock
        self.logger = logger
        let bell = DispatchSemaphore(value: 0)
        thread = PinnedThread(name: "gd-recorder", wake: { bell.signal() })
        thread.start { patience in
            if patience == .mayBlock { bell.wait() }
        }
    }

    /// Records until the task is cancelled; then `end` is to be called.
    func run() async {
        logger.notice("recording to \(path)")
        while !Task.isCancelled {
            take()
            await clock.sleep(Self.pause)
        }
    }

    /// Writes what is left, seals the file and packs it.
    func end() {
        take()
        tell(writer?.close())
        if let writer, !isStopped, writer.size <= Self.quicklyPacked { pack(writer.path) }
        thread.stop()
    }

    private func pack(_ path: String) {
        do throws(RecordingTrouble) {
            if let packed = try RecordingPacker.pack(path) { logger.notice("recorded in \(packed)") }
        } catch {
            logger.error("\(error.path) can not be packed: \(String(cString: strerror(error.code)))")
        }
    }

    private func take() {
        let now = clock.now()
        let taken = log.takeUnrecorded { [writer] number in
            writer?.needsState(at: now, from: number) ?? (number != 1)
        }
        if !taken.events.isEmpty || taken.lost > 0 {
            let writing = writer ?? begin(at: taken.events.first?.at ?? now)
            writing.append(taken.events, state: taken.state, lost: taken.lost)
        }
        guard flushedAt.map({ abs(now.seconds(since: $0)) >= 1 }) ?? true else { return }
        flushedAt = now
        // The folder may have gone, or the disk it is on may have come back without it.
        if isStopped { try? settings.folder.prepare() }
        tell(writer?.flush())
        tellSize(at: now)
    }

    private func begin(at: Timestamp) -> RecordingWriter {
        try? settings.folder.prepare()
        settings.folder.prune(settings.retention, now: clock.now())
        let session = log.read { $0.session }
        let new = RecordingWriter(
            path: path, header: RecordingHeader(program: program, created: at, session: session))
        writer = new
        return new
    }

    private func tell(_ report: RecordingWriter.Report?) {
        switch report {
        case .stopped(let trouble):
            isStopped = true
            logger.error("\(trouble.summary): \(trouble.path)")
            // The place on this machine is nobody's business who reads the recording later.
            status(.stopped, because: String(cString: strerror(trouble.code)))
        case .resumed(let lost):
            isStopped = false
            logger.notice("recording again; \(lost) events are missing")
            status(.on)
        case nil: break
        }
    }

    /// The size is told when it has grown, so that a screen can show it; each word makes the file a little larger.
    private func tellSize(at now: Timestamp) {
        guard !isStopped, let writer, writer.size > 0 else { return }
        if let toldAt, abs(now.seconds(since: toldAt)) < Self.statusInterval { return }
        guard UInt64(writer.size) != toldBytes else { return }
        status(.on)
    }

    private func status(_ phase: RecordingStatus.Phase, because explanation: String? = nil) {
        toldAt = clock.now()
        toldBytes = UInt64(writer?.size ?? 0)
        let file = path.split(separator: "/").last.map(String.init)
        log.append([
            .recording(
                RecordingStatus(
                    phase, file: file, bytes: toldBytes ?? 0, lost: UInt64(writer?.lost ?? 0), explanation: explanation)
            )
        ])
    }
}

/// Where sessions are recorded, and how many of them are kept.
public struct RecordingSettings: Sendable {
    public var folder: RecordingFolder
    public var retention: Retention

    public init(folder: RecordingFolder, retention: Retention) {
        self.folder = folder
        self.retention = retention
    }
}
