import Glibc

/// The server's end of one connection.
public final class StubConnection: Sendable {
    private let descriptor: Int32

    /// Speaks on a connected socket, which stays the caller's to close.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes a whole answer with its length; true, so that it can end an answer which goes on.
    @discardableResult
    public func respond(_ status: Int = 200, headers: [String] = [], body: [UInt8] = []) -> Bool {
        let head = ["HTTP/1.1 \(status) Something", "Content-Length: \(body.count)"] + headers + ["", ""]
        write(Array(head.joined(separator: "\r\n").utf8) + body)
        return true
    }

    @discardableResult
    public func respond(_ status: Int = 200, headers: [String] = [], body: String) -> Bool {
        respond(status, headers: headers, body: Array(body.utf8))
    }

    /// Writes bytes as they are; false when the client is gone.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    public func write(_ text: String) -> Bool {
        write(Array(text.utf8))
    }

    /// Writes bytes as one piece of a body that is sent in pieces; false when the client is gone.
    @discardableResult
    public func writeChunk(_ bytes: [UInt8]) -> Bool {
        bytes.isEmpty || write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    /// Takes nothing more from the client; who waits for it to hang up waits no longer.
    public func stopReading() { shutdown(descriptor, Int32(SHUT_RD)) }

    /// Blocks until the client closes its end; bytes that come meanwhile are dropped. False when it has not after so long.
    @discardableResult
    public func waitForHangUp(upTo limit: Duration? = nil) -> Bool {
        var byte: UInt8 = 0
        let end = limit.map { ContinuousClock.now + $0 }
        while true {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = end.map { max(0, ContinuousClock.now.duration(to: $0) / .milliseconds(1)) }
            let ready = poll(&wait, 1, left.map { Int32($0.rounded(.up)) } ?? -1)
            if ready == 0 { return false }
            if ready < 0, errno == EINTR { continue }
            if recv(descriptor, &byte, 1, 0) <= 0 { return true }
        }
    }

    /// So many bytes as they come, or nil when the client leaves before.
    func readBytes(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        guard count > 0 else { return bytes }
        return recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
    }

    enum Side {
        case client, pod
    }

    /// Blocks until one of two has something to say, or is gone.
    func waits(with pod: RawConnection) -> Side {
        var both = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pod.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&both, 2, -1) < 0, errno == EINTR {}
        return both[0].revents != 0 ? .client : .pod
    }

    /// Hangs up at once.
    func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The next request, or nil when there is none any more.
    func read() -> StubRequest? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(descriptor, &byte, 1, 0) == 1 else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard let first = lines.first else { return nil }
        let headers = Array(lines.dropFirst())
        let length = headers.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop(while: { $0 == " " })) }
        var body: [UInt8] = []
        while body.count < length ?? 0 {
            guard recv(descriptor, &byte, 1, 0) == 1 else { return nil }
            body.append(byte)
        }
        let line = first.split(separator: " ").prefix(2).joined(separator: " ")
        return StubRequest(line: line, headers: headers, body: body)
    }
}
