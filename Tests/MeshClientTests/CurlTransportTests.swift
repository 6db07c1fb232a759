import MeshClient
import Synchronization
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CurlTransportTests {
    let transport: CurlTransport

    init() throws {
        transport = try CurlTransport()
    }

    @Test func `an answer comes with its status, its headers and its body`() async throws {
        let server = try StubServer { _, connection in
            connection.respond(418, headers: ["X-Spelling: Kept"], body: "tea")
        }
        let response = try await transport.send(HTTPRequest("GET", server.url + "/pot"))
        #expect(response.status == 418)
        #expect(response.headers.contains(HTTPHeader("X-Spelling", "Kept")))
        #expect(response.body == Array("tea".utf8))
    }

    @Test func `headers named by the request are the only ones kept`() async throws {
        let server = try StubServer { _, connection in connection.respond(headers: ["X-One: 1", "X-Two: 2"]) }
        var request = HTTPRequest("GET", server.url)
        request.keptHeaders = ["x-two", "x-three"]
        #expect(try await transport.send(request).headers == [HTTPHeader("X-Two", "2")])
    }

    @Test func `a connection is used again`() async throws {
        let server = try StubServer { _, connection in connection.respond() }
        for _ in 1...3 { _ = try await transport.send(HTTPRequest("GET", server.url)) }
        server.stop()
        var connects = 0
        for await event in server.events {
            if event == .connected { connects += 1 }
            if event == .hungUp { break }
        }
        #expect(connects == 1)
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW"])
    func `a method goes out as it is, with its body and its headers`(method: String) async throws {
        let server = try StubServer { request, connection in
            let lines = request.headers.filter { $0.hasPrefix("X-ShOuT") || $0.hasPrefix("Content-Type") }
            return connection.respond(
                headers: lines + ["X-Line: \(request.line)"], body: method == "HEAD" ? [] : request.body)
        }
        let body = method == "HEAD" || method == "GET" ? nil : Array("beer=0".utf8)
        let request = HTTPRequest(method, server.url + "/order", headers: [HTTPHeader("X-ShOuT", "Yes")], body: body)
        let response = try await transport.send(request)
        #expect(response.header("x-line") == "\(method) /order")
        #expect(response.header("x-shout") == "Yes")
        #expect(response.header("content-type") == nil)
        #expect(response.body == body ?? [])
    }

    @Test func `a body may be empty or hold any byte`() async throws {
        let server = try StubServer { request, connection in connection.respond(body: request.body) }
        for body: [UInt8] in [[], [0], Array(0...255)] {
            #expect(try await transport.send(HTTPRequest("POST", server.url, body: body)).body == body)
        }
    }

    @Test(arguments: [
        "not a url", "", "ftp://127.0.0.1/", "http://127.0.0.1:99999/", "http://[/", "http://h/\0x",
        "file:///etc/passwd",
    ])
    func `a bad address is an error`(url: String) async throws {
        await #expect(throws: TransportError.badURL(url)) { try await transport.send(HTTPRequest("GET", url)) }
    }

    @Test func `nothing breaks out of its line`() async throws {
        let evil = [HTTPHeader("X", "a\r\nEvil: 1"), HTTPHeader("X\nEvil", "1"), HTTPHeader("X", "\0")]
        for header in evil {
            await #expect(throws: TransportError.badRequest("header \(header.name)")) {
                try await transport.send(HTTPRequest("GET", "http://127.0.0.1:1", headers: [header]))
            }
        }
        await #expect(throws: TransportError.badRequest("method GET /\r\n")) {
            try await transport.send(HTTPRequest("GET /\r\n", "http://127.0.0.1:1"))
        }
    }

    @Test func `nobody listening is a refusal`() async throws {
        let server = try StubServer { _, _ in false }
        server.stop()
        await #expect { try await transport.send(HTTPRequest("GET", server.url)) } throws: {
            if case .refused = $0 as? TransportError { true } else { false }
        }
        await #expect(throws: TransportError.refused("/nowhere/gameday.sock")) {
            try await transport.send(HTTPRequest("GET", "http://unix/", unixSocket: "/nowhere/gameday.sock"))
        }
    }

    @Test func `silence ends with the deadline`() async throws {
        let server = try StubServer { _, connection in
            connection.waitForHangUp()
            return false
        }
        await #expect(throws: TransportError.timedOut) {
            try await transport.send(HTTPRequest("GET", server.url, deadline: .milliseconds(50)))
        }
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `an answer that is too large is refused while it arrives`() async throws {
        let server = try StubServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while connection.write([UInt8](repeating: 0x78, count: 4096)) {}
            return false
        }
        await #expect(throws: TransportError.tooLarge(limit: 100_000)) {
            try await transport.send(HTTPRequest("GET", server.url, largestBody: 100_000))
        }
        #expect(await server.waits(for: .hungUp))
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 OK\r\n\r\n", "\0\0\0",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno",
    ])
    func `something that is not HTTP is told apart`(garbage: String) async throws {
        let server = try StubServer { _, connection in
            connection.write(garbage)
            return false
        }
        await #expect { try await transport.send(HTTPRequest("GET", server.url)) } throws: {
            if case .notHTTP = $0 as? TransportError { true } else { false }
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
    func `half an answer is an error`(half: String) async throws {
        let server = try StubServer { _, connection in
            connection.write(half)
            return false
        }
        await #expect { try await transport.send(HTTPRequest("GET", server.url)) } throws: {
            if case .closed = $0 as? TransportError { true } else { false }
        }
    }

    @Test func `redirects are followed only on request`() async throws {
        let server = try StubServer { request, connection in
            request.line == "GET /old"
                ? connection.respond(302, headers: ["Location: /new"]) : connection.respond(body: request.line)
        }
        var request = HTTPRequest("GET", server.url + "/old")
        #expect(try await transport.send(request).status == 302)
        request.followsRedirects = true
        #expect(try await transport.send(request).body == Array("GET /new".utf8))
    }

    @Test func `a circle of redirects ends`() async throws {
        let hops = Mutex(0)
        let server = try StubServer { _, connection in
            hops.withLock { $0 += 1 }
            return connection.respond(302, headers: ["Location: /again"])
        }
        var request = HTTPRequest("GET", server.url)
        request.followsRedirects = true
        await #expect(throws: TransportError.self) { try await transport.send(request) }
        #expect(hops.withLock { $0 } == 31)
    }

    @Test func `a Unix socket is spoken through`() async throws {
        let path = "/tmp/gameday-\(UInt64.random(in: 0...UInt64.max)).sock"
        let server = try StubServer(unixSocket: path) { request, connection in connection.respond(body: request.line) }
        let response = try await transport.send(HTTPRequest("GET", "http://gameday/v1", unixSocket: path))
        #expect(response.body == Array("GET /v1".utf8))
        server.stop()
    }

    @Test func `only the proxy that a request names is asked`() async throws {
        let proxy = try StubServer { request, connection in connection.respond(body: request.line) }
        var request = HTTPRequest("GET", "http://mesh.test/x")
        await #expect { try await transport.send(request) } throws: {
            if case .unresolved = $0 as? TransportError { true } else { false }
        }
        request.proxy = proxy.url
        #expect(try await transport.send(request).body == Array("GET http://mesh.test/x".utf8))
    }

    @Test func `cancelling hangs up`() async throws {
        let server = try StubServer { _, connection in
            connection.waitForHangUp()
            return false
        }
        let task = Task { [transport] in
            try await transport.send(HTTPRequest("GET", server.url, deadline: .seconds(50)))
        }
        #expect(await server.waits(for: .asked("GET /")))
        task.cancel()
        await #expect(throws: TransportError.cancelled) { try await task.value }
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `a request of a cancelled task never goes out`() async throws {
        let server = try StubServer { _, connection in connection.respond() }
        let task = Task { [transport] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await transport.send(HTTPRequest("GET", server.url))
        }
        await #expect(throws: TransportError.cancelled) { try await task.value }
    }

    @Test func `letting go of the transport ends what is under way`() async throws {
        let server = try StubServer { _, connection in
            connection.waitForHangUp()
            return false
        }
        var passing: CurlTransport? = try CurlTransport()
        let answers = passing?.answers(to: [HTTPRequest("GET", server.url, deadline: .seconds(50))])
        #expect(await server.waits(for: .asked("GET /")))
        passing = nil
        for await answer in try #require(answers) {
            #expect(answer.map(\.result) == [.failure(.cancelled)])
        }
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `many at once all get their own answer`() async throws {
        let server = try StubServer { request, connection in connection.respond(body: request.line) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 1...300 {
                group.addTask { [transport] in
                    try await transport.send(HTTPRequest("GET", server.url + "/\(number)")).body
                        == Array("GET /\(number)".utf8)
                }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
    }
}
