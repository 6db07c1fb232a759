internal import Glibc
internal import Synchronization

/// A file while it is being written: nothing is to be seen of it before `finish`, and nothing is left of it without.
public final class FileInWriting {
    private let path: String
    private let outline: FileOutline?
    private let stream: OpenStream
    /// What is written before it takes its place; nil for what is written where it is.
    private var beside: String?

    public init(_ place: WritingPlace) throws(FileTrouble) {
        path = place.path
        switch place.kind {
        case .stream(let stream):
            (outline, self.stream) = (nil, stream)
        case .file(let file):
            outline = file
            if file.mustStayInPlace {
                stream = OpenStream(try Self.open(file.path, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0, for: path))
            } else {
                let (name, descriptor) = try Self.makeBeside(file, for: path)
                beside = name
                stream = OpenStream(descriptor)
            }
        }
    }

    deinit {
        if let beside { unlink(beside) }
    }

    public func write(_ bytes: [UInt8]) throws(FileTrouble) {
        let failure = stream.write(bytes)
        guard failure == 0 else { throw FileTrouble(path: path, code: failure) }
    }

    /// Lets it be seen, whole.
    public func finish() throws(FileTrouble) {
        guard let outline, let beside else { return }
        // A disk that is full, or far away, may tell it only when a file is closed.
        let failure = stream.close()
        guard failure == 0 else { throw FileTrouble(path: path, code: failure) }
        guard rename(beside, outline.path) == 0 else { throw FileTrouble(path: path, code: errno) }
        self.beside = nil
    }

    private static func open(
        _ file: String, _ flags: Int32, _ mode: mode_t, for path: String
    ) throws(FileTrouble) -> Int32 {
        let descriptor = Glibc.open(file, flags | O_CLOEXEC | O_NOCTTY, mode)
        guard descriptor >= 0 else { throw FileTrouble(path: path, code: errno) }
        return descriptor
    }

    /// A new file of a name that nobody can have guessed, with the mode and the owner of the one that it replaces.
    private static func makeBeside(_ file: FileOutline, for path: String) throws(FileTrouble) -> (String, Int32) {
        let chance = String(UInt64.random(in: .min ... .max), radix: 36)
        let beside = "\(file.folder).gameday-\(chance).new"
        let descriptor = try open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600, for: path)
        var failure: Int32 = 0
        if let owner = file.owner, let group = file.group {
            // The group that is not ours to give is the only thing that may get lost.
            if fchown(descriptor, owner, group) != 0, fchown(descriptor, owner, gid_t.max) != 0 { failure = errno }
        }
        if failure == 0, fchmod(descriptor, file.mode) != 0 { failure = errno }
        guard failure == 0 else {
            close(descriptor)
            unlink(beside)
            throw FileTrouble(path: path, code: failure)
        }
        return (beside, descriptor)
    }
}

/// An open descriptor to write into, closed with its last user.
final class OpenStream: Sendable {
    /// How long a reader may take nothing at all.
    private static let patience: Int32 = 30_000

    private let descriptor: Int32
    private let isClosed = Flag()

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The standard output or the standard error output of this process, if what was looked at is one of them: opened
    /// anew, a file would begin at its beginning again, over what we wrote there.
    init?(ownOutput status: stat) {
        for own in [STDOUT_FILENO, STDERR_FILENO] {
            var known = stat()
            guard fstat(own, &known) == 0, known.st_dev == status.st_dev, known.st_ino == status.st_ino,
                fcntl(own, F_GETFL) & O_ACCMODE != O_RDONLY
            else { continue }
            let copy = dup(own)
            guard copy >= 0 else { return nil }
            descriptor = copy
            return
        }
        return nil
    }

    deinit {
        _ = close()
    }

    /// 0, or the `errno` of why it could not be written.
    func write(_ bytes: [UInt8]) -> Int32 {
        bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                // As much as a pipe takes without waiting, once it takes any.
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(PIPE_BUF)))
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                let ready = poll(&room, 1, Self.patience)
                if ready == 0 { return ETIMEDOUT }
                if ready < 0 && errno != EINTR { return errno }
                let count = Glibc.write(descriptor, part.baseAddress, part.count)
                if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                rest = rest.dropFirst(count)
            }
            return 0
        }
    }

    /// 0, or the `errno` of why what was written may be lost.
    func close() -> Int32 {
        guard isClosed.raise() else { return 0 }
        return Glibc.close(descriptor) == 0 ? 0 : errno
    }
}

/// Something that happens once, from whichever thread.
private final class Flag: Sendable {
    private let isRaised = Mutex(false)

    /// False when it was raised before.
    func raise() -> Bool {
        isRaised.withLock { raised in
            defer { raised = true }
            return !raised
        }
    }
}
