internal import CLinux
internal import Glibc

/// A socket that listens, and who may come in there.
struct Doorway: ~Copyable {
    let descriptor: Int32
    let door: Server.Door

    /// A Unix socket, the owner's alone. The path must be free.
    init(unix path: String, _ door: Server.Door) throws(SocketClaimError) {
        let descriptor = socket(AF_UNIX, Self.kind, 0)
        guard descriptor >= 0 else { throw Self.failure("open a socket") }
        let isBound = Self.bind(descriptor, to: path)
        guard isBound, chmod(path, 0o600) == 0, listen(descriptor, Self.backlog) == 0 else {
            defer { close(descriptor) }
            throw Self.failure("listen at \(path)")
        }
        self.init(descriptor: descriptor, door: door)
    }

    /// A free port of 127.0.0.1.
    init(loopback door: Server.Door) throws(SocketClaimError) {
        let descriptor = socket(AF_INET, Self.kind, 0)
        guard descriptor >= 0 else { throw Self.failure("open a socket") }
        var yes: Int32 = 1
        // Accepted sockets inherit it: an answer is to leave at once.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(descriptor, Self.backlog) == 0 else {
            defer { close(descriptor) }
            throw Self.failure("listen on 127.0.0.1")
        }
        self.init(descriptor: descriptor, door: door)
    }

    private init(descriptor: Int32, door: Server.Door) {
        self.descriptor = descriptor
        self.door = door
    }

    deinit {
        close(descriptor)
    }

    /// Its port, if it has one.
    var port: Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        }
        return isKnown ? Int(in_port_t(bigEndian: address.sin_port)) : 0
    }

    /// Who comes in next.
    enum Arrival {
        case visitor(Int32)
        /// Somebody whom this socket is not for; shown out already.
        case stranger
        case nobody
        /// The system has no descriptors or no memory left.
        case noRoom
    }

    /// The next connection. Through a Unix socket only the owner comes in, and root, whatever the file's mode says.
    func next() -> Arrival {
        var user = uid_t.max
        let visitor = gameday_accept(descriptor, &user)
        if visitor < 0 {
            switch errno {
            case EAGAIN: return .nobody
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .noRoom
            default: return .stranger
            }
        }
        guard door == .loopback || user == geteuid() || user == 0 else {
            close(visitor)
            return .stranger
        }
        return .visitor(visitor)
    }

    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    /// The kernel keeps fewer where its own limit is lower.
    private static let backlog: Int32 = 4096

    private static func bind(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard bytes.count < place.count else { return false }
            place.copyBytes(from: bytes)
            return true
        }
        guard fits else {
            errno = ENAMETOOLONG
            return false
        }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private static func failure(_ doing: String) -> SocketClaimError {
        .system(doing: doing, why: String(cString: strerror(errno)))
    }
}
