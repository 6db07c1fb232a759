internal import Glibc

/// Why the ledger could not be read or written, in the system's words.
struct LedgerError: Error, Equatable, Sendable {
    var doing: String
    var code: Int32

    init(_ doing: String) {
        self.doing = doing
        code = errno
    }

    var text: String { "\(doing): \(String(cString: strerror(code)))" }
}

/// The ledger's file: whole lines are appended and synced, or not there at all.
struct LedgerFile: ~Copyable {
    private let descriptor: Int32

    /// Opens it, or makes it: for the owner's eyes only, and its folder synced so that a crash can't lose its name.
    init(path: String) throws(LedgerError) {
        let folder = Folders.parent(of: path)
        guard Folders.make(folder) else { throw LedgerError("can't make \(folder)") }
        let isNew = access(path, F_OK) != 0
        let opened = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw LedgerError("can't open \(path)") }
        descriptor = opened
        if isNew { Folders.sync(folder) }
    }

    deinit {
        close(descriptor)
    }

    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? max(0, Int(status.st_size)) : 0
    }

    /// The file's bytes as they are now; what somebody else appended included.
    func bytes() throws(LedgerError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: size)
        var at = 0
        while at < result.count {
            let count = result.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + at }, buffer.count - at, off_t(at))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LedgerError("can't read the ledger") }
            if count == 0 { break }
            at += count
        }
        result.removeLast(result.count - at)
        return result
    }

    /// Appends a line and waits until it is on the disk. What could not be written whole is taken back.
    func append(_ line: [UInt8]) throws(LedgerError) {
        let before = size
        // A line torn by a full disk or a crash must not swallow this one.
        let whole = endsTorn(at: before) ? [0x0A] + line : line
        let count = whole.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count != whole.count {
            if count >= 0 { errno = ENOSPC }
            let error = LedgerError("can't write the ledger")
            ftruncate(descriptor, off_t(before))
            throw error
        }
        guard fdatasync(descriptor) == 0 else {
            let error = LedgerError("can't sync the ledger")
            ftruncate(descriptor, off_t(before))
            throw error
        }
    }

    /// Forgets everything.
    func clear() throws(LedgerError) {
        guard ftruncate(descriptor, 0) == 0, fsync(descriptor) == 0 else { throw LedgerError("can't clear the ledger") }
    }

    private func endsTorn(at size: Int) -> Bool {
        guard size > 0 else { return false }
        var last: UInt8 = 0
        return pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last != 0x0A
    }
}
