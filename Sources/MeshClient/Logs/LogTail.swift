internal import Glibc

/// The end of a file that somebody else writes.
struct LogTail {
    /// Why a file can't be read.
    struct Unreadable: Error, Equatable {
        var cause: String
    }

    /// More than is shown is in so much of it, however few of its lines are wanted.
    static let most = 512 << 10

    /// The last lines of it, whole ones only. Nothing waits, whatever the name leads to.
    static func read(_ path: String, most: Int = most) throws(Unreadable) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw Unreadable(cause: String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(cause: "not a regular file")
        }
        let start = max(0, status.st_size - most)
        var failure: Int32 = 0
        var bytes = [UInt8](unsafeUninitializedCapacity: min(most, Int(status.st_size))) { buffer, count in
            count = 0
            while count < buffer.count, let base = buffer.baseAddress {
                let done = pread(file, base + count, buffer.count - count, start + count)
                if done < 0, errno == EINTR { continue }
                if done < 0 { failure = errno }
                guard done > 0 else { return }
                count += done
            }
        }
        guard failure == 0 else { throw Unreadable(cause: String(cString: strerror(failure))) }
        // The first line may be cut by where it begins here, and the last one may not be written to its end.
        if start > 0 { bytes.removeFirst((bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1) }
        bytes.removeLast(bytes.count - ((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1))
        return bytes
    }
}
