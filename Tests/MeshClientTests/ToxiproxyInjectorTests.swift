import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Toxics that come and go, those of others that stay, and a server that hangs.
@Suite(.timeLimit(.minutes(2))) struct ToxiproxyInjectorTests {
    static let kinds: [FaultKind] = [
        .delay(milliseconds: 250, jitter: 50), .rateLimit(kbps: 64), FaultKind("reset"),
        FaultKind("bandwidth", ["bandwidth": 8, "direction": 1]), FaultKind("slow-close", ["slow-close": 1000]),
        FaultKind("timeout", ["timeout": 500, "direction": 1]), FaultKind("slicer", ["slicer": 64, "variation": 8]),
        FaultKind("limit-data", ["limit-data": 1024]),
    ]
    private static let edge = Edge(from: "cart", to: "redis")
    private static let foreign: JSON = [
        "name": "theirs", "type": "latency", "toxicity": 0.25, "attributes": ["latency": 7, "jitter": 0],
    ]

    /// A server with the proxy `cart>redis`, as the adapter has seen it.
    private struct Trial {
        let stub: StubToxiproxy
        let directory = ToxiproxyDirectory()
        let injector: ToxiproxyInjector
        let scope = Scope.edge(ToxiproxyInjectorTests.edge)

        init(_ version: StubToxiproxy.Version = .v2_12, upstream: String = "127.0.0.1:1") async throws {
            stub = try StubToxiproxy(version)
            stub.add(proxy: "cart>redis", upstream: upstream)
            stub.add(proxy: "cart>db")
            injector = ToxiproxyInjector(
                directory: directory, transport: try CurlTransport(), deadline: .milliseconds(300))
            try await look()
        }

        /// What the adapter does at each poll.
        func look() async throws {
            let server = ToxiproxyServer(url: stub.url, transport: try CurlTransport(), deadline: .seconds(5))
            for proxy in try await server.proxies() {
                directory.put(
                    .init(
                        source: proxy.name, server: stub.url, proxy: proxy,
                        edge: ToxiproxyNaming().meaning(of: proxy).edge))
            }
        }

        func start(_ kind: FaultKind, share: Double = 1) async throws -> FaultPlan {
            let plan = try injector.plan(kind, share: share, at: scope)
            try await injector.apply(plan)
            return plan
        }

        func isClean(_ undos: FaultUndo...) async -> Bool {
            await injector.undo(undos).allSatisfy(\.isClean)
        }
    }

    @Test(arguments: [StubToxiproxy.Version.v2_1, .v2_12])
    func `Every kind of fault comes and goes as every injector's do`(version: StubToxiproxy.Version) async throws {
        let trial = try await Trial(version)
        trial.stub.add(toxic: Self.foreign, to: "cart>redis")
        try await InjectorContract.check(trial.injector, at: trial.scope, kinds: Self.kinds)
        #expect(trial.stub.toxics(of: "cart>redis") == ["theirs"])
    }

    @Test(arguments: [StubToxiproxy.Version.v2_1, .v2_12])
    func `A dial changes the toxic and makes no second one`(version: StubToxiproxy.Version) async throws {
        let trial = try await Trial(version)
        let first = try await trial.start(.delay(milliseconds: 100), share: 0.2)
        let second = try await trial.start(.delay(milliseconds: 100), share: 0.7)
        #expect(first.undo.overlaps(second.undo))
        #expect(await trial.injector.inspect(first).map(\.state) == [.changed])
        #expect(await trial.injector.inspect(second).map(\.state) == [.held])
        #expect(trial.stub.toxics(of: "cart>redis") == ["gameday-delay-downstream"])
        #expect(await trial.isClean(first.undo.joined(with: second.undo)))
        #expect(trial.stub.toxics(of: "cart>redis") == [])
    }

    @Test(arguments: [StubToxiproxy.Version.v2_1, .v2_12])
    func `A proxy is switched off and on by us, and stays off when it was somebody else`(
        version: StubToxiproxy.Version
    ) async throws {
        let trial = try await Trial(version)
        let plan = try await trial.start(FaultKind("off"))
        #expect(await trial.injector.inspect(plan).map(\.state) == [.held])
        #expect(trial.stub.isEnabled("cart>redis") == false)
        #expect(await trial.isClean(plan.undo))
        #expect(trial.stub.isEnabled("cart>redis") == true)
        #expect(trial.stub.toxics(of: "cart>redis") == [])

        let delay = try await trial.start(.delay(milliseconds: 100))
        trial.stub.enable("cart>redis", false)
        #expect(await trial.isClean(delay.undo, plan.undo))
        #expect(trial.stub.isEnabled("cart>redis") == false, "it was not we who did that")
        try await trial.look()
        #expect(throws: InjectionError.self) {
            try trial.injector.plan(.delay(milliseconds: 1), share: 1, at: trial.scope)
        }
    }

    @Test func `One that somebody switched on again no longer shows our fault`() async throws {
        let trial = try await Trial()
        let plan = try await trial.start(FaultKind("off"))
        trial.stub.enable("cart>redis", true)
        #expect(await trial.injector.inspect(plan).map(\.state) == [.changed])
        #expect(await trial.isClean(plan.undo))
        #expect(trial.stub.toxics(of: "cart>redis") == [])
    }

    @Test func `A survey finds what others put there, and takes it away only when that is asked for`() async throws {
        let trial = try await Trial()
        let plan = try await trial.start(.delay(milliseconds: 100), share: 0.5)
        trial.stub.add(toxic: Self.foreign, to: "cart>redis")
        trial.stub.enable("cart>db", false)
        let surveys = await trial.injector.survey(nil)
        #expect(surveys.map(\.source) == ["cart>db", "cart>redis"])
        let off = try #require(surveys[0].faults?.first)
        #expect(off.kind == FaultKind("off") && off.scope == .edge(Edge(from: "cart", to: "db")))
        let foreign = try #require(surveys[1].faults?.filter { !$0.undo.overlaps(plan.undo) }.first)
        #expect(foreign.kind == .delay(milliseconds: 7) && foreign.share == 0.25 && foreign.evidence == .held)
        #expect(surveys[1].faults?.first { $0.undo.overlaps(plan.undo) }?.isOthers == false)
        #expect(off.isOthers && foreign.isOthers, "no halt takes them away")

        #expect(await trial.isClean(plan.undo))
        #expect(trial.stub.toxics(of: "cart>redis") == ["theirs"])
        #expect(await trial.isClean(foreign.undo, off.undo))
        #expect(trial.stub.toxics(of: "cart>redis") == [])
        #expect(trial.stub.isEnabled("cart>db") == true)
    }

    @Test func `A server that started anew holds nothing, and that is no failure of the undo`() async throws {
        let trial = try await Trial()
        let plan = try await trial.start(.delay(milliseconds: 100))
        trial.stub.restart()
        #expect(await trial.injector.inspect(plan).map(\.state) == [.gone])
        #expect(await trial.isClean(plan.undo))
        trial.stub.remove(proxy: "cart>redis")
        #expect(await trial.injector.inspect(plan).map(\.state) == [.gone])
        #expect(await trial.injector.undo([plan.undo]).first?.explanation == "the server does not have this proxy")
        #expect(await trial.injector.look(at: plan.undo).map(\.state) == [.clean])
        trial.stub.stop()
        #expect(await trial.injector.look(at: plan.undo).map(\.state) == [.absent])
        #expect(await !trial.isClean(plan.undo))
    }

    @Test func `A toxic that can't be taken away while a client does not read goes with its proxy, which comes back`()
        async throws
    {
        let trial = try await Trial(upstream: "redis:6379")
        let plan = try await trial.start(.delay(milliseconds: 100))
        trial.stub.add(toxic: Self.foreign, to: "cart>redis")
        let listen = trial.stub.listen(of: "cart>redis")
        trial.stub.block("cart>redis")
        // Another proxy of the server is nobody's victim.
        let other = try trial.injector.plan(
            .delay(milliseconds: 5), share: 1, at: .edge(Edge(from: "cart", to: "db")))
        try await trial.injector.apply(other)
        let proofs = await trial.injector.undo([plan.undo, other.undo])
        #expect(proofs.allSatisfy { $0.isClean })
        #expect(proofs.first?.explanation?.contains("recreated with 1 toxics of others") == true)
        #expect(proofs.last?.explanation == nil)
        #expect(trial.stub.toxics(of: "cart>redis") == ["theirs"])
        #expect(trial.stub.isEnabled("cart>redis") == true)
        #expect(trial.stub.listen(of: "cart>redis") == listen)
        #expect(trial.stub.toxics(of: "gameday-spare-cart>redis") == nil)
    }

    @Test func `A fault whose start hangs is refused in words, and its proxy comes back without it`() async throws {
        let trial = try await Trial()
        trial.stub.block("cart>redis")
        let plan = try trial.injector.plan(.delay(milliseconds: 100), share: 1, at: trial.scope)
        await #expect {
            try await trial.injector.apply(plan)
        } throws: { error in
            (error as? InjectionError)?.summary.contains("does not read") == true
        }
        // Whoever undoes it has nothing but the ledger.
        let guardian = ToxiproxyInjector(
            directory: ToxiproxyDirectory(), transport: try CurlTransport(), deadline: .milliseconds(300))
        let undo = try FaultUndo(WireFields(JSON(parsing: plan.undo.json.bytes), page: "ledger"))
        let proof = try #require(await guardian.undo([undo]).first)
        #expect(proof.isClean, "\(proof.explanation ?? "")")
        #expect(trial.stub.toxics(of: "cart>redis") == [])
        #expect(trial.stub.isEnabled("cart>redis") == true)
    }

    /// After a crash in the middle of that, at each of its steps.
    @Test(arguments: 0...3) func `Whoever comes after goes on with a proxy that was being made anew`(
        steps: Int
    ) async throws {
        let trial = try await Trial()
        let plan = try await trial.start(.delay(milliseconds: 100))
        let server = ToxiproxyServer(url: trial.stub.url, transport: try CurlTransport(), deadline: .seconds(5))
        var spare = try #require(try await server.proxy("cart>redis"))
        let listen = spare.listen
        spare.name = "gameday-spare-cart>redis"
        spare.toxics = []
        try await server.make(spare)
        if steps > 0 { try await server.remove(proxy: "cart>redis") }
        spare.name = "cart>redis"
        if steps > 1 { try await server.make(spare) }
        if steps > 2 { try await server.enable("cart>redis", true) }
        #expect(await trial.isClean(plan.undo))
        #expect(trial.stub.isEnabled("cart>redis") == true)
        #expect(trial.stub.listen(of: "cart>redis") == listen)
        #expect(trial.stub.toxics(of: "gameday-spare-cart>redis") == nil)
    }

    @Test func `An edge is told what it can have, for how many, and what not`() async throws {
        let trial = try await Trial()
        let abilities = await trial.injector.abilities(at: trial.scope)
        #expect(abilities.filter(\.isPossible).count == ToxiproxyFault.all.count + 1)
        #expect(abilities.count == ToxiproxyFault.all.count + 2)
        #expect(abilities.best(for: "abort")?.refusal?.contains("HTTP") == true)
        #expect(abilities.best(for: "off")?.smallestShare == 1)
        #expect(abilities.allSatisfy { $0.evidence == .held })
        #expect(await trial.injector.abilities(at: .edge(Edge(from: "a", to: "b"))).isEmpty)
        trial.stub.enable("cart>redis", false)
        try await trial.look()
        #expect(
            await trial.injector.abilities(at: trial.scope).allSatisfy {
                !$0.isPossible && $0.remedy != nil || $0.word == "abort"
            })
    }
}
