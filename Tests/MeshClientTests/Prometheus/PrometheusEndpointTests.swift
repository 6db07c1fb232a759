import Foundation
import MeshModel
import Testing

@testable import MeshClient

struct PrometheusEndpointTests {
    private func endpoint(_ secret: String) throws -> (PrometheusEndpoint, URL) {
        let file = FileManager.default.temporaryDirectory.appending(path: "gameday-token-\(UUID().uuidString)")
        try Data(secret.utf8).write(to: file)
        var endpoint = PrometheusEndpoint(url: "https://prometheus.test/prefix", tenant: "shop")
        endpoint.login = ServerLogin(proof: .bearer(file: file.path))
        return (endpoint, file)
    }

    @Test func `a query is a form that is posted, with token and tenant`() throws {
        let (endpoint, file) = try endpoint("one\n")
        defer { try? FileManager.default.removeItem(at: file) }
        let request = try endpoint.query("up == 1 & x", deadline: .seconds(3))
        #expect(request.method == "POST" && request.url == "https://prometheus.test/prefix/api/v1/query")
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        #expect(body.hasPrefix("query=up%20%3D%3D%201%20%26%20x&timeout=3s"))
        #expect(request.headers.contains(HTTPHeader("Authorization", "Bearer one")))
        #expect(request.headers.contains(HTTPHeader("X-Scope-OrgID", "shop")))
        #expect(request.acceptsCompression && !request.followsRedirects)
        // Whoever issues tokens changes them.
        try Data("two".utf8).write(to: file)
        let next = try endpoint.query("up", deadline: .seconds(3))
        #expect(next.headers.contains(HTTPHeader("Authorization", "Bearer two")))
    }

    @Test func `a file that holds no secret is told without what it holds`() throws {
        for content in ["", "two\nlines", "a\u{7}b"] {
            let (endpoint, file) = try endpoint(content)
            defer { try? FileManager.default.removeItem(at: file) }
            let error = #expect(throws: PrometheusError.self) { try endpoint.query("up", deadline: .seconds(1)) }
            #expect(error?.summary.hasPrefix(file.path + " cannot be read: it ") == true)
            #expect(error?.summary.contains("two") == false)
        }
    }

    @Test func `a login by name is encoded, and neither form of it is repeated`() throws {
        let (bearer, file) = try endpoint("s3cret")
        defer { try? FileManager.default.removeItem(at: file) }
        var endpoint = bearer
        endpoint.login = ServerLogin(proof: .basic(user: "ana", passwordFile: file.path))
        let request = try endpoint.query("up", deadline: .seconds(1))
        #expect(request.headers.contains(HTTPHeader("Authorization", "Basic YW5hOnMzY3JldA==")))
        let body = #"{"status":"error","errorType":"bad_data","error":"no s3cret, no YW5hOnMzY3JldA== here"}"#
        let answer = HTTPResponse(status: 400, body: Array(body.utf8))
        let error = #expect(throws: PrometheusError.self) { try endpoint.answer(.success(answer), labels: []) }
        #expect(error?.summary == "The server rejected the query: no ***, no *** here")
    }

    @Test(arguments: [
        (503, "Service Unavailable", "is not ready (status 503)"),
        (401, "", "The server rejected the credentials (401)"),
        (404, "not found", "Not a Prometheus server"),
        (422, #"{"status":"error","errorType":"execution","error":"too many samples"}"#, "too many samples"),
        (503, #"{"status":"error","errorType":"timeout","error":"query timed out"}"#, "timed out on the server"),
        (
            200, #"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}"#,
            "returned a partial result"
        ),
    ])
    func `a refusal is told for what it is`(_ status: Int, _ body: String, _ words: String) {
        let endpoint = PrometheusEndpoint(url: "http://127.0.0.1:9090")
        let answer = HTTPResponse(status: status, body: Array(body.utf8))
        let error = #expect(throws: PrometheusError.self) { try endpoint.answer(.success(answer), labels: []) }
        #expect(error?.summary.contains(words) == true)
    }
}
