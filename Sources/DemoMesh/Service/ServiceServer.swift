import FlyingFox
import FlyingSocks
import Foundation
import Glibc

/// An HTTP server on a loopback port, or on a socket in a directory, which hands each request to a function.
struct ServiceServer: Sendable {
    /// Where it listens.
    enum Place: Sendable {
        case port(UInt16)
        case socket(String)
    }

    let place: Place
    /// So many seconds an answer may take.
    var patience = 30.0
    let answer: @Sendable (ServiceRequest) async -> ServiceAnswer

    func run() async throws {
        let pool = PromptSocketPool(base: HTTPServer.defaultPool())
        let configuration =
            switch place {
            case .port(let port):
                HTTPServer.Configuration(
                    address: try .inet(ip4: "127.0.0.1", port: port), timeout: patience, pool: pool, logger: .disabled)
            case .socket(let path):
                HTTPServer.Configuration(
                    address: .unix(path: path), timeout: patience, pool: pool, logger: .disabled)
            }
        // One that was killed leaves its name behind.
        if case .socket(let path) = place { unlink(path) }
        let server = HTTPServer(
            config: configuration, handler: ClosureHTTPHandler { try await response(to: $0) })
        try await server.run()
    }

    private func response(to request: HTTPRequest) async throws -> HTTPResponse {
        var baggage: [String: String] = [:]
        for name in ServiceRequest.handedOn { baggage[name] = request.headers[HTTPHeader(name)] }
        let body = try await request.bodyData
        let answer = await answer(
            ServiceRequest(
                method: request.method.rawValue, path: request.path, body: String(decoding: body, as: UTF8.self),
                baggage: baggage))
        var headers: HTTPHeaders = [.contentType: answer.headers["content-type"] ?? "text/plain; charset=utf-8"]
        for (name, value) in answer.headers where name != "content-type" { headers[HTTPHeader(name)] = value }
        return HTTPResponse(
            statusCode: HTTPStatusCode(answer.status, phrase: ""), headers: headers, body: Data(answer.body.utf8))
    }
}

/// Makes the server's connections send at once. FlyingFox writes the head and the body of an answer apart; with Nagle's
/// algorithm the second part waits for the peer's delayed acknowledgement, 40 ms an answer (measured: 44 ms became
/// 0.4 ms). Accepted sockets inherit the option from the listening one, which is the one that waits for connections.
struct PromptSocketPool<Base: AsyncSocketPool>: AsyncSocketPool {
    let base: Base

    func prepare() async throws {
        try await base.prepare()
    }

    func run() async throws {
        try await base.run()
    }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        if events == .connection {
            try? socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
        }
        try await base.suspendSocket(socket, untilReadyFor: events)
    }
}
