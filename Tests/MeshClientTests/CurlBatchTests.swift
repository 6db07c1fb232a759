import MeshClient
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CurlBatchTests {
    let transport: CurlTransport

    init() throws {
        transport = try CurlTransport()
    }

    private func all(_ batch: [HTTPRequest]) async -> [Int: Result<HTTPResponse, TransportError>] {
        var results: [Int: Result<HTTPResponse, TransportError>] = [:]
        for await answers in transport.answers(to: batch) {
            for answer in answers {
                #expect(results.updateValue(answer.result, forKey: answer.place) == nil, "answered twice")
            }
        }
        return results
    }

    @Test func `no request is no answer`() async {
        #expect(await all([]).isEmpty)
    }

    @Test func `each answer comes once with the place of its request`() async throws {
        let server = try StubServer { request, connection in connection.respond(body: request.line) }
        let results = await all((0..<200).map { HTTPRequest("GET", server.url + "/\($0)") })
        #expect(results.count == 200)
        for (place, result) in results {
            #expect(try result.get().body == Array("GET /\(place)".utf8))
        }
    }

    @Test func `a slow, a lost and a wrong one fail alone and keep nobody waiting`() async throws {
        let silent = try StubServer { _, connection in
            connection.waitForHangUp()
            return false
        }
        let good = try StubServer { _, connection in connection.respond() }
        let gone = try StubServer { _, _ in false }
        gone.stop()
        let batch = [silent.url, good.url, gone.url, "nonsense:"].map {
            HTTPRequest("GET", $0, deadline: .seconds(30))
        }
        var early: Set<Int> = []
        for await answers in transport.answers(to: batch) {
            early.formUnion(answers.map(\.place))
            if early.count == 3 { break }
        }
        #expect(early == [1, 2, 3])
        // Leaving the iteration removed the one that was left.
        #expect(await silent.waits(for: .hungUp))
    }

    @Test func `a deadline ends the batch`() async throws {
        let silent = try StubServer { _, connection in
            connection.waitForHangUp()
            return false
        }
        let batch = (0..<20).map { _ in HTTPRequest("GET", silent.url, deadline: .milliseconds(80)) }
        let results = await all(batch)
        #expect(results.count == 20)
        #expect(results.values.allSatisfy { $0 == .failure(.timedOut) })
    }

    @Test func `a polled page is asked for as one that is not, the first time and ever after`() async throws {
        let server = try StubServer { request, connection in
            let credentials = request.headers.first { $0.lowercased().hasPrefix("authorization") }
            return connection.respond(body: request.line + " " + (credentials ?? ""))
        }
        let host = server.url.dropFirst("http://".count)
        let paths = [
            "", "/", "?", "?a=b", "/a?", "/a?b=c&d", "/a/../b/./c?d=../e", "/a%2Fb?c=%20%3F", "/a#f", "/a?b#f", "//a",
            "/a?b?c", "/\u{e9}?\u{e9}",
        ]
        let urls = paths.map { server.url + $0 } + ["http://me:secret@\(host)/a?b"]
        var alone: [String] = []
        for url in urls {
            alone.append(String(decoding: try await transport.send(HTTPRequest("GET", url)).body, as: UTF8.self))
        }
        for _ in 0..<3 {
            let polled = await all(urls.map { HTTPRequest("GET", $0) })
            for (place, line) in alone.enumerated() {
                #expect(try polled[place]?.get().body == Array(line.utf8), "\(urls[place])")
            }
        }
    }

    @Test func `batches in any order get their own answers, and who reads late reads what was said`() async throws {
        let server = try StubServer { request, connection in connection.respond(body: request.line) }
        var rounds: [(order: [Int], results: [Int: Result<HTTPResponse, TransportError>])] = []
        for round in 0..<6 {
            // From the third on each begins elsewhere and goes on in steps of its own.
            let order = round < 3 ? Array(0..<150) : (0..<150).map { ($0 * (round * 2 + 1) * 7 + round) % 150 }
            rounds.append((order, await all(order.map { HTTPRequest("GET", server.url + "/page/\($0)/") })))
        }
        for (order, results) in rounds {
            for (place, number) in order.enumerated() {
                #expect(try results[place]?.get().body == Array("GET /page/\(number)/".utf8))
            }
        }
    }
}
