internal import Glibc
import MeshModel

/// The files that a recording is written to: lines to a plain one, and from there, whenever so many have come together,
/// packed to the one beside it. Whatever instant its writer dies at, each line stands in one of them or in both.
struct RecordingFiles {
    let path: String
    /// The plain file is packed when it has so many bytes; nil for never.
    private let segment: Int?
    private var descriptor: Int32?
    private var isLocked = false
    /// Drained, and not written yet.
    private var backlog: ArraySlice<UInt8> = []
    /// Of the plain file, and what of it is packed already, since it could not be replaced.
    private(set) var openSize = 0
    private var covered = 0
    /// The size at which the plain file is packed.
    private var bound: Int
    private var isSegmentOver = false
    private var packed: PackedFile?

    init(path: String, segment: Int?) {
        self.path = path
        self.segment = segment
        bound = segment ?? .max
    }

    /// How many bytes they have together.
    var size: Int { openSize + (packed?.size ?? 0) }

    /// Takes lines to be written; answers whether a segment ends with them, which the last lines of all do not.
    mutating func take(_ bytes: [UInt8], areLast: Bool) -> Bool {
        backlog += bytes
        isSegmentOver = !areLast && openSize + backlog.count >= bound
        return isSegmentOver
    }

    /// Writes what was taken. Where that is the end of a segment it is packed; if that does not succeed, it stays as it
    /// is and grows, and is tried again later.
    mutating func write() -> RecordingTrouble? {
        while !backlog.isEmpty {
            if let trouble = writeSome() { return trouble }
        }
        guard isSegmentOver, let segment else { return nil }
        isSegmentOver = false
        // Whoever has the file beside it may not like it to be overwritten.
        if let trouble = pack(), trouble.code == EEXIST { bound = .max } else { bound = covered + segment }
        if bound <= openSize { bound = openSize + segment }
        return nil
    }

    mutating func close() {
        if let descriptor { Glibc.close(descriptor) }
        descriptor = nil
        backlog = []
        packed = nil
    }

    private mutating func writeSome() -> RecordingTrouble? {
        if descriptor == nil {
            let new = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
            guard new >= 0 else { return RecordingTrouble(path: path, code: errno) }
            descriptor = new
        }
        guard let descriptor else { return nil }
        // Whoever packs recordings leaves a locked one alone, and where locks are not to be had one that changed just
        // now.
        if !isLocked { isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
        let count = backlog.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            backlog = backlog.dropFirst(count)
            openSize += count
        } else if errno != EINTR {
            return RecordingTrouble(path: path, code: errno)
        }
        return nil
    }

    /// Packs what the plain file has, and begins a new one once that is on the disk.
    private mutating func pack() -> RecordingTrouble? {
        guard let descriptor else { return nil }
        let lines = FileBytes.read(descriptor, covered..<openSize)
        guard lines.count == openSize - covered else { return RecordingTrouble(path: path, code: EIO) }
        do throws(RecordingTrouble) {
            let isNew = packed == nil
            if isNew { packed = try PackedFile.new(path + RecordingFormat.packedSuffix) }
            guard let packed, try packed.append(lines) else { return RecordingTrouble(path: path, code: ENOMEM) }
            if isNew { PackedFile.settle(packed.path) }
        } catch {
            return error
        }
        covered = openSize
        return beginAnew()
    }

    /// Puts an empty plain file in the place of the one that is packed. Whoever reads that one keeps it.
    private mutating func beginAnew() -> RecordingTrouble? {
        let next = path + Self.nextSuffix
        unlink(next)
        let new = open(next, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard new >= 0 else { return RecordingTrouble(path: next, code: errno) }
        let isLocked = flock(new, LOCK_EX | LOCK_NB) == 0
        guard rename(next, path) == 0 else {
            defer { unlink(next) }
            Glibc.close(new)
            return RecordingTrouble(path: path, code: errno)
        }
        if let descriptor { Glibc.close(descriptor) }
        (descriptor, self.isLocked, openSize, covered) = (new, isLocked, 0, 0)
        return nil
    }

    static let nextSuffix = ".next"
}
