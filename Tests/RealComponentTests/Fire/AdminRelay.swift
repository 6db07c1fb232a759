import Glibc
import Synchronization
import TestKit

/// Stands between gameday and the admin page of a real Envoy, and can hold one request, before Envoy sees it or before
/// its answer goes back: so that a test strikes at that very step.
final class AdminRelay: Sendable {
    /// Which request is held, and on which side of Envoy.
    struct Gate: Sendable {
        enum Side: Sendable {
            case beforeEnvoy, beforeTheAnswer
        }

        var side: Side
        /// It is set only once a request with such a first line has passed.
        var after: (@Sendable (String) -> Bool)?
        /// Of the first line: method and target.
        var holds: @Sendable (String) -> Bool
    }

    /// What the way to Envoy is like.
    enum Way: Sendable {
        case open
        /// Requests are taken and never answered.
        case silent
        /// Connections are closed at once.
        case cut
    }

    private struct State {
        var upstream: UInt16
        var way = Way.open
        var gate: Gate?
        var isHolding = false
    }

    private final class Page: Sendable {
        let state: Mutex<State>

        init(upstream: UInt16) { state = Mutex(State(upstream: upstream)) }
    }

    private let page: Page
    private let server: StubServer

    var url: String { server.url }

    init(upstream: UInt16) throws {
        let page = Page(upstream: upstream)
        self.page = page
        server = try StubServer { request, connection in
            switch page.state.withLock({ $0.way }) {
            case .open: break
            case .cut: return false
            case .silent:
                connection.waitForHangUp()
                return false
            }
            Self.pass(request.line, .beforeEnvoy, page)
            let answer = Self.forward(request, to: page.state.withLock { $0.upstream })
            Self.pass(request.line, .beforeTheAnswer, page)
            if let answer { connection.write(answer) }
            return false
        }
    }

    /// Holds the next request that the gate is for.
    func set(_ gate: Gate) { page.state.withLock { $0.gate = gate } }

    /// Whether a request is held now.
    var isHolding: Bool { page.state.withLock { $0.isHolding } }

    /// Lets the held request go on, and everything after it.
    func open() { page.state.withLock { $0.gate = nil } }

    func make(way: Way) { page.state.withLock { $0.way = way } }

    /// The Envoy behind it has another address from now on.
    func lead(to upstream: UInt16) { page.state.withLock { $0.upstream = upstream } }

    /// Each connection has a thread of its own, which may sleep.
    private static func pass(_ line: String, _ side: Gate.Side, _ page: Page) {
        let isHeld = page.state.withLock { state in
            guard let gate = state.gate, !state.isHolding else { return false }
            if let isBefore = gate.after {
                if isBefore(line), side == .beforeTheAnswer { state.gate?.after = nil }
                return false
            }
            guard gate.side == side, gate.holds(line) else { return false }
            state.isHolding = true
            return true
        }
        guard isHeld else { return }
        while page.state.withLock({ $0.gate != nil }) { usleep(2_000) }
        page.state.withLock { $0.isHolding = false }
    }

    /// Asks Envoy on a connection of its own; the answer's bytes as they came, or nil when it did not answer.
    private static func forward(_ request: StubRequest, to port: UInt16) -> [UInt8]? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let failure = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard failure == 0 else { return nil }
        let connection = StubConnection(descriptor: descriptor)
        let head = "\(request.line) HTTP/1.1\r\nHost: envoy\r\nConnection: close\r\n"
        connection.write("\(head)Content-Length: \(request.body.count)\r\n\r\n")
        connection.write(request.body)
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return count == 0 && !answer.isEmpty ? answer : nil }
            answer += chunk[..<count]
        }
    }
}
