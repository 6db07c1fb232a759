import MeshClient
import MeshModel
import Synchronization
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EnvoyFleetTests {
    /// A fleet whose rounds begin when the test moves the clock.
    private final class Watched: Sendable {
        private let clock = ManualClock()
        private let interval: Duration
        private let polling: Task<Void, Never>
        private let turns: AsyncStream<EnvoyTurn>

        init(
            _ endpoints: [EnvoyEndpoint], transport: any HTTPTransport, interval: Duration,
            directory: EnvoyDirectory = EnvoyDirectory()
        ) {
            self.interval = interval
            let fleet = EnvoyFleet(
                endpoints, transport: transport, interval: interval, directory: directory, clock: clock)
            let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
            self.turns = turns
            polling = Task { await fleet.run(into: continuation) }
        }

        deinit { polling.cancel() }

        func turn() async throws -> EnvoyTurn {
            for await turn in turns { return turn }
            throw CancellationError()
        }

        /// Waits for the end of the round and begins the next.
        func nextRound() async {
            await clock.waitForSleepers()
            clock.advance(by: interval)
        }
    }

    private static func page(_ completed: Int) -> String {
        #"{"stats":[{"name":"http.in.downstream_rq_completed","value":\#(completed)}]}"#
    }

    /// Servers which each do something that no proxy should.
    private static func badServers() throws -> [ServiceName: StubServer] {
        let gone = try StubServer { _, _ in false }
        gone.stop()
        return [
            "gone": gone,
            "silent": try StubServer { _, connection in
                connection.waitForHangUp()
                return false
            },
            "garbled": try StubServer { _, connection in connection.respond(body: "\u{1B}[31m<html>") },
            "endless": try StubServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\n\r\n")
                while connection.write([UInt8](repeating: 0x20, count: 1 << 20)) {}
                return false
            },
            "dripping": try StubServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
                connection.waitForHangUp()
                return false
            },
        ]
    }

    @Test func `bad proxies are reports, and the good one does not wait for them`() async throws {
        let polls = Mutex(0)
        let good = try StubServer { _, connection in
            connection.respond(
                body: Self.page(
                    polls.withLock {
                        $0 += 1; return $0
                    } * 10))
        }
        let bad = try Self.badServers()
        var endpoints = bad.map { EnvoyEndpoint(admin: $1.url, service: $0) }
        endpoints.insert(EnvoyEndpoint(admin: good.url, service: "good"), at: 2)
        let fleet = Watched(endpoints, transport: try CurlTransport(), interval: .seconds(2))

        var order: [String] = []
        while Set(order).count < 6 {
            for observation in try await fleet.turn().observations {
                switch observation {
                case .source(let report):
                    #expect(report.state == (report.name == "good" ? .fresh : .unreachable))
                    order.append(report.name)
                case .traffic(let report): #expect(report.source == "good")
                default: Issue.record("unexpected: \(observation)")
                }
            }
        }
        let place = try #require(order.firstIndex(of: "good"))
        #expect(order[place...].contains("silent"))
        #expect(order[place...].contains("dripping"))

        await fleet.nextRound()
        let samples = try await fleet.turn().observations.compactMap(\.traffic?.inbound)
        #expect(samples.map(\.completed) == [10])
    }

    @Test func `a fleet without names asks for them once`() async throws {
        let server = try StubServer { request, connection in
            request.line.hasPrefix("GET /server_info")
                ? connection.respond(body: #"{"node":{"cluster":"taps"}}"#)
                : connection.respond(headers: ["X-Gameday-Simulated: 7"], body: Self.page(1))
        }
        let directory = EnvoyDirectory()
        let fleet = Watched(
            [EnvoyEndpoint(admin: server.url)], transport: try CurlTransport(), interval: .seconds(60),
            directory: directory)
        for _ in 1...3 {
            let turn = try await fleet.turn()
            #expect(turn.observations.last?.traffic?.service == "taps")
            #expect(turn.simulatorSeed == "7")
            await fleet.nextRound()
        }
        #expect(directory.sidecars(of: "taps").map(\.endpoint.admin) == [server.url])
        server.stop()
        var infos = 0
        for await event in server.events {
            if case .asked(let line) = event, line.hasPrefix("GET /server_info") { infos += 1 }
            if event == .hungUp { break }
        }
        #expect(infos == 1)
    }

    @Test func `the rate is that of the clock`() async throws {
        let polls = Mutex(0)
        let transport = ScriptedTransport { _ in
            .success(
                HTTPResponse(
                    status: 200,
                    body: Array(
                        Self.page(
                            polls.withLock {
                                $0 += 1; return $0
                            } * 30
                        ).utf8)))
        }
        let fleet = Watched(
            [EnvoyEndpoint(admin: "http://a", service: "a")], transport: transport, interval: .seconds(2))
        var rates: [Double?] = []
        for _ in 1...4 {
            for case .traffic(let report) in try await fleet.turn().observations {
                rates.append(report.inbound?.requestRate)
            }
            await fleet.nextRound()
        }
        #expect(rates == [nil, 15, 15, 15])
    }

    @Test func `who is wanted soon is asked before its time, and only who is wanted`() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport { _ in
            .success(HTTPResponse(status: 200, body: Array(Self.page(30).utf8)))
        }
        let endpoints = ["a", "b"].map { EnvoyEndpoint(admin: "http://\($0)", service: ServiceName($0)) }
        let fleet = EnvoyFleet(endpoints, transport: transport, interval: .seconds(2), clock: clock)
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let polling = Task { await fleet.run(into: continuation) }
        var iterator = turns.makeAsyncIterator()
        _ = try #require(await iterator.next())
        #expect(transport.requests.count == 2)
        fleet.pollSoon(["b", "nobody"])
        _ = try #require(await iterator.next())
        #expect(transport.requests.map(\.url).filter { $0.hasPrefix("http://b/") }.count == 2)
        #expect(transport.requests.count == 3)
        polling.cancel()
        await polling.value
    }

    @Test func `a fleet of many is spread over the interval and misses nobody`() async throws {
        let transport = ScriptedTransport { _ in
            .success(HTTPResponse(status: 200, body: Array(Self.page(1).utf8)))
        }
        let endpoints = (0..<437).map { EnvoyEndpoint(admin: "http://\($0)", service: ServiceName("\($0)")) }
        let clock = ManualClock()
        let fleet = EnvoyFleet(endpoints, transport: transport, interval: .seconds(8), clock: clock)
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let polling = Task { await fleet.run(into: continuation) }
        defer { polling.cancel() }
        // Eight slots of at least 50; the first has come at once and sleeps until the next round.
        await clock.waitForSleepers(8)
        #expect(transport.requests.count == 55)
        clock.advance(by: .seconds(7))
        var sources: Set<String> = []
        for await turn in turns {
            for case .traffic(let report) in turn.observations { sources.insert(report.source) }
            if sources.count == 437 { break }
        }
        #expect(transport.requests.count == 437)
    }
}
