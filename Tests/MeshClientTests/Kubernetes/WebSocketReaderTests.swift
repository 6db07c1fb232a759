import TestKit
import Testing

@testable import MeshClient

struct WebSocketReaderTests {
    enum Told: Equatable {
        case piece(String, isFirst: Bool, isLast: Bool)
        case ping(String), pong
        case close(UInt16?, String)
    }

    /// What comes out when the bytes come in pieces of this size.
    private static func told(_ bytes: [UInt8], piece: Int = .max) throws -> [Told] {
        var reader = WebSocketReader()
        var told: [Told] = []
        for start in stride(from: 0, to: bytes.count, by: min(piece, bytes.count)) {
            try bytes[start..<min(bytes.count, start + min(piece, bytes.count))].withUnsafeBytes { buffer in
                try reader.take(buffer) { event throws(WebSocketError) in
                    switch event {
                    case .piece(let bytes, let isFirst, let isLast):
                        told.append(.piece(String(decoding: bytes, as: UTF8.self), isFirst: isFirst, isLast: isLast))
                    case .ping(let bytes): told.append(.ping(String(decoding: bytes, as: UTF8.self)))
                    case .pong: told.append(.pong)
                    case .close(let code, let reason): told.append(.close(code, reason))
                    }
                }
            }
        }
        return told
    }

    private static func frame(_ text: String, _ opcode: UInt8 = 2, isFinal: Bool = true) -> [UInt8] {
        StandInForward.frame(Array(text.utf8), opcode: opcode, isFinal: isFinal)
    }

    @Test func `a message may come in several frames, with pings between`() throws {
        let bytes =
            Self.frame("one", isFinal: false) + Self.frame("hey", 9) + Self.frame("two", 0, isFinal: false)
            + Self.frame("", 0) + Self.frame("", 10)
        #expect(
            try Self.told(bytes) == [
                .piece("one", isFirst: true, isLast: false), .ping("hey"), .piece("two", isFirst: false, isLast: false),
                .piece("", isFirst: false, isLast: true), .pong,
            ])
    }

    @Test func `however it is cut, the same bytes come out`() throws {
        let long = String(repeating: "x", count: 300)
        let bytes = Self.frame(long) + Self.frame("a", 9) + Self.frame("b", isFinal: false) + Self.frame("c", 0)
        func joined(_ told: [Told]) -> String {
            told.map { if case .piece(let text, _, let isLast) = $0 { text + (isLast ? "." : "") } else { "" } }
                .joined()
        }
        for piece in [1, 2, 3, 7, 299] { #expect(joined(try Self.told(bytes, piece: piece)) == long + ".bc.") }
    }

    @Test func `the end has a code and a reason, and nothing counts behind it`() throws {
        let end = StandInForward.frame([0x03, 0xE8] + Array("bye".utf8), opcode: 8)
        #expect(try Self.told(end + Self.frame("more")) == [.close(1000, "bye")])
        #expect(try Self.told(Self.frame("", 8)) == [.close(nil, "")])
    }

    @Test(
        arguments: [
            [0xC2, 0], [0x82, 0x80, 1, 2, 3, 4], [0x80, 0], [0x02, 0, 0x82, 0], [0x89, 126, 0, 126], [0x09, 0],
            [0x81, 0],
            [0x83, 0], [0x82, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func `what a server must not send is an error`(bytes: [UInt8]) {
        #expect(throws: WebSocketError.self) { try Self.told(bytes) }
        #expect(throws: WebSocketError.self) { try Self.told(bytes, piece: 1) }
    }

    @Test(arguments: [0, 5, 125, 126, 70_000])
    func `a client's frames are masked, and whole`(count: Int) throws {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        var bytes: [UInt8] = []
        payload.withUnsafeBytes { WebSocketFrame.append(.binary, [$0], mask: 0x0102_0304, to: &bytes) }
        let header = count < 126 ? 2 : count < 65536 ? 4 : 10
        #expect(bytes[0] == 0x82)
        #expect(bytes[1] & 0x80 != 0)
        #expect(Array(bytes[header..<(header + 4)]) == [1, 2, 3, 4])
        #expect(bytes.dropFirst(header + 4).enumerated().map { $0.element ^ UInt8($0.offset % 4 + 1) } == payload)
    }

    @Test func `the pod's bytes are told from their channel and from the port that begins it`() throws {
        var channels = PodChannels(port: 15000)
        var bytes: [UInt8] = []
        for message in [[0, 0x98], [0, 0x3A], [1, 0x98, 0x3A], [0] + Array("abc".utf8), [1] + Array("no".utf8)] {
            try message.withUnsafeBytes { try channels.take($0, isFirst: true, isLast: true, into: &bytes) }
        }
        #expect(bytes == Array("abc".utf8))
        #expect(channels.trouble == Array("no".utf8))
        #expect(channels.isOpen)
        #expect(throws: WebSocketError.self) {
            try [UInt8(2)].withUnsafeBytes { try channels.take($0, isFirst: true, isLast: true, into: &bytes) }
        }
        var other = PodChannels(port: 15090)
        #expect(throws: WebSocketError.self) {
            try [0, 0x98, 0x3A].withUnsafeBytes { try other.take($0, isFirst: true, isLast: true, into: &bytes) }
        }
    }
}

struct WebSocketHandshakeTests {
    private static let yes = [
        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol: v4.channel.k8s.io", "", "",
    ]

    private static func outcome(_ lines: [String], isEnd: Bool = false) throws -> WebSocketHandshake.Outcome? {
        // The key of RFC 6455 section 1.3.
        var handshake = WebSocketHandshake(nonce: Array("the sample nonce".utf8))
        return try Array(lines.joined(separator: "\r\n").utf8).withUnsafeBytes { try handshake.take($0, isEnd: isEnd) }
    }

    @Test(arguments: [
        ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("PclaGdtEbcW265MrTmcBJg==", "lrWzYdivoo04yspW88FBkyDA2hk="),
        ("GgdIYq1evyQZLvSODJJ37g==", "qaCkFzpY4KM8RbF0c0lfQMdmX8Y="),
    ])
    func `a key has one answer`(key: String, answer: String) {
        #expect(WebSocketHandshake.accept(key) == answer)
    }

    @Test(arguments: [0, 3, 55, 56, 63, 64, 119, 120, 1000])
    func `a hash is of every length`(count: Int) {
        let hash = SHA1.hash([UInt8](repeating: 0x61, count: count))
        #expect(hash.count == 20)
        if count == 0 { #expect(hash.prefix(4) == [0xDA, 0x39, 0xA3, 0xEE]) }
        if count == 3 { #expect(SHA1.hash(Array("abc".utf8)).prefix(4) == [0xA9, 0x99, 0x3E, 0x36]) }
    }

    @Test func `a yes opens the way, and what follows it belongs to the pod`() throws {
        #expect(try Self.outcome(Self.yes) == .open(rest: []))
        #expect(try Self.outcome(Self.yes.dropLast() + ["ab"]) == .open(rest: Array("ab".utf8)))
        #expect(try Self.outcome(Array(Self.yes.dropLast(2))) == nil)
    }

    @Test func `a yes to something else is none`() {
        for (line, other) in [(3, "Sec-WebSocket-Accept: x"), (4, "Sec-WebSocket-Protocol: "), (1, "Upgrade: h2c")] {
            var lines = Self.yes
            lines[line] = other
            #expect(throws: WebSocketError.self) { try Self.outcome(lines) }
        }
        #expect(throws: WebSocketError.self) { try Self.outcome(["SSH-2.0-OpenSSH", "", ""]) }
    }

    @Test func `a refusal has the server's words`() throws {
        let body = "{\"kind\":\"Status\",\"message\":\"pods \\\"a\\\" is forbidden\",\"code\":403}"
        let head = ["HTTP/1.1 403 Forbidden", "Content-Length: \(body.utf8.count)", ""]
        #expect(try Self.outcome(head + [body]) == .refused(status: 403, words: "pods \"a\" is forbidden"))
        #expect(try Self.outcome(head + [String(body.dropLast())]) == nil)
        #expect(try Self.outcome(["HTTP/1.1 403 Forbidden", "Connection: close", "", ""]) == nil)
        #expect(
            try Self.outcome(["HTTP/1.1 403 Forbidden", "Connection: close", "", ""], isEnd: true)
                == .refused(status: 403, words: ""))
    }
}
