import Glibc
import Synchronization

/// The client's end of a connection on which a test says what it likes, and as slowly as it likes.
public final class RawConnection: Sendable {
    let descriptor: Int32

    public init(unixSocket path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        try withUnsafeBytes(of: &address) { try connect($0) }
    }

    /// To a port of 127.0.0.1.
    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        try withUnsafeBytes(of: &address) { try connect($0) }
    }

    deinit {
        close(descriptor)
    }

    private func connect(_ address: UnsafeRawBufferPointer) throws {
        // Nobody waits for a peer longer than this.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let place = address.assumingMemoryBound(to: sockaddr.self)
        guard Glibc.connect(descriptor, place.baseAddress, socklen_t(address.count)) == 0 else {
            throw StubError(what: "connect", code: errno)
        }
    }

    /// False when the peer is gone, or reads nothing for ten seconds.
    @discardableResult
    public func write(_ text: String) -> Bool {
        write(bytes: Array(text.utf8)[...])
    }

    @discardableResult
    func write(bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// What has come; nothing when the peer is gone.
    func readSome() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    /// Says that nothing more will come from here.
    public func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Everything until the peer hangs up, or until it holds this.
    public func read(until mark: String? = nil) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 { bytes += chunk[..<count] }
            let text = String(decoding: bytes, as: UTF8.self)
            if count <= 0 || mark.map(text.contains) == true { return text }
        }
    }

    /// Says it all, hangs up on that side, and reads the answer.
    public func ask(_ text: String) -> String {
        write(text)
        return read()
    }
}

/// Threads that do the same again and again until they are stopped.
public final class Flood: Sendable {
    private let isOver = Mutex(false)
    private let running: Mutex<Int>

    public init(threads: Int, _ body: @escaping @Sendable () -> Void) {
        running = Mutex(threads)
        for _ in 0..<threads {
            OwnThread.start { [self] in
                while !isOver.withLock({ $0 }) { body() }
                running.withLock { $0 -= 1 }
            }
        }
    }

    /// Returns when all have ended.
    public func stop() async throws {
        isOver.withLock { $0 = true }
        while running.withLock({ $0 > 0 }) { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// A thread that nothing else shares, for what blocks.
public enum OwnThread {
    private final class Work {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    public static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Work(body)).toOpaque())
        pthread_detach(thread)
    }
}
