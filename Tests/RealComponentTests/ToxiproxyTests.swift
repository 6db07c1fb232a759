import MeshClient
import MeshModel
import TestKit
import Testing

/// The toxics of a real Toxiproxy and what they do to requests.
@Suite(
    .enabled(if: ToxiproxyProcess.program != nil, "GAMEDAY_TOXIPROXY names no toxiproxy-server"), .serialized,
    .timeLimit(.minutes(3)))
struct ToxiproxyTests {
    private let transport: CurlTransport
    private let server: ToxiproxyProcess
    private let upstream: StubServer
    private let adapter: any Adapter
    private let injector: any Injector
    private let port: Int
    private let scope = Scope.edge(Edge(from: "cart", to: "redis"))
    private static let body = String(repeating: "x", count: 40_000)

    init() async throws {
        transport = try CurlTransport()
        server = try await ToxiproxyProcess(transport: transport)
        upstream = try StubServer { request, connection in
            guard request.line.hasSuffix("/flood") else {
                return connection.respond(body: Self.body) && !request.line.hasSuffix("/close")
            }
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while connection.write(Self.body) {}
            return false
        }
        port = try await server.make("cart_to_redis", to: upstream.port)
        let log = SettingsMistakes()
        let root = try #require(SettingsNode(yaml: "toxiproxy: [{url: \"\(server.url)\"}]", log: log))
        let parts = Adapters.parts(of: try #require(root.members(of: "it", keys: Adapters.keys)), in: "")
        adapter = try #require(parts.first).make(AdapterSurroundings(transport: transport))
        injector = try #require(adapter.injectors.first)
        try await look()
    }

    /// Waits until the adapter has seen every proxy.
    private func look() async throws {
        let (turns, told) = AsyncStream.makeStream(of: AdapterTurn.self)
        let observing = Task { [adapter] in await adapter.observe { told.yield($0) } }
        defer { observing.cancel() }
        for await turn in turns
        where turn.observations.contains(where: { if case .traffic = $0 { true } else { false } }) {
            return
        }
    }

    /// One request through the proxy: how long it took, and what came.
    private func ask(_ path: String = "/", deadline: Duration = .seconds(3)) async -> (
        Duration, Result<HTTPResponse, TransportError>
    ) {
        let start = ContinuousClock.now
        do throws(TransportError) {
            let answer = try await transport.send(
                HTTPRequest("GET", "http://127.0.0.1:\(port)\(path)", deadline: deadline))
            return (.now - start, .success(answer))
        } catch {
            return (.now - start, .failure(error))
        }
    }

    private func start(_ kind: FaultKind, share: Double = 1) async throws -> FaultPlan {
        let plan = try injector.plan(kind, share: share, at: scope)
        try await injector.apply(plan)
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        return plan
    }

    private func end(_ plan: FaultPlan) async throws {
        let proofs = await injector.undo([plan.undo])
        #expect(proofs.allSatisfy { $0.isClean } && !proofs.isEmpty, "\(proofs)")
        let (_, result) = await ask()
        #expect(try result.get().body.count == Self.body.utf8.count)
    }

    @Test func `It keeps the contract of every injector, and what others put there`() async throws {
        let theirs: JSON = ["name": "theirs", "type": "latency", "attributes": ["latency": 1]]
        try await server.send("POST", "/proxies/cart_to_redis/toxics", theirs)
        let kinds: [FaultKind] = [
            .delay(milliseconds: 250, jitter: 50), .rateLimit(kbps: 64), FaultKind("reset"),
            FaultKind("bandwidth", ["bandwidth": 8, "direction": 1]), FaultKind("slow-close", ["slow-close": 1000]),
            FaultKind("timeout", ["timeout": 500, "direction": 1]), FaultKind("slicer", ["slicer": 64]),
            FaultKind("limit-data", ["limit-data": 1024]),
        ]
        try await InjectorContract.check(injector, at: scope, kinds: kinds)
        #expect(try await server.toxics(of: "cart_to_redis") == ["theirs"])
    }

    @Test func `A delay is late, and a narrow connection slow`() async throws {
        let delay = try await start(.delay(milliseconds: 300))
        #expect(await ask().0 >= .milliseconds(290))
        try await end(delay)
        let up = try await start(FaultKind("delay", ["delay": 300, "direction": 1]))
        #expect(await ask().0 >= .milliseconds(290))
        try await end(up)
        // 40,000 bytes at 40 KiB a second.
        let narrow = try await start(FaultKind("bandwidth", ["bandwidth": 40]))
        #expect(await ask().0 >= .milliseconds(700))
        try await end(narrow)
        let slices = try await start(FaultKind("slicer", ["slicer": 4000, "pause": 50_000]))
        #expect(await ask().0 >= .milliseconds(300))
        try await end(slices)
    }

    @Test func `Connections are reset, cut, silenced and refused, and are whole again at the end`() async throws {
        for kind in [
            FaultKind("reset"), FaultKind("limit-data", ["limit-data": 1000]), FaultKind("timeout", ["timeout": 300]),
            FaultKind("off"),
        ] {
            let plan = try await start(kind)
            let (_, result) = await ask()
            #expect(throws: TransportError.self, "\(kind.label)") { try result.get() }
            try await end(plan)
        }
        let mute = try await start(FaultKind("timeout", ["timeout": 0]))
        let (_, result) = await ask(deadline: .milliseconds(400))
        #expect(throws: TransportError.timedOut) { try result.get() }
        try await end(mute)
    }

    @Test func `A slow close comes late`() async throws {
        let plan = try await start(FaultKind("slow-close", ["slow-close": 400]))
        let start = ContinuousClock.now
        let connection = try RawConnection(port: port)
        connection.write("GET /close HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await RealPrograms.aside { connection.read() }.utf8.count > Self.body.utf8.count)
        #expect(ContinuousClock.now - start >= .milliseconds(390))
        try await end(plan)
    }

    @Test func `A share is one of connections`() async throws {
        let plan = try await start(.delay(milliseconds: 150), share: 0.5)
        var late = 0
        for _ in 1...24 where await ask("/close").0 >= .milliseconds(140) { late += 1 }
        // Chance leaves these bounds once in ten million times.
        #expect((1...23).contains(late))
        try await end(plan)
    }

    /// Its server waits for ever in every change of toxics then: Shopify/toxiproxy#558.
    @Test func `A client that does not read keeps nobody from ending a fault`() async throws {
        let theirs: JSON = ["name": "theirs", "type": "latency", "attributes": ["latency": 1]]
        try await server.send("POST", "/proxies/cart_to_redis/toxics", theirs)
        try await look()
        let plan = try await start(.delay(milliseconds: 100))
        let blocked = try (1...5).map { _ in try RawConnection(port: port) }
        for connection in blocked { connection.write("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n") }
        // Until every buffer on the way is full.
        try await Task.sleep(for: .milliseconds(1500))
        let begun = ContinuousClock.now
        try await end(plan)
        #expect(ContinuousClock.now - begun < .seconds(5))
        #expect(try await server.toxics(of: "cart_to_redis") == ["theirs"])
        withExtendedLifetime(blocked) {}
    }
}
