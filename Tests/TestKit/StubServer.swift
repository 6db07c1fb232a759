import Glibc
import Synchronization

/// A server of plain sockets for tests of clients: it can answer well, badly, slowly, in halves or never, and it sees
/// when the client hangs up. Each connection has a thread, since the answers may block.
public final class StubServer: Sendable {
    /// What the server has seen, in order.
    public enum Event: Equatable, Sendable {
        case connected
        case asked(String)
        case hungUp
    }

    /// Answers one request; the connection ends after an answer of false.
    public typealias Answer = @Sendable (StubRequest, StubConnection) -> Bool

    /// The port on 127.0.0.1; 0 for a server on a Unix socket.
    public let port: UInt16
    public let unixSocket: String?
    public let events: AsyncStream<Event>
    private let seen: AsyncStream<Event>.Continuation
    private let listener: Int32
    private let answer: Answer
    private let connections = Mutex<Set<Int32>>([])

    public var url: String { "http://127.0.0.1:\(port)" }

    /// Listens on a free port or on this one, or on the Unix socket if there is a path.
    public init(unixSocket: String? = nil, port: UInt16 = 0, answer: @escaping Answer) throws {
        (listener, self.port) = try unixSocket.map { (try Self.listen(path: $0), 0) } ?? Self.listenOnLoopback(port)
        self.unixSocket = unixSocket
        self.answer = answer
        (events, seen) = AsyncStream.makeStream()
        Self.thread { [weak self, listener] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0, let self else { return }
                self.serve(descriptor)
            }
        }
    }

    deinit {
        stop()
        close(listener)
    }

    /// Hangs up everywhere and accepts nobody any more.
    public func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        connections.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    /// Waits until the server has seen this.
    public func waits(for event: Event) async -> Bool {
        for await seen in events where seen == event { return true }
        return false
    }

    private func serve(_ descriptor: Int32) {
        connections.withLock { _ = $0.insert(descriptor) }
        seen.yield(.connected)
        Self.thread { [self] in
            let connection = StubConnection(descriptor: descriptor)
            while let request = connection.read() {
                seen.yield(.asked(request.line))
                guard answer(request, connection) else { break }
            }
            seen.yield(.hungUp)
            connections.withLock { _ = $0.remove(descriptor) }
            close(descriptor)
        }
    }

    private static func thread(_ work: @escaping @Sendable () -> Void) {
        final class Work {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(Work(work)).toOpaque())
        pthread_detach(thread)
    }

    private static func listenOnLoopback(_ port: UInt16) throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // Connections of whoever had the port before may still be on their way out.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failure = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | Glibc.listen(descriptor, 1024) | getsockname(descriptor, $0, &size)
            }
        }
        guard descriptor >= 0, failure == 0 else { throw StubError(what: "listen on loopback", code: errno) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func listen(path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let failure = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) | Glibc.listen(descriptor, 1024)
            }
        }
        guard descriptor >= 0, failure == 0 else { throw StubError(what: "listen on \(path)", code: errno) }
        return descriptor
    }
}

/// The machine refused what a test needs.
public struct StubError: Error {
    public let what: String
    public let code: Int32
}

/// One request as it came over the wire.
public struct StubRequest: Sendable {
    /// The first line without the version: method and target.
    public var line: String
    /// The header lines as they were spelled.
    public var headers: [String]
    public var body: [UInt8]

    public init(line: String, headers: [String] = [], body: [UInt8] = []) {
        (self.line, self.headers, self.body) = (line, headers, body)
    }

    /// A part of a target without its escapes.
    static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
