import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

@Suite(.timeLimit(.minutes(5)))
struct EnvoyInjectorTests {
    private let edge = Scope.edge(Edge(from: "bar", to: "taps"))
    private let transport: CurlTransport
    private let taps: StubServer
    private let envoy: EnvoyProcess
    private let injector: EnvoyFaultInjector
    private let url: String

    init() async throws {
        transport = try CurlTransport()
        taps = try StubServer { _, connection in
            connection.respond(body: String(repeating: "beer ", count: 1000))
        }
        envoy = try await EnvoyProcess(upstream: taps.port, transport: transport)
        let entry = EnvoyDirectory.Entry(source: "bar", service: "bar", endpoint: EnvoyEndpoint(admin: envoy.admin))
        injector = EnvoyFaultInjector(
            directory: EnvoyDirectory([entry]), transport: transport, deadline: .seconds(5))
        url = try await envoy.url(of: "to_taps")
    }

    /// The statuses that so many callers get, a few at a time.
    private func statuses(of count: Int) async throws -> [Int: Int] {
        var statuses: [Int: Int] = [:]
        for await answers in transport.answers(
            to: (0..<count).map { _ in HTTPRequest("GET", url, deadline: .seconds(20)) })
        {
            for answer in answers { statuses[try answer.result.get().status, default: 0] += 1 }
        }
        return statuses
    }

    @Test func `the contract of a fault injector holds`() async throws {
        try await InjectorContract.check(injector, at: edge)
    }

    @Test func `callers get the status until it is undone`() async throws {
        let plan = try injector.plan(.abort(status: 418), share: 0.5, at: edge)
        #expect(try await statuses(of: 50) == [200: 50])
        try await injector.apply(plan)
        let during = try await statuses(of: 400)
        #expect(Set(during.keys) == [200, 418])
        // Three in a hundred thousand fair coins do worse than this.
        #expect((158...242).contains(during[418] ?? 0))
        #expect(await injector.undo([plan.undo]).map(\.isClean) == [true])
        #expect(try await statuses(of: 50) == [200: 50])
    }

    @Test func `every fault is seen in the proxy's own counters`() async throws {
        let plans = try [FaultKind.delay(milliseconds: 20), .rateLimit(kbps: 64)].map {
            try injector.plan($0, share: 1, at: edge)
        }
        for plan in plans { try await injector.apply(plan) }
        let fleet = EnvoyFleet(
            [EnvoyEndpoint(admin: envoy.admin)], transport: transport, interval: .milliseconds(300))
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                await fleet.run(into: continuation)
                continuation.finish()
            }
            var seen = TrafficSample(seconds: 0)
            for await turn in turns {
                for case .traffic(let report) in turn.observations {
                    #expect(report.service == "bar")
                    #expect(report.outbound.map(\.to) == ["taps"])
                    if let sample = report.outbound.first?.sample { seen.add(sample) }
                }
                if seen.completed >= 30, seen.latency?.count ?? 0 >= 30 { break }
                if seen.completed < 30 { _ = try await statuses(of: 15) }
            }
            group.cancelAll()
            #expect(seen.delaysInjected == seen.completed)
            #expect(seen.rateLimitsInjected == seen.completed)
            #expect(seen.abortsInjected == 0)
            #expect(try #require(seen.latency?.quantile(0.01)) >= 19)
            #expect(seen.totalHosts == 1)
        }
        #expect(await injector.undo(plans.map(\.undo)).map(\.isClean) == [true])
    }

    @Test func `faults of another's hand are found and can be cleared`() async throws {
        _ = try await envoy.send(
            "POST", "/runtime_modify?edge.taps.abort_pct=30&edge.taps.abort_status=500&other.key=1")
        let entry = EnvoyDirectory.Entry(source: "bar", service: "bar", endpoint: EnvoyEndpoint(admin: envoy.admin))
        let found = try await injector.runtime(of: entry).foreignFaults()
        #expect(found.map(\.kind) == [.abort(status: 500)])
        #expect(found.map(\.share) == [0.3])
        let undo = FaultUndo(parts: [FaultUndo.Part(entry, keys: found.flatMap(\.keys))])
        #expect(await injector.undo([undo]).map(\.isClean) == [true])
        #expect(try await injector.runtime(of: entry).values == ["other.key": "1"])
    }

    @Test func `an Envoy without an admin layer refuses and says what to do`() async throws {
        let strict = try await EnvoyProcess(upstream: taps.port, adminLayer: false, transport: transport)
        let entry = EnvoyDirectory.Entry(source: "bar", service: "bar", endpoint: EnvoyEndpoint(admin: strict.admin))
        let injector = EnvoyFaultInjector(directory: EnvoyDirectory([entry]), transport: transport)
        let plan = try injector.plan(.abort(status: 503), share: 1, at: edge)
        await #expect {
            try await injector.apply(plan)
        } throws: {
            ($0 as? InjectionError)?.remedy?.contains("admin_layer") == true
        }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct CurlTLSTests {
    private static let certificates = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Fixtures/tls")
    private let transport: CurlTransport
    private let taps: StubServer
    private let envoy: EnvoyProcess
    private let url: String

    init() async throws {
        transport = try CurlTransport()
        taps = try StubServer { _, connection in
            connection.respond(headers: ["Content-Type: text/plain"], body: String(repeating: "beer ", count: 1000))
        }
        envoy = try await EnvoyProcess(upstream: taps.port, tls: Self.certificates, transport: transport)
        url = try await envoy.url(of: "tls", scheme: "https")
    }

    private func request(_ authority: String?, _ certificate: String?, verifies: Bool = true) -> HTTPRequest {
        func path(_ name: String) -> String { Self.certificates.appending(path: name).path }
        let tls = TLSOptions(
            verifies: verifies, authorityFile: authority.map(path),
            certificateFile: certificate.map { path($0 + ".pem") },
            keyFile: certificate.map { path($0 + ".key.pem") })
        return HTTPRequest("GET", url, deadline: .seconds(60), tls: tls)
    }

    @Test func `a trusted server is asked over HTTP/2 and may compress`() async throws {
        let response = try await transport.send(request("authority.pem", "client"))
        #expect(response.status == 200)
        #expect(response.header("x-protocol") == "HTTP/2")
        #expect(response.header("content-encoding") == "gzip")
        #expect(response.body == Array(String(repeating: "beer ", count: 1000).utf8))
        var plain = request("authority.pem", "client")
        plain.acceptsCompression = false
        #expect(try await transport.send(plain).header("content-encoding") == nil)
        var small = request("authority.pem", "client")
        small.largestBody = 4999
        await #expect(throws: TransportError.tooLarge(limit: 4999)) { try await transport.send(small) }
    }

    @Test func `a server that nobody vouches for is refused`() async {
        await #expect {
            try await transport.send(request(nil, "client"))
        } throws: {
            if case .tls = $0 as? TransportError { true } else { false }
        }
    }

    @Test func `a client without a certificate is refused by the server`() async {
        await #expect(throws: TransportError.self) { try await transport.send(request("authority.pem", nil)) }
    }

    @Test func `verification can be turned off`() async throws {
        #expect(try await transport.send(request(nil, "client", verifies: false)).status == 200)
    }

    @Test func `many over one connection get their own answers`() async throws {
        let batch = (0..<50).map { _ in request("authority.pem", "client") }
        var good = 0
        for await answers in transport.answers(to: batch) {
            good += try answers.map { try $0.result.get().status == 200 ? 1 : 0 }.reduce(0, +)
        }
        #expect(good == 50)
    }

    @Test func `a fault behind client certificates is undone by who knows the ledger alone`() async throws {
        let bar = try await EnvoyProcess(upstream: taps.port, transport: transport)
        let port = try #require(UInt16(bar.admin.split(separator: ":").last ?? ""))
        let door = try await EnvoyProcess(upstream: port, tls: Self.certificates, transport: transport)
        var endpoint = EnvoyEndpoint(admin: try await door.url(of: "tls", scheme: "https"))
        endpoint.tls = request("authority.pem", "client").tls
        if endpoint.admin.hasSuffix("/") { endpoint.admin.removeLast() }
        let entry = EnvoyDirectory.Entry(source: "bar", service: "bar", endpoint: endpoint)
        let injector = EnvoyFaultInjector(directory: EnvoyDirectory([entry]), transport: transport)
        let plan = try injector.plan(.abort(status: 503), share: 0.5, at: .edge(Edge(from: "bar", to: "taps")))
        try await injector.apply(plan)
        #expect(await injector.inspect(plan).map(\.state) == [.held])

        let kept = try FaultUndo(WireFields(JSON(parsing: plan.undo.json.bytes), page: "ledger"))
        #expect(kept == plan.undo)
        let guardian = EnvoyFaultInjector(directory: EnvoyDirectory(), transport: transport)
        var bare = kept
        for place in bare.parts.indices { bare.parts[place].payload.removeAll { $0.name == "tls" } }
        #expect(await guardian.undo([bare]).map(\.isClean) == [false])
        #expect(await guardian.undo([kept]).map(\.isClean) == [true])
        #expect(await injector.inspect(plan).map(\.state) == [.gone])
    }
}
