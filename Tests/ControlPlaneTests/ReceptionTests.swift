import Glibc
import MeshClient
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import ControlPlane

/// What anybody may do to the doors of the API without being let in, and what nobody can.
@Suite(.timeLimit(.minutes(5)), .serialized) struct ReceptionTests {
    /// Where the API is on loopback, and the token for it.
    private struct Address {
        var port: Int
        var token: String

        init(_ client: ControlPlaneClient) async throws {
            let api = try await client.status()["api"]
            port = try #require(api?["address"]?.string?.split(separator: ":").last.flatMap { Int($0) })
            token = try #require(api?["token"]?.string)
        }

        func head(_ request: String = "GET /v1/health", host: String? = nil, _ more: String = "") -> String {
            "\(request) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\nConnection: close\r\n\(more)\r\n"
        }

        var authorization: String { "Authorization: Bearer \(token)\r\n" }
    }

    private static func status(_ answer: String) -> Int? {
        answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    @Test func `Web pages and strangers are refused on loopback, programs with the token are not`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            let address = try await Address(client)
            func status(_ head: String) throws -> Int? {
                Self.status(try RawConnection(port: address.port).ask(head))
            }
            let token = address.authorization
            #expect(try status(address.head("GET /v1/health", token)) == 200)
            #expect(try status(address.head(host: "localhost:\(address.port)", token)) == 200)
            #expect(try status(address.head()) == 401)
            #expect(try status(address.head("GET /v1/nothing")) == 401)
            #expect(try status(address.head("GET /v1/health", "Authorization: Bearer 0\r\n")) == 401)
            #expect(
                try status(address.head("GET /v1/health", token + "Origin: http://127.0.0.1:\(address.port)\r\n"))
                    == 403)
            #expect(try status(address.head("GET /v1/health", token + "Origin: null\r\n")) == 403)
            for host in ["evil.example", "evil.example:\(address.port)", "127.0.0.1", "127.0.0.1:1", ""] {
                #expect(try status(address.head(host: host, token)) == 403)
            }
            let options = try RawConnection(port: address.port).ask(address.head("OPTIONS /v1/halt", host: nil, token))
            #expect(Self.status(options) == 405)
            #expect(!options.lowercased().contains("access-control"))
        }
    }

    @Test func `The wire is that of HTTP: pipelined, half-closed, old, and with leave to go on`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { _ in
            func ask(_ text: String) throws -> String { try RawConnection(unixSocket: stage.socket).ask(text) }
            let get = "GET /v1/health HTTP/1.1\r\nHost: g\r\n"
            let three = try ask(get + "\r\n" + get + "\r\n" + get + "Connection: close\r\n\r\n")
            #expect(three.components(of: "HTTP/1.1 200 OK") == 3)
            let halved = try RawConnection(unixSocket: stage.socket)
            halved.write(get + "\r\n")
            halved.finishWriting()
            #expect(Self.status(halved.read()) == 200)
            let old = try ask("GET /v1/health HTTP/1.0\r\n\r\n")
            #expect(Self.status(old) == 200)
            let patient = try RawConnection(unixSocket: stage.socket)
            let body = "{\"by\":\"a\",\"text\":\"b\"}"
            patient.write(
                "POST /v1/notes HTTP/1.1\r\nHost: g\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            )
            #expect(patient.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
            patient.write(body)
            #expect(Self.status(patient.read(until: "\r\n\r\n")) == 204)
            // What is refused early is told, though the client was not done.
            #expect(Self.status(try ask("GET /" + String(repeating: "a", count: 300_000))) == 414)
            let feed = try RawConnection(unixSocket: stage.socket)
            feed.write("GET /v1/events HTTP/1.1\r\nHost: g\r\n\r\n")
            #expect(feed.read(until: "keyframe").contains("Transfer-Encoding: chunked"))
        }
    }

    @Test func `The halt's own door takes what ends everything, and nothing else`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            let path = ControlPlaneSocket.halt(of: stage.socket)
            func ask(_ request: String) throws -> String {
                try RawConnection(unixSocket: path).ask("\(request) HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")
            }
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(Self.status(try ask("GET /v1/status")) == 404)
            #expect(Self.status(try ask("POST /v1/rearm")) == 404)
            #expect(Self.status(try ask("GET /v1/faults?open")) == 200)
            #expect(Self.status(try ask("POST /v1/halt")) == 200)
            try await stage.wait { $0.isHalted }
        }
        #expect(access(ControlPlaneSocket.halt(of: stage.socket), F_OK) != 0)
    }

    private enum Load: CaseIterable {
        case hugeLines, manyHeaders, slow, silent, comingAndGoing

        /// One stroke against a door; slow ones keep their connections in the meantime.
        func strike(_ connection: RawConnection) {
            switch self {
            case .hugeLines: _ = connection.ask("GET /" + String(repeating: "a", count: 200_000))
            case .manyHeaders: _ = connection.ask("GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 50_000))
            case .slow: for _ in 0..<5 where connection.write("G") { usleep(100_000) }
            case .silent: usleep(100_000)
            case .comingAndGoing: break
            }
        }
    }

    @Test(arguments: Load.allCases)
    private func `No load on any door keeps a halt waiting for a second`(_ load: Load) async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            let port = try await Address(client).port
            let doors: [@Sendable () throws -> RawConnection] = [
                { try RawConnection(port: port) }, { try RawConnection(unixSocket: stage.socket) },
                { try RawConnection(unixSocket: ControlPlaneSocket.halt(of: stage.socket)) },
            ]
            // More than a door takes in at once, where they stay.
            let floods = doors.map { door in
                Flood(threads: load == .slow || load == .silent ? 80 : 4) {
                    guard let connection = try? door() else { return }
                    load.strike(connection)
                }
            }
            let clock = ContinuousClock()
            var times: [(halt: Duration, status: Duration)] = []
            for _ in 0..<5 {
                let halt = try await clock.measure { _ = try await client.halt(by: "anna", reason: "fire") }
                times.append((halt, try await clock.measure { _ = try await client.status() }))
                try await client.rearm(by: "anna")
            }
            for flood in floods { try await flood.stop() }
            #expect(times.map(\.halt).sorted()[2] < .seconds(1), "\(times)")
            #expect(times.map(\.status).sorted()[2] < .seconds(2), "\(times)")
        }
    }

    @Test func `Readers of events who never read are few, and everybody else is served`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            var readers: [RawConnection] = []
            func read() throws -> RawConnection {
                let reader = try RawConnection(unixSocket: stage.socket)
                reader.write("GET /v1/events HTTP/1.1\r\nHost: g\r\n\r\n")
                return reader
            }
            for _ in 0..<ReceptionLimits().feeds {
                let reader = try read()
                #expect(Self.status(reader.read(until: "\r\n\r\n")) == 200)
                readers.append(reader)
            }
            #expect(Self.status(try read().read(until: "\r\n\r\n")) == 503)
            _ = try await client.health()
            _ = try await client.halt(by: "anna", reason: "enough")
            readers = []
            // Their places are free again.
            try await stage.eventually {
                (try? read().read(until: "\r\n\r\n")).flatMap { Self.status($0) } == 200
            }
        }
    }

    /// What a thread of its own found.
    private final class Found: Sendable {
        let answer = Mutex<(text: String, after: Duration)?>(nil)

        var isMissing: Bool { answer.withLock { $0 == nil } }
    }

    @Test func `A halt needs none of the threads that everything else shares`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            _ = try await client.start(
                FaultRequest(
                    kind: .abort(status: 503), edge: DeskStage.edges[0], share: 0.5, lease: 60, by: "anna"))
            let found = Found()
            let path = ControlPlaneSocket.halt(of: stage.socket)
            OwnThread.start {
                usleep(100_000)
                let begun = ContinuousClock.now
                let text = try? RawConnection(unixSocket: path)
                    .ask("POST /v1/halt HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")
                found.answer.withLock { $0 = (text ?? "", ContinuousClock.now - begun) }
            }
            // More busy tasks than there are threads for tasks; after ten seconds they give up.
            let deadline = ContinuousClock.now + .seconds(10)
            await withDiscardingTaskGroup { group in
                for _ in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) * 2 {
                    group.addTask {
                        while found.isMissing, ContinuousClock.now < deadline { usleep(1000) }
                    }
                }
            }
            let answer = try #require(found.answer.withLock { $0 })
            #expect(Self.status(answer.text) == 200)
            #expect(answer.after < .seconds(1))
            #expect(stage.mesh.held.isEmpty)
        }
    }
}

extension String {
    fileprivate func components(of mark: String) -> Int {
        split(separator: mark, omittingEmptySubsequences: false).count - 1
    }
}
