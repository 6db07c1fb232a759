internal import Glibc
public import MeshModel

/// Packs the files of recordings which nobody writes any more. The lines stay what they were, byte for byte.
public enum RecordingPacker {
    /// Beyond this a recording stays as it is: opening it packed would need too much memory.
    public static let largest = 1 << 27

    /// Packs a recording and answers its new path; nil when it is left as it is: somebody is writing it, it is no
    /// recording, it is packed already or too large, or `isWanted` says no, which it is asked before each block.
    ///
    /// The packed file is on the disk, and was read again, before the other one goes.
    public static func pack(
        _ path: String, while isWanted: () -> Bool = { true }
    ) throws(RecordingTrouble) -> String? {
        // For writing, since some file systems lock no others.
        let plain = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard plain >= 0 else { throw RecordingTrouble(path: path, code: errno) }
        defer { close(plain) }
        var status = stat()
        guard flock(plain, LOCK_EX | LOCK_NB) == 0, fstat(plain, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= largest
        else { return nil }
        let target = path + RecordingFormat.packedSuffix
        if let there = try? FileBytes(path: target), Packing.isBegun(there) { unlink(target) }
        let isAdded =
            access(target, F_OK) == 0
            ? try add(path, plain, status, to: target, while: isWanted)
            : try packWhole(path, plain, status, to: target, while: isWanted)
        return isAdded ? target : nil
    }

    /// Packs all of a recording into a new file.
    private static func packWhole(
        _ path: String, _ plain: Int32, _ status: stat, to target: String, while isWanted: () -> Bool
    ) throws(RecordingTrouble) -> Bool {
        let bytes = FileBytes.read(plain, 0..<Int(status.st_size))
        guard bytes.count == Int(status.st_size), (try? RecordingReader(bytes: bytes)) != nil,
            OpenSegment(FileBytes(bytes)).head == .whole
        else { return false }
        let part = target + partSuffix
        unlink(part)
        defer { unlink(part) }
        let file = try PackedFile.new(part)
        guard try file.append(bytes, while: isWanted) else { return false }
        file.setTime(status.st_mtim)
        // Who writes without a lock has written meanwhile, or put another file there.
        guard isUnchanged(plain, path, since: status) else { return false }
        guard rename(part, target) == 0 else { throw RecordingTrouble(path: target, code: errno) }
        PackedFile.settle(target)
        unlink(path)
        return true
    }

    /// Adds what a writer left open to what it had packed. False when they do not belong together.
    private static func add(
        _ path: String, _ plain: Int32, _ status: stat, to target: String, while isWanted: () -> Bool
    ) throws(RecordingTrouble) -> Bool {
        guard let there = try? FileBytes(path: target), Packing.isPacked(there.read(0..<8)) else { return false }
        let bytes = FileBytes.read(plain, 0..<Int(status.st_size))
        let packed = PackedBytes(there)
        guard bytes.count == Int(status.st_size),
            let overlap = OpenSegment(FileBytes(bytes)).overlap(with: packed), overlap < bytes.count || !packed.isCutOff
        else { return false }
        let file = try PackedFile.there(target, holding: packed)
        guard try file.append(Array(bytes[overlap...]), while: isWanted) else { return false }
        file.setTime(status.st_mtim)
        guard isUnchanged(plain, path, since: status) else { return false }
        unlink(path)
        return true
    }

    private static func isUnchanged(_ descriptor: Int32, _ path: String, since before: stat) -> Bool {
        var (now, named) = (stat(), stat())
        return fstat(descriptor, &now) == 0 && lstat(path, &named) == 0 && named.st_ino == before.st_ino
            && named.st_dev == before.st_dev && now.st_size == before.st_size
            && now.st_mtim.tv_sec == before.st_mtim.tv_sec && now.st_mtim.tv_nsec == before.st_mtim.tv_nsec
    }

    /// The bytes of a recording, packed; nil when there is no memory for it.
    public static func packed(_ bytes: [UInt8]) -> [UInt8]? { Packing.pack(bytes) }

    static let partSuffix = ".part"
}

extension RecordingFolder {
    /// Packs what earlier control planes left, whose writers died or whose day was too long to be packed at its end.
    /// Answers the new paths; one that can not be packed is left.
    @discardableResult
    public func packAll(
        except current: String?, now: Timestamp, while isWanted: () -> Bool = { true }
    ) -> [String] {
        func isOld(_ item: Retention.Item) -> Bool { abs(now.seconds(since: item.changed)) >= Retention.writing }
        // What a packer or a writer left that was killed.
        let parts = [
            RecordingFormat.packedSuffix + RecordingPacker.partSuffix,
            RecordingFormat.suffix + RecordingFiles.nextSuffix,
        ]
        for item in files(ending: parts) where isOld(item) { unlink(item.path) }
        let plain = files(ending: [RecordingFormat.suffix]).filter { $0.path != current && isOld($0) }
        return plain.map(\.path).sorted().compactMap { path in
            isWanted() ? (try? RecordingPacker.pack(path, while: isWanted)) ?? nil : nil
        }
    }
}
