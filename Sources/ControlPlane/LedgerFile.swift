internal import Glibc

/// Why the ledger could not be read or written, in the system's words.
struct LedgerError: Error, Equatable, Sendable {
    var doing: String
    /// Zero where the system has nothing to say.
    var code: Int32

    init(_ doing: String) {
        self.doing = doing
        code = errno
    }

    private init(saying text: String) {
        doing = text
        code = 0
    }

    /// Nothing of the system's: what happened to the ledger itself.
    static func state(_ text: String) -> LedgerError { LedgerError(saying: text) }

    var text: String { code == 0 ? doing : "\(doing): \(String(cString: strerror(code)))" }
}

/// The ledger's file, opened for one turn at it: whole lines are appended and synced, or not there at all.
///
/// Its path is looked up anew for every turn, so that a file which was taken away or replaced is noticed.
struct LedgerFile: ~Copyable {
    /// Which file it is, whatever its name.
    struct Identity: Equatable, Sendable {
        var device: UInt
        var number: UInt
    }

    private let path: String
    private let descriptor: Int32
    /// It was made just now.
    let isNew: Bool
    /// Others stay out of it until it is closed.
    private(set) var isLocked = false

    /// Opens it, or makes it: for the owner's eyes only, and its folder synced so that a crash can't lose its name. One
    /// that can only be read is opened all the same.
    init(path: String) throws(LedgerError) {
        let folder = Folders.parent(of: path)
        guard Folders.make(folder) else { throw LedgerError("cannot create \(folder)") }
        let isNew = access(path, F_OK) != 0
        var opened = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        if opened < 0, !isNew, errno == EROFS || errno == EACCES { opened = open(path, O_RDONLY | O_CLOEXEC) }
        guard opened >= 0 else { throw LedgerError("cannot open \(path)") }
        self.path = path
        self.isNew = isNew
        descriptor = opened
        if isNew { Folders.sync(folder) }
    }

    /// Opens it and keeps others out. When they don't leave in time it is opened all the same: nobody keeps an undo
    /// from being done or noted by holding a lock.
    static func locked(path: String, patience: Duration) throws(LedgerError) -> LedgerFile {
        let deadline = ContinuousClock.now + patience
        while true {
            var file = try LedgerFile(path: path)
            if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 {
                // It may have been replaced between the two.
                guard file.identity == Self.identity(at: path) else { continue }
                file.isLocked = true
                return file
            }
            if ContinuousClock.now >= deadline { return file }
            usleep(5000)
        }
    }

    deinit {
        close(descriptor)
    }

    var identity: Identity? {
        var status = stat()
        return fstat(descriptor, &status) == 0
            ? Identity(device: UInt(status.st_dev), number: UInt(status.st_ino)) : nil
    }

    /// Which file has this path now; nil for none.
    static func identity(at path: String) -> Identity? {
        var status = stat()
        return stat(path, &status) == 0 ? Identity(device: UInt(status.st_dev), number: UInt(status.st_ino)) : nil
    }

    /// What the file of this path holds from some byte on; nil when it can't be read. It makes none.
    static func content(of path: String, from start: Int = 0) -> [UInt8]? {
        guard access(path, R_OK) == 0, let file = try? LedgerFile(path: path) else { return nil }
        return try? file.bytes(from: start)
    }

    static func size(at path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? max(0, Int(status.st_size)) : 0
    }

    /// The file's bytes as they are now, or those from some byte on; what somebody else appended included.
    func bytes(from start: Int = 0) throws(LedgerError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: max(0, size - start))
        var at = 0
        while at < result.count {
            let count = result.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + at }, buffer.count - at, off_t(start + at))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LedgerError("cannot read the ledger") }
            if count == 0 { break }
            at += count
        }
        result.removeLast(result.count - at)
        return result
    }

    /// Appends lines and waits until they are on the disk. What could not be written whole is taken back.
    func append(_ lines: [UInt8]) throws(LedgerError) {
        let before = try endWhole()
        let count = lines.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count != lines.count {
            if count >= 0 { errno = ENOSPC }
            let error = LedgerError("cannot write the ledger")
            ftruncate(descriptor, off_t(before))
            throw error
        }
        guard fdatasync(descriptor) == 0 else {
            let error = LedgerError("cannot sync the ledger")
            ftruncate(descriptor, off_t(before))
            throw error
        }
    }

    /// Puts other bytes in its place, all or none. Whoever has the old file open notices by its identity.
    func replace(with bytes: [UInt8]) throws(LedgerError) {
        let beside = path + ".new"
        try Self.write(bytes, to: beside)
        guard rename(beside, path) == 0 else { throw LedgerError("cannot replace \(path)") }
        Folders.sync(Folders.parent(of: path))
    }

    /// Keeps a copy of the bytes beside it, under the first free of some names; it answers with that.
    func setAside(_ bytes: [UInt8]) throws(LedgerError) -> String {
        let names = (1...99).lazy.map { [path] in "\(path).damaged-\($0)" }
        guard let name = names.first(where: { access($0, F_OK) != 0 }) else {
            throw .state("there are already 99 damaged ledgers beside \(path)")
        }
        try Self.write(bytes, to: name)
        return name
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(LedgerError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw LedgerError("cannot open \(path)") }
        defer { close(file) }
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if count >= 0, count != bytes.count { errno = ENOSPC }
        guard count == bytes.count, fsync(file) == 0 else {
            let error = LedgerError("cannot write \(path)")
            unlink(path)
            throw error
        }
    }

    /// Cuts a torn last line off, which says nothing, and ends one that lacks only its end: neither may swallow the
    /// next. It answers with the size from there.
    private func endWhole() throws(LedgerError) -> Int {
        let size = size
        var last: UInt8 = 0
        guard size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1, last != 0x0A else { return size }
        let contents = LedgerContents(try bytes())
        if contents.lacksEnd {
            var end: UInt8 = 0x0A
            guard Glibc.write(descriptor, &end, 1) == 1 else { throw LedgerError("cannot write the ledger") }
            return size + 1
        }
        guard ftruncate(descriptor, off_t(size - contents.tail)) == 0 else {
            throw LedgerError("cannot write the ledger")
        }
        return size - contents.tail
    }
}
