internal import Glibc
internal import Logging
internal import MeshModel
internal import PinnedThreads
public import Recording
internal import Synchronization

/// Writes the session to a file as it happens, on a thread of its own: a disk that is full or hangs holds up nobody.
actor Recorder {
    /// How often events are taken from the log.
    private static let pause = Duration.milliseconds(500)
    /// Seconds between two words about the size of the file.
    private static let statusInterval = 10.0
    /// A disk for which the recorder waits longer than that is told to be none.
    private static let longestTurn = Duration.seconds(5)
    /// How long an ending control plane waits for the disk.
    private static let patience = Duration.seconds(3)
    /// Packing so many bytes takes about a second, which the end of a day may take; larger ones wait for the next start.
    private static let quicklyPacked = 4 << 20

    /// What is known of the recorder without asking its thread, which may hang.
    private struct Turn {
        /// When it began to look for events and write them; nil while it rests.
        var beganAt: Duration?
        /// It was told that the disk does not answer.
        var isToldHung = false
        var bytes: UInt64 = 0
        var lost: UInt64 = 0
    }

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
    private let turn = Mutex(Turn())

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
        thread = .forWork(name: "gd-recorder")
    }

    /// Records what happens during the body, to the last word of it. A disk that hangs holds neither the body nor,
    /// for longer than some seconds, its caller.
    nonisolated func recording(_ body: () async throws -> Void) async throws {
        // No child: a group would wait for the disk for as long as that hangs.
        let writing = Task { await write() }
        defer { thread.stop() }
        let result: Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watch() }
            defer { group.cancelAll() }
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        writing.cancel()
        let end = clock.elapsed() + Self.patience
        if await isOver(writing, by: end) {
            // What is not packed in time is at the next start.
            _ = await isOver(Task { await pack() }, by: end)
        } else {
            logger.error("the disk does not respond; the end of the recording is missing: \(path)")
        }
        try result.get()
    }

    /// Writes until the task is cancelled, then what is left, and seals the file.
    private func write() async {
        logger.notice("recording to \(path)")
        while !Task.isCancelled {
            take()
            await clock.sleep(Self.pause)
        }
        take()
        tell(writer?.close())
    }

    private func pack() {
        guard let writer, !isStopped, writer.plainSize <= Self.quicklyPacked else { return }
        do throws(RecordingTrouble) {
            if let packed = try RecordingPacker.pack(writer.path) { logger.notice("recorded in \(packed)") }
        } catch {
            logger.error("cannot pack \(error.path): \(String(cString: strerror(error.code)))")
        }
    }

    /// Has the writing ended in time?
    private nonisolated func isOver(_ writing: Task<Void, Never>, by end: Duration) async -> Bool {
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        Task {
            await writing.value
            answer.yield(true)
        }
        let bound = Task { [clock] in
            await clock.sleep(max(.zero, end - clock.elapsed()))
            answer.yield(false)
        }
        defer { bound.cancel() }
        // In a task of its own, for ours may be cancelled and would not wait.
        return await Task { await answers.first { _ in true } ?? false }.value
    }

    /// Looks whether the recorder comes back from the disk, and tells when it does not: it can not tell that itself.
    private nonisolated func watch() async {
        while !Task.isCancelled {
            let now = clock.elapsed()
            let hung = turn.withLock { turn -> Turn? in
                guard !turn.isToldHung, let began = turn.beganAt, now - began >= Self.longestTurn else { return nil }
                turn.isToldHung = true
                return turn
            }
            if let hung {
                logger.error("not recording: the disk does not respond: \(path)")
                log.append([
                    .recording(
                        RecordingStatus(
                            .stopped, file: file, bytes: hung.bytes, lost: hung.lost,
                            explanation: "the disk does not respond"))
                ])
            }
            await clock.sleep(Self.pause)
        }
    }

    private func take() {
        turn.withLock { $0.beganAt = clock.elapsed() }
        takeAndFlush()
        let done = Turn(bytes: UInt64(writer?.size ?? 0), lost: UInt64(writer?.lost ?? 0))
        let wasToldHung = turn.withLock { turn in
            defer { turn = done }
            return turn.isToldHung
        }
        guard wasToldHung, !isStopped else { return }
        logger.notice("recording again: the disk responds")
        status(.on)
    }

    private func takeAndFlush() {
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
            path: path, header: RecordingHeader(program: program, created: at, session: session),
            segment: RecordingWriter.segment)
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
            logger.notice("recording again; \(lost) events missing")
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

    private nonisolated var file: String? { path.split(separator: "/").last.map(String.init) }

    private func status(_ phase: RecordingStatus.Phase, because explanation: String? = nil) {
        toldAt = clock.now()
        toldBytes = UInt64(writer?.size ?? 0)
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
