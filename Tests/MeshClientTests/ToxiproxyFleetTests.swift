import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Proxies as they are observed: seen, gone, silent, hung.
@Suite(.timeLimit(.minutes(2))) struct ToxiproxyFleetTests {
    /// A fleet whose rounds begin when the test moves the clock.
    private final class Watched: Sendable {
        let directory = ToxiproxyDirectory()
        private let clock = ManualClock()
        private let fleet: ToxiproxyFleet<ManualClock>
        private let polling: Task<Void, Never>
        private let turns: AsyncStream<AdapterTurn>

        init(_ url: String, naming: ToxiproxyNaming = ToxiproxyNaming()) throws {
            fleet = ToxiproxyFleet(
                [ToxiproxyTarget(url: url, naming: naming)], transport: try CurlTransport(), interval: .seconds(1),
                deadline: .milliseconds(500), directory: directory, clock: clock)
            let (turns, continuation) = AsyncStream.makeStream(of: AdapterTurn.self)
            self.turns = turns
            polling = Task { [fleet] in await fleet.run { continuation.yield($0) } }
        }

        deinit { polling.cancel() }

        func turn() async throws -> [Observation] {
            for await turn in turns { return turn.observations }
            throw CancellationError()
        }

        func nextTurn(after pause: Duration = .seconds(1)) async throws -> [Observation] {
            await clock.waitForSleepers()
            clock.advance(by: pause)
            return try await turn()
        }

        func pollSoon(_ sources: Set<String>) async {
            await clock.waitForSleepers()
            fleet.pollSoon(sources)
        }
    }

    private func reports(_ turn: [Observation]) -> [SourceReport] {
        turn.compactMap { if case .source(let report) = $0 { report } else { nil } }
    }

    private func traffic(_ turn: [Observation]) -> [TrafficReport] {
        turn.compactMap { if case .traffic(let report) = $0 { report } else { nil } }
    }

    @Test func `A look says of every proxy which edge it is taken for, and why`() async throws {
        let stub = try StubToxiproxy()
        stub.add(proxy: "cart>redis")
        stub.add(proxy: "db", upstream: "postgres:5432")
        stub.add(toxic: ["name": "slow", "type": "latency", "attributes": ["latency": 5]], to: "db")
        stub.enable("cart>redis", false)
        stub.add(proxy: "gameday-spare-db")
        let text = "toxiproxy: [{url: '\(stub.url)', from: shop}, {url: 'http://127.0.0.1:1'}]"
        let members = try #require(
            SettingsNode(yaml: text, log: SettingsMistakes())?.members(of: "the file", keys: Adapters.keys))
        let part = try #require(Adapters.parts(of: members, in: "").first)
        let lines = await part.explain?(try CurlTransport()) ?? []
        #expect(lines.count == 5)
        #expect(lines.first == "\(stub.url): Toxiproxy 2.12.0")
        #expect(lines.contains { $0.hasPrefix("    cart>redis: cart>redis (callee by its name, caller by its name)") })
        #expect(lines.contains { $0.hasSuffix(", switched off") && $0.contains("cart>redis") })
        let why = "    db: shop>postgres (callee by its upstream postgres:5432, caller by `from:`)"
        #expect(lines.contains { $0.hasPrefix(why) && $0.hasSuffix(" to postgres:5432, toxics: slow") })
        #expect(lines.suffix(2).first == "http://127.0.0.1:1" && lines.last?.hasPrefix("    not read: ") == true)
    }

    @Test func `A proxy is an edge of which no traffic is known, and its server tells its version`() async throws {
        let stub = try StubToxiproxy()
        stub.add(proxy: "cart>redis")
        stub.add(proxy: "gameday-spare-x")
        let watched = try Watched(stub.url)
        let turn = try await watched.turn()
        #expect(reports(turn).map(\.name) == ["toxiproxy " + stub.url.dropFirst(7), "cart>redis"])
        #expect(reports(turn).allSatisfy { $0.state == .fresh && $0.version == "2.12.0" && $0.kind == .toxiproxy })
        let report = try #require(traffic(turn).first)
        #expect(report.service == "cart" && report.inbound == nil)
        #expect(report.outbound == [TrafficReport.Outbound(to: "redis", sample: nil)])
        // What has not changed is not told again, and traffic is, for that is how alive it is.
        let next = try await watched.nextTurn()
        #expect(reports(next).map(\.service) == [nil] && traffic(next).count == 1)
        #expect(watched.directory.entries(on: Edge(from: "cart", to: "redis")).map(\.source) == ["cart>redis"])
    }

    @Test func `Proxies come and go, and those that are off say so`() async throws {
        let stub = try StubToxiproxy()
        let watched = try Watched(stub.url)
        #expect(reports(try await watched.turn()).map(\.explanation) == ["It has no proxies"])
        stub.add(proxy: "a>b")
        let come = try await watched.nextTurn()
        #expect(reports(come).map(\.explanation) == [nil, nil])
        #expect(reports(come).map(\.health) == [nil, SourceReport.new] && reports(come).last?.callee == "b")
        stub.enable("a>b", false)
        #expect(reports(try await watched.nextTurn()).map(\.explanation) == [nil, "It is switched off"])
        stub.remove(proxy: "a>b")
        let gone = reports(try await watched.nextTurn())
        #expect(gone.contains { $0.name == "a>b" && $0.isGone })
        #expect(watched.directory.entries(named: nil).isEmpty)
    }

    @Test func `While one proxy hangs the others are heard by their names`() async throws {
        let stub = try StubToxiproxy()
        stub.add(proxy: "a>b")
        stub.add(proxy: "c>d")
        let watched = try Watched(stub.url)
        _ = try await watched.turn()
        stub.block("a>b")
        let server = ToxiproxyServer(url: stub.url, transport: try CurlTransport(), deadline: .milliseconds(100))
        await #expect(throws: ToxiproxyError.self) { try await server.add(ToxiproxyToxic(mark: "x"), to: "a>b") }
        for _ in 1...2 {
            let turn = try await watched.nextTurn()
            #expect(traffic(turn).map(\.source) == ["c>d"])
        }
        // The list, which hangs in the server for ever, is left alone for a while.
        #expect(stub.asked.count { $0 == "GET /proxies" } == 2)
        let last = reports(try await watched.nextTurn())
        #expect(last.map(\.state) == [.unreachable] && last.first?.explanation?.hasPrefix("It hangs") == true)
        stub.restart()
        let back = try await watched.nextTurn(after: .seconds(30))
        #expect(traffic(back).map(\.source) == ["a>b", "c>d"])
    }

    @Test func `A server that was away and comes back is another process, which holds no toxic`() {
        let reader = ToxiproxyReader(url: "http://a:1", naming: ToxiproxyNaming(), directory: ToxiproxyDirectory())
        let proxy = ToxiproxyProxy(name: "a>b", listen: "", upstream: "b:1", isEnabled: true, toxics: [])
        #expect(traffic(reader.receive([proxy])).map(\.restarted) == [false])
        let told = (1...4).map { _ in reports(reader.fail(.silent(.refused("a:1")))).map(\.state) }
        #expect(told == [[.stale, .stale], [], [.unreachable, .unreachable], []])
        #expect(traffic(reader.receive([proxy])).map(\.restarted) == [true])
        #expect(traffic(reader.receive([proxy])).map(\.restarted) == [false])
        // One that was only late is the same.
        _ = reader.fail(.silent(.timedOut))
        #expect(traffic(reader.receive([proxy])).map(\.restarted) == [false])
    }

    @Test func `A proxy that somebody asks for is looked at at once`() async throws {
        let stub = try StubToxiproxy()
        stub.add(proxy: "a>b")
        stub.add(proxy: "c>d")
        let watched = try Watched(stub.url)
        _ = try await watched.turn()
        await watched.pollSoon(["c>d", "nobody"])
        #expect(traffic(try await watched.turn()).map(\.source) == ["c>d"])
    }

    @Test func `Something else than a Toxiproxy is told, and nothing is made of it`() async throws {
        let other = try StubServer { _, connection in connection.respond(404, body: "404 page not found\n") }
        let watched = try Watched(other.url)
        let turn = try await watched.turn()
        #expect(reports(turn).map(\.state) == [.unreachable])
        #expect(reports(turn).first?.explanation?.contains("404") == true)
    }
}
