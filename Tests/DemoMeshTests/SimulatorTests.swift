import Glibc
import MeshClient
import MeshModel
import Testing

@testable import DemoMesh

@Suite(.timeLimit(.minutes(5))) struct SimulatorTests {
    private func page(_ simulator: Simulator, _ path: String, _ method: String = "GET") async throws -> HTTPResponse {
        let transport = try CurlTransport()
        return try await transport.send(HTTPRequest(method, "http://127.0.0.1:\(simulator.port)\(path)"))
    }

    @Test func `serves over real HTTP, says that it is simulated, and time passes`() async throws {
        let simulator = try Simulator(of: .bar, rate: 200, seed: 42, port: 0)
        let path = "/proxies/door/stats?format=json&usedonly&histogram_buckets=detailed&filter=completed"
        var completed: Int64 = 0
        while completed == 0 {
            let response = try await page(simulator, path)
            #expect(response.status == 200)
            #expect(response.header("x-gameday-simulated") == "42")
            let stats = try JSON(parsing: response.body)["stats"]?.array ?? []
            completed = stats.first { $0["name"] == "http.in.downstream_rq_completed" }?["value"]?.integer ?? 0
        }
        #expect(completed > 0)
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        "GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", "\u{1B}\0\u{7F} \0 \0\r\n\r\n", "\r\n\r\n",
        "GET " + String(repeating: "a", count: 80_000),
    ])
    func `answers garbage and hangs up, and goes on serving`(garbage: String) async throws {
        let simulator = try Simulator(of: .bar, rate: 1, seed: 1, port: 0)
        let answer = RawClient(port: simulator.port).exchange([garbage])
        // Of what is too long not all is read, and then the connection may break before the answer arrives.
        #expect(answer.hasPrefix("HTTP/1.1 4") || garbage.utf8.count > 64 << 10)
        #expect(try await page(simulator, "/proxies/bar/ready").status == 200)
    }

    @Test func `takes a request in pieces, and several at once`() async throws {
        let simulator = try Simulator(of: .bar, rate: 1, seed: 1, port: 0)
        let client = RawClient(port: simulator.port)
        let ready = "GET /proxies/bar/ready HTTP/1.1\r\nhost: x\r\n"
        let answer = client.exchange([
            "GET /proxies/bar/re", "ady HTTP/1.1\r\n", "\r\n", ready + "\r\n" + ready + "connection: close\r\n\r\n",
        ])
        #expect(answer.split(separator: "LIVE").count == 4)
    }

    @Test func `a port that is taken is an error in words`() throws {
        let simulator = try Simulator(of: .bar, rate: 1, seed: 1, port: 0)
        let port = UInt16(simulator.port)
        let failure = #expect(throws: DemoFailure.self) { try Simulator(of: .bar, rate: 1, seed: 1, port: port) }
        #expect(failure?.summary == "cannot start simulator: 127.0.0.1: Address already in use")
    }

    @Test func `a large mesh is spread over addresses of the loopback device`() async throws {
        let plan = MeshPlan.simulated(services: 130, seed: 1)
        let simulator = try Simulator(of: plan, rate: 1, seed: 1, port: 0)
        let transport = try CurlTransport()
        #expect(SimulatedAddress.all(for: 130) == ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
        #expect(SimulatedAddress.all(for: 0) == ["127.0.0.1"])
        #expect(SimulatedAddress.host(of: 63) == "127.0.0.1" && SimulatedAddress.host(of: 16_000) == "127.0.1.1")
        for place in [0, 64, 129] {
            let host = SimulatedAddress.host(of: place)
            let url = "http://\(host):\(simulator.port)/proxies/\(plan.services[place].name)/ready"
            #expect(try await transport.send(HTTPRequest("GET", url)).status == 200)
        }
    }
}

/// A client which sends bytes as they are.
private struct RawClient {
    var port: Int

    /// Sends the pieces one by one and reads until the server hangs up.
    func exchange(_ pieces: [String]) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return "" }
        for piece in pieces {
            let bytes = Array(piece.utf8)
            _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        shutdown(descriptor, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }
}
