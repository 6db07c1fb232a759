import Glibc

/// TCP sockets on the loopback device, as descriptors; -1 with `errno` where that fails.
enum LoopbackSocket {
    /// A socket that listens and does not block. `SO_REUSEADDR` lets it pass over connections that a former listener
    /// left in TIME_WAIT.
    static func listening(on port: Int, of host: String = "127.0.0.1", backlog: Int32) -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let socket = socket(AF_INET, Int32(kind), 0)
        guard socket >= 0 else { return -1 }
        set(SO_REUSEADDR, at: SOL_SOCKET, of: socket)
        // Accepted sockets inherit it: an answer is to leave at once.
        set(TCP_NODELAY, at: Int32(IPPROTO_TCP), of: socket)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            close(socket)
            errno = EINVAL
            return -1
        }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isBound, listen(socket, backlog) == 0 { return socket }
        let failure = errno
        close(socket)
        errno = failure
        return -1
    }

    /// The next connection, which does not block.
    static func accepted(from listener: Int32) -> Int32 {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { return -1 }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        return socket
    }

    static func port(of socket: Int32) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) == 0 }
        }
        return isKnown ? Int(in_port_t(bigEndian: address.sin_port)) : 0
    }

    private static func set(_ option: Int32, at level: Int32, of socket: Int32) {
        var yes: Int32 = 1
        setsockopt(socket, level, option, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
}
