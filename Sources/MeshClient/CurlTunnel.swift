internal import CCurl
internal import Glibc

/// One WebSocket to an API server and the connection of libcurl's that it carries. It belongs to the curl thread.
///
/// libcurl makes the connection to the server, TLS and proxy and all, and hands it over (CURLOPT_CONNECT_ONLY); the frames
/// are ours. On the other side libcurl connects to us, where nobody else can, and takes that for a connection to the pod:
/// it keeps it, and asks there again.
final class CurlTunnel {
    private enum Stage {
        case connecting, asking, open
        /// The pod, or the server, has said its last; what came of it is still being taken.
        case draining
        case over
    }

    /// So much may wait in either direction.
    private static let room = 64 << 10
    private static let piece = 16 << 10

    let tunnel: PodTunnel
    /// The connection to the API server.
    let outer = CurlTransfer()
    /// Where that connection is kept.
    var share: CurlShare? {
        didSet { _ = curl_set_pointer(outer.easy, CURLOPT_SHARE, share?.handle) }
    }
    /// Our end of the pair.
    private(set) var near: Int32 = -1
    private(set) var socket: Int32 = -1
    /// Why there is no way, once there is none.
    private(set) var failure: TransportError?
    private let sockets: CurlSockets
    private var stage = Stage.connecting
    private var handshake: WebSocketHandshake
    private var reader = WebSocketReader()
    private var channels: PodChannels
    private var toServer = CurlBacklog()
    private var fromPod = CurlBacklog()
    /// What libcurl said before anybody could take it.
    private var early: [UInt8] = []
    /// Nobody has to be asked in vain: there is something to be read, as far as is known.
    private var canHearClient = true
    private var canHearServer = true
    private var random = SystemRandomNumberGenerator()

    init(_ tunnel: PodTunnel, sockets: CurlSockets) {
        self.tunnel = tunnel
        self.sockets = sockets
        channels = PodChannels(port: tunnel.port)
        var generator = SystemRandomNumberGenerator()
        handshake = WebSocketHandshake(nonce: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// libcurl is connected to us.
    func begin(_ near: Int32) {
        self.near = near
        sockets.opened(near)
    }

    var isOver: Bool { if case .over = stage { true } else { false } }

    /// True once the pod can be heard.
    var isOpen: Bool {
        switch stage {
        case .connecting, .asking: false
        case .open, .draining, .over: true
        }
    }

    /// The connection to the server stands, or does not.
    func connected(_ result: Result<Void, TransportError>) {
        guard case .connecting = stage else { return }
        if case .failure(let error) = result { return fail(Self.told(error)) }
        socket = curl_get_socket(outer.easy)
        guard socket >= 0 else { return fail(.closed("the API server closed the connection")) }
        stage = .asking
        toServer.append(
            handshake.request(target: tunnel.target, host: tunnel.authority, headers: tunnel.headers))
        pump()
    }

    /// What is wrong with the way is said of the way, and not of the pod.
    private static func told(_ error: TransportError) -> TransportError {
        switch error {
        case .timedOut: .tunnel(status: nil, "the API server timed out")
        case .refused(let cause): .tunnel(status: nil, "connection refused at the API server's address (\(cause))")
        default: error
        }
    }

    /// Something happened at one of its ends.
    func pump(_ descriptor: Int32) {
        if descriptor == near { canHearClient = true } else { canHearServer = true }
        pump()
    }

    /// Moves on what can be moved, in both directions, until neither side gives or takes more.
    func pump() {
        do throws(TransportError) {
            while try pumpOnce() {}
        } catch {
            fail(error)
        }
        if case .draining = stage, fromPod.isEmpty { stage = .over }
        watch()
    }

    private func pumpOnce() throws(TransportError) -> Bool {
        var hasMoved = try takeFromClient()
        switch stage {
        case .connecting, .over: return hasMoved
        case .asking, .open:
            if try giveToServer() { hasMoved = true }
            if canHearServer, fromPod.isEmpty, try takeFromServer() { hasMoved = true }
        case .draining: break
        }
        if giveToClient() { hasMoved = true }
        return hasMoved
    }

    /// Reads what libcurl asks of the pod.
    private func takeFromClient() throws(TransportError) -> Bool {
        guard canHearClient, !isOver, toServer.count + early.count < Self.room else { return false }
        let count = withUnsafeTemporaryAllocation(byteCount: Self.piece, alignment: 8) { buffer in
            let count = recv(near, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { send(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return count
        }
        // What comes later is told.
        canHearClient = count == Self.piece
        if count > 0 { return true }
        if count < 0, errno == EAGAIN || errno == EINTR { return false }
        // libcurl let go of it. There is nobody to be told anything any more.
        if case .open = stage {
            // 1000: nothing is wrong.
            let normal: [UInt8] = [0x03, 0xE8]
            normal.withUnsafeBytes {
                WebSocketFrame.append(.close, [$0], mask: random.next(), to: &toServer.bytes)
            }
            _ = try giveToServer()
        }
        stage = .over
        return false
    }

    private func send(_ bytes: UnsafeRawBufferPointer) {
        guard case .open = stage else { return early.append(contentsOf: bytes) }
        frame(bytes)
    }

    private func frame(_ bytes: UnsafeRawBufferPointer) {
        var channel: UInt8 = 0
        withUnsafeBytes(of: &channel) {
            WebSocketFrame.append(.binary, [$0, bytes], mask: random.next(), to: &toServer.bytes)
        }
    }

    private func giveToServer() throws(TransportError) -> Bool {
        guard !toServer.isEmpty else { return false }
        var sent = 0
        let code = toServer.rest { curl_easy_send(outer.easy, $0.baseAddress, $0.count, &sent) }
        if code == CURLE_AGAIN { return false }
        guard code == CURLE_OK else { throw .closed("the API server closed the connection") }
        toServer.drop(sent)
        return sent > 0
    }

    private func takeFromServer() throws(TransportError) -> Bool {
        var failure: TransportError?
        let count = withUnsafeTemporaryAllocation(byteCount: 32 << 10, alignment: 8) { buffer -> Int in
            var count = 0
            let code = curl_easy_recv(outer.easy, buffer.baseAddress, buffer.count, &count)
            if code == CURLE_AGAIN {
                canHearServer = false
                return 0
            }
            do throws(TransportError) {
                guard code == CURLE_OK, count > 0 else {
                    try serverEnded()
                    return 0
                }
                try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch {
                failure = error
            }
            return count
        }
        if let failure { throw failure }
        return count > 0
    }

    private func serverEnded() throws(TransportError) {
        if case .asking = stage {
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            if let outcome = try? handshake.take(nothing, isEnd: true) { return try begin(outcome) }
        }
        throw .closed("the API server closed the connection")
    }

    private func take(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        do throws(WebSocketError) {
            if case .asking = stage {
                guard let outcome = try handshake.take(bytes) else { return }
                do throws(TransportError) { try begin(outcome) } catch { return fail(error) }
            } else {
                try reader.take(bytes) { event throws(WebSocketError) in try take(event) }
            }
        } catch {
            throw .notHTTP("the API server sent \(error.found)")
        }
    }

    private func begin(_ outcome: WebSocketHandshake.Outcome) throws(TransportError) {
        guard case .open(let rest) = outcome else {
            guard case .refused(let status, let words) = outcome else { return }
            throw .tunnel(status: status, words.isEmpty ? "the API server answers with status \(status)" : words)
        }
        stage = .open
        early.withUnsafeBytes { if !$0.isEmpty { frame($0) } }
        early = []
        var failure: TransportError?
        rest.withUnsafeBytes { bytes in
            do throws(TransportError) { if !bytes.isEmpty { try take(bytes) } } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func take(_ event: WebSocketReader.Event) throws(WebSocketError) {
        switch event {
        case .piece(let bytes, let isFirst, let isLast):
            try channels.take(bytes, isFirst: isFirst, isLast: isLast, into: &fromPod.bytes)
            if isLast, !channels.trouble.isEmpty { end() }
        case .ping(let bytes):
            bytes.withUnsafeBytes { WebSocketFrame.append(.pong, [$0], mask: random.next(), to: &toServer.bytes) }
        case .pong: break
        case .close: end()
        }
    }

    /// The pod's connection is over, for the reason that came on its own channel if any did.
    private func end() {
        if !channels.trouble.isEmpty {
            let words = String(decoding: channels.trouble, as: UTF8.self)
            failure = words.contains("connection refused") ? .refused(words) : .tunnel(status: nil, words)
        }
        stage = .draining
    }

    /// Hands libcurl what came from the pod.
    private func giveToClient() -> Bool {
        guard !isOver, !fromPod.isEmpty else { return false }
        let count = fromPod.rest {
            Glibc.send(near, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        if count > 0 {
            fromPod.drop(count)
            return true
        }
        if errno != EAGAIN, errno != EINTR { stage = .over }
        return false
    }

    private func fail(_ error: TransportError) {
        if failure == nil { failure = error }
        stage = .over
    }

    private func watch() {
        guard !isOver else { return }
        sockets.want(
            near,
            (toServer.count + early.count < Self.room ? CURL_POLL_IN : 0) | (fromPod.isEmpty ? 0 : CURL_POLL_OUT))
        guard socket >= 0 else { return }
        sockets.want(socket, (fromPod.isEmpty ? CURL_POLL_IN : 0) | (toServer.isEmpty ? 0 : CURL_POLL_OUT))
    }
}

/// Bytes that wait for somebody to take them.
struct CurlBacklog {
    var bytes: [UInt8] = []
    private var taken = 0

    var count: Int { bytes.count - taken }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: [UInt8]) { bytes += more }

    func rest<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[taken...])) }
    }

    mutating func drop(_ count: Int) {
        taken += count
        guard taken >= bytes.count else { return }
        // Two thousand tunnels that keep the room of a page each would take more than all the rest.
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 10)
        taken = 0
    }
}
