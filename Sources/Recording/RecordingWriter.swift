internal import Glibc
public import MeshModel
internal import Synchronization

/// Writes a day to a file as it happens.
///
/// Appending only touches memory, so that a disk which is full or hangs never stops the day; the owner calls `flush`
/// about once a second, from where it may wait. What can not be written is kept up to a bound and tried again; beyond
/// it events are left out, and the first one after has the whole state, so that the recording goes on.
public final class RecordingWriter: Sendable {
    /// What a flush has to tell: each trouble once when it begins, and once when it is over.
    public enum Report: Equatable, Sendable {
        case stopped(RecordingTrouble)
        /// Writing works again; so many events are missing.
        case resumed(lost: Int)
    }

    private struct Pending {
        var encoder: RecordingEncoder
        /// Since the last event that was taken.
        var lost = 0
        var lostInAll = 0
        var isClosed = false
    }

    private struct File {
        var descriptor: Int32?
        var isLocked = false
        /// Drained, and not written yet.
        var backlog: ArraySlice<UInt8> = []
        var trouble: RecordingTrouble?
        var lostAndTold = 0
        var size = 0
    }

    public let path: String
    private let limit: Int
    private let pending: Mutex<Pending>
    private let file: Mutex<File>

    /// Keeps at most some `limit` bytes in memory while the disk takes none. The file is made by the first flush, with
    /// mode 0600, and must not be there yet.
    public init(path: String, header: RecordingHeader, limit: Int = 8 << 20) {
        self.path = path
        self.limit = limit
        pending = Mutex(Pending(encoder: RecordingEncoder(header: header)))
        file = Mutex(File())
    }

    deinit {
        file.withLock { file in
            if let descriptor = file.descriptor { Glibc.close(descriptor) }
        }
    }

    /// Takes an event; `state` is the fold over all events up to and with this one. Nothing after `close` is taken.
    public func append(_ event: Event, state: MeshState) { append([event], state: state) }

    /// Is the state to come with the events that are taken next, of which `number` is the first?
    public func needsState(at: Timestamp, from number: UInt64?) -> Bool {
        pending.withLock { $0.lost > 0 || $0.encoder.needsState(at: at, from: number) }
    }

    /// Takes events, in order; `state` is the fold over all of them, and must be there when `needsState` says so.
    /// `lost` is how many before them can not be taken.
    public func append(_ events: [Event], state: MeshState?, lost: Int = 0) {
        pending.withLock { pending in
            guard !pending.isClosed else { return }
            pending.lost += lost
            pending.lostInAll += lost
            guard pending.encoder.count < limit, pending.lost == 0 || state != nil else {
                pending.lost += events.count
                pending.lostInAll += events.count
                return
            }
            if pending.lost > 0 {
                // The state stands for all of these but the last.
                pending.encoder.lose(pending.lost + max(0, events.count - 1))
                pending.lostInAll += max(0, events.count - 1)
                pending.lost = 0
            }
            pending.encoder.append(events, state: state)
        }
    }

    /// How many bytes stand in the file.
    public var size: Int { file.withLock { $0.size } }

    /// How many events are missing in it so far.
    public var lost: Int { pending.withLock { $0.lostInAll } }

    /// Writes what came since the last flush.
    @discardableResult
    public func flush() -> Report? {
        file.withLock { file in
            // What was begun is written to its end first: a line must not be torn by our own hand.
            if let trouble = write(&file) { return tell(trouble, &file) }
            let (bytes, lost) = pending.withLock { ($0.encoder.drain(), $0.lostInAll) }
            file.backlog = bytes[...]
            if let trouble = write(&file) { return tell(trouble, &file) }
            guard file.trouble != nil else { return nil }
            file.trouble = nil
            defer { file.lostAndTold = lost }
            return .resumed(lost: lost - file.lostAndTold)
        }
    }

    /// Ends the recording in order: writes what is left, and gives the file back.
    @discardableResult
    public func close() -> Report? {
        pending.withLock { pending in
            guard !pending.isClosed else { return }
            pending.isClosed = true
            if pending.lost > 0 { pending.encoder.lose(pending.lost) }
            pending.encoder.end()
        }
        let report = flush()
        file.withLock { file in
            if let descriptor = file.descriptor { Glibc.close(descriptor) }
            file.descriptor = nil
            file.backlog = []
        }
        return report
    }

    private func tell(_ trouble: RecordingTrouble, _ file: inout File) -> Report? {
        defer { file.trouble = trouble }
        return file.trouble == nil ? .stopped(trouble) : nil
    }

    private func write(_ file: inout File) -> RecordingTrouble? {
        while !file.backlog.isEmpty {
            if file.descriptor == nil {
                let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
                guard descriptor >= 0 else { return RecordingTrouble(path: path, code: errno) }
                file.descriptor = descriptor
            }
            guard let descriptor = file.descriptor else { return nil }
            // Whoever packs recordings leaves a locked one alone, and where locks are not to be had one that changed
            // just now.
            if !file.isLocked { file.isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
            let count = file.backlog.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                file.backlog = file.backlog.dropFirst(count)
                file.size += count
            } else if errno != EINTR {
                return RecordingTrouble(path: path, code: errno)
            }
        }
        return nil
    }
}

/// Why a recording can not be written.
public struct RecordingTrouble: Explained, Equatable {
    public var path: String
    /// The system's number for it.
    public var code: Int32

    public var summary: String { "not recording: \(String(cString: strerror(code)))" }
    public var remedy: String? {
        code == ENOSPC || code == EDQUOT || code == EFBIG
            ? "Make room for \(path); recording goes on by itself." : "The file is \(path)."
    }
}
