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
}
