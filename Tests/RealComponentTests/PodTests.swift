import Foundation
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// A real Envoy in the place of a pod's sidecar, behind the port-forward of a stand-in for the API server.
@Suite(.timeLimit(.minutes(3)))
struct PodTests {
    private let transport: CurlTransport
    private let (cart, other): (StubServer, StubServer)

    init() throws {
        transport = try CurlTransport()
        cart = try StubServer { _, connection in connection.respond(body: "one") }
        other = try StubServer { _, connection in connection.respond(503, body: "two") }
    }

    @Test func `the admin page of a pod's own loopback is read, and tells what was tried`() async throws {
        let config = PlainEnvoyConfigs.istio.replacing("{port}", with: "\(cart.port)")
            .replacing("{port2}", with: "\(other.port)")
        let envoy = try await EnvoyProcess(config: config, transport: transport)
        let admin = try #require(envoy.admin.split(separator: ":").last.flatMap { UInt16($0) })
        let forward = StandInForward(accept: WebSocketHandshake.accept)
        let server = try StubServer { request, connection in
            // As in a pod of a plain Envoy: nobody offers metrics of Istio's.
            let isAdmin = request.line.hasSuffix("ports=15000")
            let refusal = "dial tcp 127.0.0.1:15020: connect: connection refused"
            return forward.serve(request, connection, isAdmin ? .relay(to: admin) : .trouble(refusal))
        }
        let door = PodDoor(server: server.url)
        let fleet = IstioFleet(transport: transport, interval: .milliseconds(300)) { pod, page in
            door.request("GET", page.path, of: pod.port(page.port), deadline: .seconds(5))
        }
        fleet.set([
            IstioPod(
                namespace: "shop", name: "front-x", uid: "1", service: "front.shop", canonicalService: "front",
                version: "v1", zone: nil)
        ])
        let url = try await envoy.url(listener: 0)
        let (turns, continuation) = AsyncStream.makeStream(of: PollTurn.self)
        var sum = TrafficSample(seconds: 0)
        var source: SourceReport?
        try await withThrowingTaskGroup { group in
            group.addTask { await fleet.run { continuation.yield($0) } }
            var hasSent = false
            for await turn in turns {
                for observation in turn.observations {
                    if case .source(let report) = observation { source = report }
                    guard case .traffic(let report) = observation else { continue }
                    if let sample = report.outbound.first(where: { $0.to == "cart.shop" })?.sample { sum.add(sample) }
                    if !hasSent {
                        hasSent = true
                        for path in ["/1", "/1", "/1", "/2"] {
                            _ = try await transport.send(HTTPRequest("GET", url + path))
                        }
                    }
                }
                if sum.completed >= 4 { break }
            }
            group.cancelAll()
        }
        #expect((sum.answers2xx, sum.answers5xx, sum.completed) == (3, 1, 4))
        #expect(sum.totalHosts == 2)
        #expect(source?.name == "front-x.shop")
        #expect(source?.explanation == IstioAttempts.explanation)
        #expect(source?.kind == .sidecar)
    }
}
