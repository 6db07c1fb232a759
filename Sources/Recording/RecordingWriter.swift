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
        var files: RecordingFiles
        var trouble: RecordingTrouble?
        var lostAndTold = 0
    }

    public let path: String
    private let limit: Int
    private let pending: Mutex<Pending>
    private let file: Mutex<File>

    /// So many bytes of lines are packed together while the day goes on.
    public static let segment = Packing.piece

    /// Keeps at most some `limit` bytes in memory while the disk takes none. The file is made by the first flush, with
    /// mode 0600, and must not be there yet. With a `segment` the lines are packed whenever there are so many bytes of
    /// them, into a file beside it.
    public init(path: String, header: RecordingHeader, limit: Int = 8 << 20, segment: Int? = nil) {
        self.path = path
        self.limit = limit
        pending = Mutex(Pending(encoder: RecordingEncoder(header: header)))
        file = Mutex(File(files: RecordingFiles(path: path, segment: segment)))
    }

    deinit {
        file.withLock { $0.files.close() }
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

    /// How many bytes stand in its files.
    public var size: Int { file.withLock { $0.files.size } }

    /// How many of them are not packed.
    public var plainSize: Int { file.withLock { $0.files.openSize } }

    /// How many events are missing in it so far.
    public var lost: Int { pending.withLock { $0.lostInAll } }

    /// Writes what came since the last flush.
    @discardableResult
    public func flush() -> Report? {
        file.withLock { file in
            // What was begun is written to its end first: a line must not be torn by our own hand.
            if let trouble = file.files.write() { return tell(trouble, &file) }
            let lost = pending.withLock { pending in
                if file.files.take(pending.encoder.drain(), areLast: pending.isClosed) {
                    pending.encoder.beginSegment()
                }
                return pending.lostInAll
            }
            if let trouble = file.files.write() { return tell(trouble, &file) }
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
        file.withLock { $0.files.close() }
        return report
    }

    private func tell(_ trouble: RecordingTrouble, _ file: inout File) -> Report? {
        defer { file.trouble = trouble }
        return file.trouble == nil ? .stopped(trouble) : nil
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
            ? "Free space for \(path); recording then resumes automatically." : "The file is \(path)."
    }
}
