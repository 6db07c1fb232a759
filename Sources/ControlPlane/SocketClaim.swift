internal import Glibc
public import MeshClient
public import MeshModel

/// Why a control plane can't have its Unix socket.
public enum SocketClaimError: Explained, Equatable {
    case tooLong(path: String)
    case taken(path: String, by: String)
    case notASocket(path: String)
    /// The folder is not ours alone, or closed to us.
    case folder(path: String, TransportError)
    case system(doing: String, why: String)

    public var summary: String {
        switch self {
        case .tooLong(let path):
            "the socket's path has \(path.utf8.count) bytes, more than \(SocketClaim.longestPath): \(path)"
        case .taken(let path, let process): "a control plane is already running (\(process)) at \(path)"
        case .notASocket(let path): "\(path) exists and is not a socket of gameday"
        case .folder(let path, let error): "cannot create the socket in \(path): \(error.summary)"
        case .system(let doing, let why): "cannot \(doing): \(why)"
        }
    }

    public var remedy: String? {
        switch self {
        case .tooLong: "Choose a shorter path with --socket or GAMEDAY_SOCKET."
        case .taken: "Use it, run `gameday down` to end it, or choose another path with --socket."
        case .notASocket: "Move it away, or choose another path with --socket."
        case .folder: "Choose a private folder with --socket or XDG_RUNTIME_DIR."
        case .system: nil
        }
    }
}

/// The right to listen at a path: one process has it at a time, by a lock that its death releases.
struct SocketClaim: ~Copyable {
    /// What fits into `sun_path` with its closing zero (unix(7)), less what the halt's own socket has more.
    static let longestPath = 107 - ControlPlaneSocket.haltSuffix.utf8.count

    let path: String
    private let lock: Int32

    /// Makes the folder, takes the lock, and removes the socket of a process that died.
    init(path: String) throws(SocketClaimError) {
        guard path.utf8.count <= Self.longestPath else { throw .tooLong(path: path) }
        let folder = Folders.parent(of: path)
        guard Folders.make(folder) else { throw Self.failure("create \(folder)") }
        do { try PrivateFolder.check(folder) } catch { throw .folder(path: folder, error) }
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw Self.failure("open \(path).lock") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(lock) }
            throw .taken(path: path, by: Self.holder(lock))
        }
        do throws(SocketClaimError) {
            try Self.removeStale(path)
            try Self.removeStale(ControlPlaneSocket.halt(of: path))
        } catch {
            close(lock)
            throw error
        }
        let holder = Array("process \(getpid())\n".utf8)
        ftruncate(lock, 0)
        _ = holder.withUnsafeBytes { pwrite(lock, $0.baseAddress, $0.count, 0) }
        self.lock = lock
        self.path = path
    }

    /// Gives the path up; so does the end of the claim's life.
    consuming func release() {}

    deinit {
        unlink(ControlPlaneSocket.halt(of: path))
        unlink(path)
        close(lock)
    }

    /// Nobody listens there: the lock is ours. Only a socket is ever removed.
    private static func removeStale(_ path: String) throws(SocketClaimError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        guard unlink(path) == 0 else { throw failure("remove \(path)") }
    }

    private static func holder(_ lock: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(lock, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        return text.isEmpty ? "a process" : String(text.prefix { $0 != "\n" })
    }

    private static func failure(_ doing: String) -> SocketClaimError {
        .system(doing: doing, why: String(cString: strerror(errno)))
    }
}
