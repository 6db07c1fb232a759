import MeshClient
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CurlStreamTests {
    let transport: CurlTransport

    init() throws {
        transport = try CurlTransport()
    }

    static let head = "HTTP/1.1 200 OK\r\nX-Kind: stream\r\n\r\n"

    @Test func `the head comes before any byte of the body`() async throws {
        let server = try StubServer { _, connection in
            connection.write(Self.head)
            connection.waitForHangUp()
            return false
        }
        let stream = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
        #expect(stream.status == 200)
        #expect(stream.headers == [HTTPHeader("X-Kind", "stream")])
    }

    @Test func `chunks come as they arrive and end with the answer`() async throws {
        let server = try StubServer { _, connection in
            connection.write(Self.head)
            for number in 1...50 { connection.write("line \(number)\n") }
            return false
        }
        let stream = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
        var body: [UInt8] = []
        for try await chunk in stream.chunks { body += chunk }
        #expect(String(decoding: body, as: UTF8.self).split(separator: "\n").count == 50)
    }

    @Test func `no answer at all is an error of the call`() async throws {
        let server = try StubServer { _, _ in false }
        await #expect(throws: TransportError.self) {
            try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
        }
    }

    @Test func `an empty body is a stream without chunks`() async throws {
        let server = try StubServer { _, connection in connection.respond(204) }
        let stream = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
        #expect(stream.status == 204)
        for try await _ in stream.chunks { Issue.record("a chunk of nothing") }
    }

    @Test func `a lost peer ends the chunks with an error`() async throws {
        let server = try StubServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return false
        }
        let stream = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
        var body: [UInt8] = []
        await #expect(throws: TransportError.self) {
            for try await chunk in stream.chunks { body += chunk }
        }
        #expect(body == Array("half".utf8))
    }

    @Test func `letting go of the chunks hangs up`() async throws {
        let server = try StubServer { _, connection in
            connection.write(Self.head + "first")
            connection.waitForHangUp()
            return false
        }
        do {
            let stream = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
            for try await chunk in stream.chunks {
                #expect(chunk == Array("first".utf8))
                break
            }
        }
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `cancelling the reader hangs up`() async throws {
        let server = try StubServer { _, connection in
            connection.write(Self.head + "first")
            connection.waitForHangUp()
            return false
        }
        let stream = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
        let reader = Task {
            var count = 0
            for try await chunk in stream.chunks { count += chunk.count }
            return count
        }
        reader.cancel()
        _ = await reader.result
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `cancelling before the head hangs up`() async throws {
        let server = try StubServer { _, connection in
            connection.waitForHangUp()
            return false
        }
        let task = Task { [transport] in _ = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil)) }
        #expect(await server.waits(for: .asked("GET /")))
        task.cancel()
        await #expect(throws: TransportError.cancelled) { try await task.value }
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `a slow reader slows the writer, and loses nothing`() async throws {
        let total = 40 << 20
        let server = try StubServer { _, connection in
            connection.write(Self.head)
            let block = [UInt8](repeating: 0x62, count: 1 << 20)
            for _ in 0..<(total >> 20) { guard connection.write(block) else { break } }
            return false
        }
        let stream = try await transport.stream(HTTPRequest("GET", server.url, deadline: nil))
        // While nobody reads, the transport still serves others.
        let other = try StubServer { _, connection in connection.respond() }
        _ = try await transport.send(HTTPRequest("GET", other.url))
        var count = 0
        var largest = 0
        for try await chunk in stream.chunks {
            count += chunk.count
            largest = max(largest, chunk.count)
        }
        #expect(count == total)
        #expect(largest <= 512 << 10)
    }
}
