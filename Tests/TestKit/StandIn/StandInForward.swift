import Glibc

/// Plays an API server's port-forward over a WebSocket, as captured: two channels that each begin with the port, and
/// behind them a program that really listens. A test says how it goes wrong.
public struct StandInForward: Sendable {
    /// What happens once the WebSocket is open.
    public enum Course: Sendable, Equatable {
        /// The pod's bytes come in frames of at most so many bytes, and a message of so many frames, with a ping between.
        case relay(to: UInt16, frame: Int = 32768, frames: Int = 1)
        /// The node can't reach the port.
        case trouble(String)
        /// Nothing comes, and nothing is taken.
        case silent
        /// The pod's bytes come, and after so many the connection is cut.
        case cut(to: UInt16, after: Int)
        /// These bytes come as they are.
        case bytes([UInt8])
        /// The pod hangs up after each answer.
        case once(String)
    }

    /// What the server has to answer to the client's key.
    private let accept: @Sendable (String) -> String

    public init(accept: @escaping @Sendable (String) -> String) {
        self.accept = accept
    }

    /// Serves a connection to its end; false, as it can't be asked anything more.
    public func serve(_ request: StubRequest, _ connection: StubConnection, _ course: Course) -> Bool {
        guard let port = Self.port(request.line), let key = Self.header("sec-websocket-key", request),
            Self.header("sec-websocket-protocol", request) == "v4.channel.k8s.io"
        else {
            connection.respond(403, headers: ["Connection: close"])
            return false
        }
        let lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(accept(key))", "Sec-WebSocket-Protocol: v4.channel.k8s.io", "", "",
        ]
        connection.write(lines.joined(separator: "\r\n"))
        if case .bytes(let bytes) = course {
            connection.write(bytes)
            connection.waitForHangUp()
            return false
        }
        if course == .silent {
            connection.waitForHangUp()
            return false
        }
        for channel: UInt8 in [0, 1] {
            connection.write(Self.frame([channel, UInt8(port & 0xFF), UInt8(port >> 8)]))
        }
        follow(course, port, connection)
        return false
    }

    private func follow(_ course: Course, _ port: UInt16, _ connection: StubConnection) {
        switch course {
        case .trouble(let words):
            connection.write(Self.frame([1] + Array(words.utf8)))
            connection.write(Self.goodbye)
        case .once(let text):
            _ = connection.readFrame()
            connection.write(Self.frame([0] + Array(text.utf8)) + Self.goodbye)
        case .relay(let to, let frame, let frames): relay(connection, to, frame, frames, after: .max)
        case .cut(let to, let count): relay(connection, to, 32768, 1, after: count)
        case .silent, .bytes: break
        }
        connection.waitForHangUp(upTo: .seconds(5))
    }

    private func relay(_ connection: StubConnection, _ port: UInt16, _ size: Int, _ frames: Int, after: Int) {
        guard let pod = try? RawConnection(port: Int(port)) else {
            let words = "failed to connect to localhost:\(port): connect: connection refused"
            connection.write(Self.frame([1] + Array(words.utf8)) + Self.goodbye)
            return
        }
        var left = after
        while true {
            switch connection.waits(with: pod) {
            case .client:
                guard let frame = connection.readFrame(), frame.opcode == 2 || frame.opcode == 10 else { return }
                if frame.opcode == 2 { pod.write(bytes: frame.payload.dropFirst()) }
            case .pod:
                let bytes = pod.readSome()
                guard !bytes.isEmpty else {
                    connection.write(Self.goodbye)
                    return
                }
                let message = bytes.prefix(left)
                for frame in Self.frames([0] + message, size, frames) { connection.write(frame) }
                left -= message.count
                if left == 0 { return connection.cut() }
            }
        }
    }

    /// A message in several frames, with a ping after each but the last.
    private static func frames(_ message: [UInt8], _ size: Int, _ most: Int) -> [[UInt8]] {
        let pieces = stride(from: 0, to: message.count, by: size).map {
            Array(message[$0..<min(message.count, $0 + size)])
        }
        if most == 1 { return pieces.enumerated().map { frame(($0.offset == 0 ? [] : [0]) + $0.element) } }
        return pieces.enumerated().flatMap { place, piece -> [[UInt8]] in
            let isLast = place == pieces.count - 1
            let part = frame(piece, opcode: place == 0 ? 2 : 0, isFinal: isLast)
            return isLast ? [part] : [part, frame(Array("hey".utf8), opcode: 9)]
        }
    }

    public static func frame(_ payload: [UInt8], opcode: UInt8 = 2, isFinal: Bool = true) -> [UInt8] {
        let length: [UInt8] =
            payload.count < 126
            ? [UInt8(payload.count)] : [126, UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF)]
        return [(isFinal ? 0x80 : 0) | opcode] + length + payload
    }

    private static let goodbye = frame([0x03, 0xE8], opcode: 8)

    private static func port(_ line: String) -> UInt16? {
        line.contains("/portforward?") ? line.firstRange(of: "ports=").flatMap { UInt16(line[$0.upperBound...]) } : nil
    }

    private static func header(_ name: String, _ request: StubRequest) -> String? {
        request.headers.first { $0.lowercased().hasPrefix(name + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

extension StubConnection {
    /// The next frame of a client, unmasked; nil when it is gone.
    func readFrame() -> (opcode: UInt8, payload: [UInt8])? {
        guard let head = readBytes(2), head[1] & 0x80 != 0 else { return nil }
        var count = Int(head[1] & 0x7F)
        if count >= 126 {
            guard let more = readBytes(count == 126 ? 2 : 8) else { return nil }
            count = more.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let mask = readBytes(4), let payload = readBytes(count) else { return nil }
        return (head[0] & 0x0F, payload.enumerated().map { $0.element ^ mask[$0.offset % 4] })
    }
}
