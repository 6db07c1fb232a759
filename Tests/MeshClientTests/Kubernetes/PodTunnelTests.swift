import Synchronization
import TestKit
import Testing

@testable import MeshClient

@Suite(.timeLimit(.minutes(5)))
struct PodTunnelTests {
    private let transport: CurlTransport

    init() throws {
        transport = try CurlTransport()
    }

    /// An API server whose port-forwards take this course, whatever the pod.
    private func server(_ course: @escaping @Sendable (StubRequest) -> StandInForward.Course) throws -> StubServer {
        let forward = StandInForward(accept: WebSocketHandshake.accept)
        return try StubServer { request, connection in forward.serve(request, connection, course(request)) }
    }

    private static func request(_ path: String = "/", _ server: StubServer, pod: String = "a") -> HTTPRequest {
        PodDoor(server: server.url, headers: [HTTPHeader("Authorization", "Bearer secret")])
            .request("GET", path, of: PodPort(namespace: "shop", pod: pod, port: 15000))
    }

    private func failure(_ server: StubServer, deadline: Duration = .seconds(5)) async throws -> TransportError? {
        var request = Self.request("/", server)
        request.deadline = deadline
        do throws(TransportError) {
            _ = try await transport.send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a pod is asked through one connection, again and again`() async throws {
        let pod = try StubServer { request, connection in connection.respond(body: request.line) }
        let server = try server { _ in .relay(to: pod.port) }
        for turn in 1...3 {
            let response = try await transport.send(Self.request("/\(turn)", server))
            #expect(response.body == Array("GET /\(turn)".utf8))
        }
        server.stop()
        var asked: [String] = []
        for await event in server.events {
            if case .asked(let line) = event { asked.append(line) }
            if event == .hungUp { break }
        }
        #expect(asked == ["GET /api/v1/namespaces/shop/pods/a/portforward?ports=15000"])
    }

    @Test func `a way that is asked through once is closed after the answer`() async throws {
        let pod = try StubServer { request, connection in connection.respond(body: request.line) }
        let server = try server { _ in .relay(to: pod.port) }
        for turn in 1...2 {
            var request = Self.request("/\(turn)", server)
            request.isLast = true
            #expect(try await transport.send(request).body == Array("GET /\(turn)".utf8))
        }
        // Both ends are closed while the transport goes on, each with its own connection.
        var ends: [StubServer.Event] = []
        for await event in server.events {
            ends.append(event)
            if ends.count(where: { $0 == .hungUp }) == 2 { break }
        }
        let asked = ends.count { if case .asked = $0 { true } else { false } }
        #expect(asked == 2)
    }

    @Test func `the API server hears who asks, and the pod does not`() async throws {
        let heard = Mutex<[String]>([])
        let pod = try StubServer { request, connection in
            heard.withLock { $0 += request.headers }
            return connection.respond()
        }
        let server = try server { request in
            heard.withLock { $0 += request.headers.filter { $0.hasPrefix("Authorization") }.map { "server " + $0 } }
            return .relay(to: pod.port)
        }
        _ = try await transport.send(Self.request("/", server))
        let all = heard.withLock { $0 }
        #expect(all.first == "server Authorization: Bearer secret")
        #expect(!all.dropFirst().contains { $0.contains("secret") })
    }

    @Test func `two pods are two connections, and each answers for itself`() async throws {
        let pods = try ["a", "b"].map { name in try StubServer { _, connection in connection.respond(body: name) } }
        let ports = pods.map(\.port)
        let server = try server { request in .relay(to: request.line.contains("/pods/a/") ? ports[0] : ports[1]) }
        for _ in 1...3 {
            let requests = ["a", "b", "a", "b"].map { Self.request("/", server, pod: $0) }
            var bodies = [String](repeating: "", count: 4)
            for await answers in transport.answers(to: requests) {
                for answer in answers {
                    bodies[answer.place] = String(decoding: try answer.result.get().body, as: UTF8.self)
                }
            }
            #expect(bodies == ["a", "b", "a", "b"])
        }
    }

    @Test(arguments: [(32768, 1), (1, 2), (7, 3), (1000, 50)])
    func `a long answer comes whole in frames of any size`(frame: Int, frames: Int) async throws {
        let body = (0..<min(700_000, frame * 3000)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let pod = try StubServer { _, connection in connection.respond(body: body) }
        let server = try server { _ in .relay(to: pod.port, frame: frame, frames: frames) }
        for _ in 1...2 { #expect(try await transport.send(Self.request("/", server)).body == body) }
    }

    @Test func `a long question goes out whole`() async throws {
        let pod = try StubServer { request, connection in connection.respond(body: request.body) }
        let server = try server { _ in .relay(to: pod.port) }
        let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let request = PodDoor(server: server.url)
            .request("POST", "/", of: PodPort(namespace: "shop", pod: "a", port: 15000), body: body)
        #expect(try await transport.send(request).body == body)
    }

    @Test func `a stream of a pod comes as it is`() async throws {
        let pod = try StubServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 1...3 { connection.writeChunk(Array("hey".utf8)) }
            return connection.write("0\r\n\r\n")
        }
        let server = try server { _ in .relay(to: pod.port) }
        var arrived: [UInt8] = []
        for try await chunk in try await transport.stream(Self.request("/", server)).chunks { arrived += chunk }
        #expect(arrived == Array("heyheyhey".utf8))
    }

    @Test func `a pod that hangs up after each answer is asked again`() async throws {
        let server = try server { _ in .once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
        for _ in 1...3 { #expect(try await transport.send(Self.request("/", server)).body == Array("ok".utf8)) }
    }

    @Test func `a port where nobody listens is told as that`() async throws {
        let words = "error forwarding port 15000 to pod a, uid : dial tcp 127.0.0.1:15000: connect: connection refused"
        #expect(try await failure(server { _ in .trouble(words) }) == .refused(words))
        let other = try await failure(server { _ in .trouble("unable to do port forwarding: socat not found") })
        #expect(other == .tunnel(status: nil, "unable to do port forwarding: socat not found"))
    }

    @Test(arguments: [401, 403, 404, 500])
    func `a refusal has the API server's status and words`(status: Int) async throws {
        let server = try StubServer { _, connection in
            connection.respond(status, body: "{\"kind\":\"Status\",\"message\":\"pods says no\"}")
        }
        let failure = try await failure(server)
        #expect(failure == .tunnel(status: status, "pods says no"))
        #expect(failure?.remedy?.contains("pods says no") == true)
        #expect(failure?.isAbsence == (status == 404))
    }

    @Test func `a server that is not there is told as the server`() async throws {
        let server = try StubServer { _, connection in connection.respond() }
        server.stop()
        guard case .tunnel(nil, let words)? = try await failure(server) else {
            Issue.record("it is told otherwise")
            return
        }
        #expect(words.contains("API server"))
    }

    @Test func `silence ends with the deadline, whoever is silent`() async throws {
        #expect(try await failure(server { _ in .silent }, deadline: .milliseconds(200)) == .timedOut)
        let mute = try StubServer { _, connection in connection.waitForHangUp() }
        let failure = try await failure(mute, deadline: .milliseconds(200))
        #expect(failure == .tunnel(status: nil, "the API server did not open it in time"))
    }

    @Test func `a server that is killed in the middle is a lost answer, and the next one is whole`() async throws {
        let body = [UInt8](repeating: 0x61, count: 300_000)
        let pod = try StubServer { _, connection in connection.respond(body: body) }
        let turn = Mutex(0)
        let server = try server { _ in
            let turn = turn.withLock { turn -> Int in
                turn += 1
                return turn
            }
            return turn == 1 ? .cut(to: pod.port, after: 100_000) : .relay(to: pod.port)
        }
        guard case .closed? = try await failure(server) else {
            Issue.record("it is told otherwise")
            return
        }
        #expect(try await transport.send(Self.request("/", server)).body == body)
    }

    @Test func `nonsense from the server is told as that`() async throws {
        guard case .notHTTP(let words)? = try await failure(server { _ in .bytes([0xC2, 0x00]) }) else {
            Issue.record("it is told otherwise")
            return
        }
        #expect(words.contains("API server"))
    }

    @Test func `many pods at once each get their own answer`() async throws {
        let pod = try StubServer { request, connection in
            connection.respond(body: request.headers.first { $0.hasPrefix("Host") } ?? "")
        }
        let server = try server { _ in .relay(to: pod.port) }
        let requests = (0..<60).map { Self.request("/", server, pod: "pod-\($0)") }
        for _ in 1...3 {
            var good = 0
            for await answers in transport.answers(to: requests) {
                for answer in answers {
                    let body = String(decoding: try answer.result.get().body, as: UTF8.self)
                    if body == "Host: pod-\(answer.place).shop:15000" { good += 1 }
                }
            }
            #expect(good == 60)
        }
    }

    @Test func `a cancelled question hangs up at the server`() async throws {
        let server = try server { _ in .silent }
        let asking = Task { try await transport.send(Self.request("/", server)) }
        #expect(await server.waits(for: .asked("GET /api/v1/namespaces/shop/pods/a/portforward?ports=15000")))
        asking.cancel()
        await #expect(throws: TransportError.cancelled) { try await asking.value }
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `every istiod is asked, and one that does not answer takes nothing away`() async throws {
        let pods = try ["a", "b"].map { name in
            try StubServer { request, connection in
                connection.respond(body: "[{\"proxy\":\"\(name).shop\",\"cluster_sent\":\"\(request.line)\"}]")
            }
        }
        let ports = pods.map(\.port)
        let server = try server { request in
            if request.line.contains("/pods/c/") { return .trouble("no") }
            return .relay(to: request.line.contains("/pods/a/") ? ports[0] : ports[1])
        }
        let istiods = ["a", "b", "c"].map { PodPort(namespace: "istio-system", pod: $0, port: IstiodSync.port) }
        let door = PodDoor(server: server.url)
        let sync = await IstiodSync.asking(istiods, namespace: "shop", through: door, transport)
        #expect(sync?.proxies.map(\.name) == ["a", "b"])
        #expect(sync?.proxies.first?.standing(.clusters).sent == "GET /debug/syncz?namespace=shop")
        #expect(await IstiodSync.asking([istiods[2]], through: door, transport) == nil)
    }

    @Test func `a door leads through the API server, round it, or through its proxy`() {
        var door = PodDoor(server: "https://api:6443", headers: [HTTPHeader("Authorization", "x")])
        let (metrics, admin) = (
            PodPort(namespace: "n", pod: "a", port: 15020, address: "10.0.0.1"),
            PodPort(namespace: "n", pod: "a", port: 15000, address: "10.0.0.1")
        )
        #expect(
            door.request("GET", "/x", of: metrics).tunnel?.target
                == "/api/v1/namespaces/n/pods/a/portforward?ports=15020")
        door.way = .direct
        #expect(door.request("GET", "/x", of: metrics).url == "http://10.0.0.1:15020/x")
        #expect(door.request("GET", "/x", of: metrics).headers.isEmpty)
        door.way = .proxy
        #expect(
            door.request("GET", "/x", of: metrics).url == "https://api:6443/api/v1/namespaces/n/pods/a:15020/proxy/x")
        // The admin page is on the pod's own loopback.
        #expect(door.request("GET", "/x", of: admin).tunnel?.port == 15000)
    }
}
