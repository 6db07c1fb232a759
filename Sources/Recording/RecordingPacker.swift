internal import Glibc
public import MeshModel

/// Packs the files of recordings which nobody writes any more. The lines stay what they were, byte for byte.
public enum RecordingPacker {
    /// Beyond this a recording stays as it is: opening it packed would need too much memory.
    public static let largest = Packing.largest / 4

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
            status.st_size <= largest, access(path + RecordingFormat.packedSuffix, F_OK) != 0,
            let reader = try? RecordingReader(path: path)
        else { return nil }
        let bytes = reader.bytes.read(0..<reader.bytes.count)
        guard bytes.count == Int(status.st_size), let packed = Packing.pack(bytes, while: isWanted) else { return nil }
        let target = path + RecordingFormat.packedSuffix
        defer { unlink(target + partSuffix) }
        try write(packed, to: target + partSuffix, changed: status.st_mtim)
        guard Packing.holds(try read(target + partSuffix), bytes) else {
            throw RecordingTrouble(path: target, code: EIO)
        }
        // Who writes without a lock has written meanwhile, or put another file there.
        guard isUnchanged(plain, path, since: status) else { return nil }
        guard rename(target + partSuffix, target) == 0 else { throw RecordingTrouble(path: target, code: errno) }
        settle(target)
        unlink(path)
        return target
    }

    private static func isUnchanged(_ descriptor: Int32, _ path: String, since before: stat) -> Bool {
        var (now, named) = (stat(), stat())
        return fstat(descriptor, &now) == 0 && lstat(path, &named) == 0 && named.st_ino == before.st_ino
            && named.st_dev == before.st_dev && now.st_size == before.st_size
            && now.st_mtim.tv_sec == before.st_mtim.tv_sec && now.st_mtim.tv_nsec == before.st_mtim.tv_nsec
    }

    /// Waits until the folder's disk knows of the file by its new name; the other one must not go before.
    private static func settle(_ path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func read(_ path: String) throws(RecordingTrouble) -> [UInt8] {
        guard let file = try? RecordingBytes(path: path) else { throw RecordingTrouble(path: path, code: EIO) }
        return file.read(0..<file.count)
    }

    /// The bytes of a recording, packed; nil when there is no memory for it.
    public static func packed(_ bytes: [UInt8]) -> [UInt8]? { Packing.pack(bytes) }

    static let partSuffix = ".part"

    /// Writes a file that keeps the time when the day was, by which the newest is known.
    private static func write(_ bytes: [UInt8], to path: String, changed: timespec) throws(RecordingTrouble) {
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw RecordingTrouble(path: path, code: errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                defer { unlink(path) }
                throw RecordingTrouble(path: path, code: errno)
            }
            rest = rest.dropFirst(count)
        }
        let times = [changed, changed]
        guard fsync(descriptor) == 0, futimens(descriptor, times) == 0 else {
            defer { unlink(path) }
            throw RecordingTrouble(path: path, code: errno)
        }
    }
}

extension RecordingFolder {
    /// Packs what earlier control planes left, whose writers died or whose day was too long to be packed at its end.
    /// Answers the new paths; one that can not be packed is left.
    @discardableResult
    public func packAll(
        except current: String?, now: Timestamp, while isWanted: () -> Bool = { true }
    ) -> [String] {
        func isOld(_ item: Retention.Item) -> Bool { abs(now.seconds(since: item.changed)) >= Retention.writing }
        // What a packer left that was killed.
        let part = RecordingFormat.packedSuffix + RecordingPacker.partSuffix
        for item in files(ending: [part]) where isOld(item) { unlink(item.path) }
        let plain = files(ending: [RecordingFormat.suffix]).filter { $0.path != current && isOld($0) }
        return plain.map(\.path).sorted().compactMap { path in
            isWanted() ? (try? RecordingPacker.pack(path, while: isWanted)) ?? nil : nil
        }
    }
}
