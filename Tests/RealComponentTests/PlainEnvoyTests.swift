import Foundation
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// Real Envoys that nobody prepared: what is told of them is compared to what was sent.
@Suite(.timeLimit(.minutes(5)))
struct PlainEnvoyTests {
    private let transport: CurlTransport
    private let behind: StubServer
    private let other: StubServer

    init() async throws {
        transport = try CurlTransport()
        behind = try StubServer { request, connection in connection.respond(body: "one") }
        other = try StubServer { request, connection in connection.respond(body: "two") }
    }

    private func start(_ config: String, _ arguments: [String] = []) async throws -> EnvoyProcess {
        let text = config.replacing("{port}", with: "\(behind.port)").replacing("{port2}", with: "\(other.port)")
        return try await EnvoyProcess(config: text, arguments: arguments, transport: transport)
    }

    private static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    private func send(_ count: Int, to url: String) async throws -> [Int: Int] {
        var statuses: [Int: Int] = [:]
        for await answers in transport.answers(
            to: (0..<count).map { _ in HTTPRequest("GET", url, deadline: .seconds(20)) })
        {
            for answer in answers { statuses[try answer.result.get().status, default: 0] += 1 }
        }
        return statuses
    }

    /// Polls until the condition holds of all that was counted since the first page, and does something between polls.
    private func polled(
        _ endpoints: [EnvoyEndpoint], _ directory: EnvoyDirectory = EnvoyDirectory(),
        once: @escaping @Sendable () async throws -> Void, until isEnough: ([String: TrafficReport]) -> Bool
    ) async throws -> [String: TrafficReport] {
        let fleet = EnvoyFleet(endpoints, transport: transport, interval: .milliseconds(300), directory: directory)
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        var sums: [String: TrafficReport] = [:]
        try await withThrowingTaskGroup { group in
            group.addTask {
                await fleet.run(into: continuation)
                continuation.finish()
            }
            var hasSent = false
            for await turn in turns {
                for case .traffic(let report) in turn.observations {
                    if sums[report.source]?.add(report) == nil { sums[report.source] = report }
                }
                if !hasSent, sums.count == endpoints.count {
                    hasSent = true
                    try await once()
                }
                if hasSent, isEnough(sums) { break }
            }
            group.cancelAll()
        }
        return sums
    }

    @Test func `services, edges and counts of four hands are what was sent`() async throws {
        let front = try await start(PlainEnvoyConfigs.front())
        let compose = try await start(PlainEnvoyConfigs.compose, ["--service-cluster", "orders"])
        let consul = try await start(PlainEnvoyConfigs.consul)
        let tcp = try await start(PlainEnvoyConfigs.tcp)
        let urls = [
            try await front.url(listener: 0), try await compose.url(listener: 0), try await compose.url(listener: 1),
            try await consul.url(of: "public_listener:127.0.0.1:20000"), try await consul.url(of: "db:127.0.0.1:9191"),
            try await tcp.url(listener: 0),
        ]
        let endpoints = [front, compose, consul, tcp].enumerated().map { place, envoy in
            EnvoyEndpoint(admin: envoy.admin, service: place == 0 ? "edge" : nil)
        }
        let sums = try await polled(endpoints) {
            for (url, count) in [
                (urls[0] + "/1", 40), (urls[0] + "/2", 25), (urls[0] + "/none", 5), (urls[1], 30), (urls[2], 20),
                (urls[3], 15), (urls[4], 10), (urls[5], 8),
            ] { _ = try await self.send(count, to: url) }
        } until: { sums in
            sums["edge"]?.inbound?.completed == 70 && sums["orders"]?.outbound.first?.sample?.completed == 20
                && sums["web"]?.outbound.first?.sample?.completed == 10
                && sums["ledger"]?.outbound.first?.sample?.bytesReceived ?? 0 > 0
        }
        func counts(_ source: String) -> [String: UInt64] {
            Dictionary(
                uniqueKeysWithValues: (sums[source]?.outbound ?? []).map { ($0.to.text, $0.sample?.completed ?? 0) })
        }
        #expect(counts("edge") == ["service1": 40, "service2": 25])
        #expect(sums["edge"]?.inbound?.answers4xx == 5)
        #expect(counts("orders") == ["stock": 20])
        #expect(sums["orders"]?.inbound?.completed == 30)
        #expect(counts("web") == ["db": 10])
        #expect(sums["web"]?.inbound?.completed == 15)
        #expect(counts("ledger") == ["postgres": 0])
        #expect(sums["ledger"]?.outbound.first?.sample?.connections ?? 0 > 0)
        #expect(sums["edge"]?.outbound.first?.sample?.latency?.count == 40)
        #expect(sums["edge"]?.outbound.first?.sample?.totalHosts == 1)
    }

    @Test func `a standard fault filter works by the keys that it has by itself`() async throws {
        let envoy = try await start(PlainEnvoyConfigs.faulty)
        let directory = EnvoyDirectory()
        let url = try await envoy.url(listener: 0)
        _ = try await polled(
            [EnvoyEndpoint(admin: envoy.admin)], directory, once: {},
            until: { _ in
                directory.shape(of: "shop") != nil
            })
        let injector = EnvoyFaultInjector(directory: directory, transport: transport, deadline: .seconds(5))
        let edge = Scope.edge(Edge(from: "shop", to: "till"))
        let abilities = await injector.abilities(at: edge)
        #expect(abilities.map(\.isPossible) == [true, true, false])
        #expect(abilities.prefix(2).allSatisfy { $0.evidence == .counted })
        let plan = try injector.plan(.abort(status: 418), share: 1, at: edge)
        try await injector.apply(plan)
        #expect(try await send(20, to: url) == [418: 20])
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        #expect(await injector.hits(of: plan.kind, at: edge, in: plan.undo) == 20)
        let held = try #require(await injector.survey(nil).first?.faults)
        #expect(held.map(\.scope) == [edge])
        #expect(held.first?.kind == .abort(status: 418))
        #expect(await injector.undo([plan.undo]).map(\.isClean) == [true])
        #expect(try await send(20, to: url) == [200: 20])
    }

    @Test func `without a filter a callee is refused by its cluster's maintenance`() async throws {
        let layer =
            "layered_runtime: {layers: [{name: any, admin_layer: {}}]}\n"
        let envoy = try await start(PlainEnvoyConfigs.front(layer))
        let directory = EnvoyDirectory()
        let url = try await envoy.url(listener: 0)
        let endpoint = EnvoyEndpoint(admin: envoy.admin, service: "edge")
        _ = try await polled([endpoint], directory, once: {}, until: { _ in directory.shape(of: "edge") != nil })
        let injector = EnvoyFaultInjector(directory: directory, transport: transport, deadline: .seconds(5))
        let edge = Scope.edge(Edge(from: "edge", to: "service1"))
        let abilities = await injector.abilities(at: edge)
        #expect(abilities.map(\.isPossible) == [true, false, false])
        #expect(abilities[0].bounds["abort"] == 503...503)
        #expect(throws: InjectionError.self) { try injector.plan(.abort(status: 500), share: 1, at: edge) }
        let plan = try injector.plan(.abort(status: 503), share: 0.304, at: edge)
        #expect(plan.share == 0.3)
        #expect(plan.explanation?.contains("30%") == true)
        try await injector.apply(plan)
        let sums = try await polled([endpoint]) {
            _ = try await self.send(200, to: url + "/1")
            _ = try await self.send(50, to: url + "/2")
        } until: {
            $0["edge"]?.inbound?.completed == 250
        }
        let hit = try #require(sums["edge"]?.outbound.first { $0.to == "service1" }?.sample)
        // Three in a million fair draws do worse than this.
        #expect((25...95).contains(hit.abortsInjected))
        #expect(hit.answers5xx == hit.abortsInjected)
        #expect(hit.completed == 200)
        #expect(sums["edge"]?.outbound.first { $0.to == "service2" }?.sample?.answers5xx == 0)
        #expect(await injector.hits(of: plan.kind, at: edge, in: plan.undo) == hit.abortsInjected)
        #expect(await injector.survey(nil).first?.faults?.map(\.scope) == [edge])
        #expect(await injector.undo([plan.undo]).map(\.isClean) == [true])
    }

    @Test func `what adopt prints makes every fault possible on every edge`() async throws {
        let bare = try await start(PlainEnvoyConfigs.front())
        let inspection = await EnvoyInspection([EnvoyEndpoint(admin: bare.admin, service: "edge")], transport)
        let documents = inspection.adoption.filter { !$0.hasPrefix("#") }.split(separator: "---").map(Array.init)
        try #require(documents.count == 2)
        let envoy = try await start(
            PlainEnvoyConfigs.front(
                documents[0].joined(separator: "\n") + "\n",
                filters: documents[1].map { "          \($0)\n" }.joined()))
        let url = try await envoy.url(listener: 0)
        let endpoint = EnvoyEndpoint(admin: envoy.admin, service: "edge")
        let again = await EnvoyInspection([endpoint], transport)
        #expect(again.adoption.last == "# Nothing has to be added.")
        let directory = EnvoyDirectory()
        _ = try await polled([endpoint], directory, once: {}, until: { _ in directory.shape(of: "edge") != nil })
        let injector = EnvoyFaultInjector(directory: directory, transport: transport, deadline: .seconds(5))
        for callee in ["service1", "service2"] {
            let abilities = await injector.abilities(at: .edge(Edge(from: "edge", to: ServiceName(callee))))
            #expect(abilities.map(\.isPossible) == [true, true, true])
        }
        let edge = Scope.edge(Edge(from: "edge", to: "service2"))
        let plan = try injector.plan(.abort(status: 404), share: 1, at: edge)
        try await injector.apply(plan)
        #expect(try await send(10, to: url + "/2") == [404: 10])
        #expect(try await send(10, to: url + "/1") == [200: 10])
        #expect(await injector.undo([plan.undo]).map(\.isClean) == [true])
        #expect(try await send(10, to: url + "/2") == [200: 10])
    }

    @Test func `what the configuration itself sets is neither an orphan nor in the way of a proof`() async throws {
        let layers = """
            layered_runtime:
              layers:
              - {name: mine, static_layer: {upstream.maintenance_mode.service1: 20}}
              - {name: theirs, admin_layer: {}}

            """
        let envoy = try await start(PlainEnvoyConfigs.front(layers))
        let directory = EnvoyDirectory()
        let endpoint = EnvoyEndpoint(admin: envoy.admin, service: "edge")
        _ = try await polled([endpoint], directory, once: {}, until: { _ in directory.shape(of: "edge") != nil })
        let injector = EnvoyFaultInjector(directory: directory, transport: transport, deadline: .seconds(5))
        #expect(await injector.survey(nil).first?.faults?.isEmpty == true)
        let plan = try injector.plan(.abort(status: 503), share: 0.5, at: .edge(Edge(from: "edge", to: "service1")))
        try await injector.apply(plan)
        #expect(await injector.survey(nil).first?.faults?.count == 1)
        #expect(await injector.undo([plan.undo]).map(\.isClean) == [true])
        #expect(await injector.survey(nil).first?.faults?.isEmpty == true)
    }

    @Test func `of replicas one is killed and one added, and nothing halves or doubles`() async throws {
        var envoys: [EnvoyProcess] = []
        for place in 1...3 { envoys.append(try await start(PlainEnvoyConfigs.replica("web-\(place)"))) }
        let late = try await start(PlainEnvoyConfigs.replica("web-4"))
        var urls: [String] = []
        for envoy in envoys + [late] { urls.append(try await envoy.url(listener: 0)) }
        let sent = Mutex([0, 0, 0])
        var counted: UInt64 = 0
        let fleet = EnvoyFleet(
            (envoys + [late]).map { EnvoyEndpoint(admin: $0.admin) }, transport: transport, interval: .milliseconds(300)
        )
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let state = try await withThrowingTaskGroup(of: Void.self, returning: MeshState.self) { group in
            group.addTask {
                await fleet.run(into: continuation)
                continuation.finish()
            }
            var state = MeshState()
            var (number, phase, rounds) = (UInt64(0), 0, 0)
            // What the state says at any moment is what its instances say together.
            func check() throws {
                let scope = try #require(state.services["web"])
                let all = try #require(scope.sample(until: Self.now))
                let parts = scope.sources.compactMap { scope.sample(of: $0, until: Self.now) }
                #expect(all.completed == parts.reduce(0) { $0 + $1.completed })
                #expect(all.latency?.count == parts.reduce(0) { $0 + ($1.latency?.count ?? 0) })
                let rate = parts.reduce(0) { $0 + ($1.requestRate ?? 0) }
                #expect(abs((all.requestRate ?? 0) - rate) < 0.2 * rate + 1)
            }
            for await turn in turns {
                for observation in turn.observations {
                    number += 1
                    counted += observation.traffic?.inbound?.completed ?? 0
                    state.apply(Event(number: number, at: Self.now, observation: observation))
                }
                guard state.sources.count == 4, turn.observations.contains(where: { $0.traffic != nil }) else {
                    continue
                }
                rounds += 1
                if rounds == 8 {
                    try check()
                    phase = 1
                    envoys[0].crash()
                } else if rounds == 20 {
                    phase = 2
                } else if rounds == 34 {
                    try check()
                    break
                }
                let live = phase == 0 ? urls.prefix(3) : phase == 1 ? urls[1..<3] : urls[1..<4]
                sent.withLock { $0[phase] += 5 * live.count }
                for url in live { _ = try await send(5, to: url) }
            }
            group.cancelAll()
            return state
        }
        let total = sent.withLock { $0.reduce(0, +) }
        // What was sent after the last poll is not counted yet, and what the killed one had after its last never is.
        #expect(Int(counted) <= total)
        #expect(Int(counted) >= total - 40)
        #expect(state.sources.values.count { $0.report.service == "web" } == 4)
        #expect(state.sources.values.count { $0.report.state == .fresh } == 3)
        #expect(state.sources.values.allSatisfy { $0.report.zone == "zone-a" })
        #expect(state.sources.values.allSatisfy { $0.report.version?.hasPrefix("Envoy 1.") == true })
    }
}

extension Observation {
    fileprivate var traffic: TrafficReport? { if case .traffic(let report) = self { report } else { nil } }
}
