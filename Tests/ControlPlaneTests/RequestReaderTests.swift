import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite struct RequestReaderTests {
    private static let plain = "POST /v1/halt?x=%20 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"

    private func head(_ text: String) throws(Problem) -> RequestHead? {
        var reader = RequestReader()
        reader.take(Array(text.utf8))
        return try reader.nextHead()
    }

    private func status(_ text: String) -> Int? {
        do { return try head(text) == nil ? nil : 200 } catch { return error.status }
    }

    @Test func `Requests come out as they went in, however they are cut and joined`() throws {
        let text = "\r\n" + Self.plain + "{}" + "GET / HTTP/1.0\nConnection: keep-alive\n\n" + Self.plain
        for size in [1, 3, 7, 1000] {
            var reader = RequestReader()
            var heads: [RequestHead] = []
            var bodies: [[UInt8]] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                reader.take(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
                while true {
                    if heads.count > bodies.count {
                        let length = try heads[bodies.count].bodyLength(most: 10)
                        guard let body = reader.nextBody(length) else { break }
                        bodies.append(body)
                    } else {
                        guard let head = try reader.nextHead() else { break }
                        heads.append(head)
                    }
                }
            }
            #expect(heads.map(\.target) == ["/v1/halt?x=%20", "/", "/v1/halt?x=%20"])
            #expect(heads.map(\.keepsConnection) == [true, true, true])
            #expect(heads.map(\.isOld) == [false, true, false])
            #expect(bodies == [Array("{}".utf8), []])
        }
    }

    @Test(arguments: [
        ("GET /" + String(repeating: "a", count: 5000), 414),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: " + String(repeating: "a", count: 20_000), 431),
        ("GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 70), 431),
        ("GET / HTTP/1.1\r\n" + String(repeating: "a: \(String(repeating: "b", count: 1000))\r\n", count: 20), 431),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("get / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    ])
    func `What is too much or could be meant in two ways is refused as soon as it shows`(_ text: String, _ status: Int)
    {
        #expect(self.status(text) == status)
    }

    @Test func `The length of a body is one number of bytes, and not too large`() throws {
        func length(_ header: String) throws(Problem) -> Int? {
            try head("POST / HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n")?.bodyLength(most: 100)
        }
        func status(_ header: String) -> Int? {
            do throws(Problem) { return try length(header) == nil ? nil : 200 } catch { return error.status }
        }
        #expect(try length("Content-Length: 100") == 100)
        #expect(try length("X: 1") == 0)
        #expect(status("Content-Length: 101") == 413)
        #expect(status("Content-Length: 99999999999999999999") == 413)
        #expect(status("Content-Length: -1") == 400)
        #expect(status("Content-Length: +1") == 400)
        #expect(status("Content-Length:") == 400)
        #expect(status("Content-Length: 1\r\nContent-Length: 1") == 400)
        #expect(status("Transfer-Encoding: chunked") == 411)
    }

    @Test func `A line that never ends is given up once it is too long, and never looked at twice`() {
        var reader = RequestReader()
        var taken = 0
        do throws(Problem) {
            while taken < 1 << 20 {
                reader.take([0x61])
                taken += 1
                _ = try reader.nextHead()
            }
        } catch {
            #expect(error.status == 414)
        }
        #expect(taken == RequestReader.Limits().requestLine + 1)
    }

    @Test func `Any bytes end in a request, a wish for more, or a refusal`() {
        var generator = SeededGenerator(seed: 7)
        let pieces = [
            "GET", " ", "/", "HTTP/1.1", "\r\n", "\n", ":", "a", "Host: a\r\n", "\0", "\u{7F}", "é", "\r\n\r\n",
        ]
        for _ in 0..<3000 {
            var reader = RequestReader()
            do throws(Problem) {
                for _ in 0..<20 {
                    let piece = pieces[Int(generator.next() % UInt64(pieces.count))]
                    reader.take(Array(piece.utf8))
                    if let head = try reader.nextHead() { _ = try head.bodyLength(most: 100) }
                }
            } catch {
                #expect([400, 411, 413, 414, 431, 505].contains(error.status))
            }
        }
    }

    @Test func `A name may hold any character, escaped`() {
        for name in ["a/b", "orders answered", "50%", "a?b&c=d", "é"] {
            let route = ControlPlaneRoute.objective(name: name)
            #expect(ControlPlaneRoute(method: "GET", target: route.path) == route)
            let leave = ControlPlaneRoute.leave(watcher: name)
            #expect(ControlPlaneRoute(method: "DELETE", target: leave.path) == leave)
            let events = ControlPlaneRoute.events(after: 7, watcher: name)
            #expect(ControlPlaneRoute(method: "GET", target: events.path) == events)
        }
        #expect(ControlPlaneRoute(method: "GET", target: "/v1/slos/50%+f%zz%") == .objective(name: "50%+f%zz%"))
        #expect(ControlPlaneRoute(method: "GET", target: "") == nil)
    }
}
