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

    /// Blocks until the client closes its end; bytes that come meanwhile are dropped.
    public func waitForHangUp() {
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) > 0 {}
    }

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
