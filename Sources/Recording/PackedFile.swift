internal import Glibc

/// A packed file that grows at its end by whole blocks, each on the disk before anybody relies on it.
final class PackedFile {
    let path: String
    private let descriptor: Int32
    /// Where the last whole block ends; what a killed writer left behind it is written over.
    private(set) var size: Int
    /// How many bytes of lines there are in it.
    private(set) var plain: Int

    private init(_ path: String, _ descriptor: Int32, size: Int, plain: Int) {
        (self.path, self.descriptor, self.size, self.plain) = (path, descriptor, size, plain)
    }

    deinit { close(descriptor) }

    /// Makes the file, which must not be there yet.
    static func new(_ path: String) throws(RecordingTrouble) -> PackedFile {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw RecordingTrouble(path: path, code: errno) }
        let file = PackedFile(path, descriptor, size: 0, plain: 0)
        do throws(RecordingTrouble) { try file.write(Packing.head) } catch {
            unlink(path)
            throw error
        }
        return file
    }

    /// Opens a file that is there, of which the lines are known.
    static func there(_ path: String, holding packed: PackedBytes) throws(RecordingTrouble) -> PackedFile {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw RecordingTrouble(path: path, code: errno) }
        return PackedFile(path, descriptor, size: packed.end, plain: packed.count)
    }

    /// Packs these lines and adds them. False, and nothing is added, when there is no memory for it or when `isWanted`
    /// says no.
    func append(_ lines: [UInt8], while isWanted: () -> Bool = { true }) throws(RecordingTrouble) -> Bool {
        guard !lines.isEmpty, let blocks = Packing.blocks(of: lines, while: isWanted) else { return lines.isEmpty }
        let before = (size, plain)
        do throws(RecordingTrouble) {
            try write(blocks)
            // What cannot be unpacked again is lost when the lines go.
            if !holds(lines, from: before.0) {
                size = before.0
                guard let others = Packing.blocks(of: lines, isTried: true, while: isWanted) else {
                    ftruncate(descriptor, off_t(size))
                    return false
                }
                try write(others)
                guard holds(lines, from: before.0) else { throw RecordingTrouble(path: path, code: EIO) }
            }
            guard fsync(descriptor) == 0 else { throw RecordingTrouble(path: path, code: errno) }
        } catch {
            (size, plain) = before
            ftruncate(descriptor, off_t(size))
            throw error
        }
        plain += lines.count
        return true
    }

    private func holds(_ lines: [UInt8], from start: Int) -> Bool {
        Packing.holds(Packing.head + FileBytes.read(descriptor, start..<size), lines)
    }

    /// Gives it the time when the day was, by which the newest is known.
    func setTime(_ changed: timespec) {
        futimens(descriptor, [changed, changed])
    }

    /// Waits until the folder's disk knows of the file by its name.
    static func settle(_ path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func write(_ bytes: [UInt8]) throws(RecordingTrouble) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw RecordingTrouble(path: path, code: errno) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let place = off_t(size + bytes.count - rest.count)
            let count = rest.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, place) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw RecordingTrouble(path: path, code: count < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(count)
        }
        size += bytes.count
    }
}
