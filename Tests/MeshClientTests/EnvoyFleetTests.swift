import MeshClient
import MeshModel
import Synchronization
import TestKit
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EnvoyFleetTests {
    /// The reports of a fleet while it runs, handed to `look` until that is satisfied.
    private func watch<C: Clock>(
        _ fleet: EnvoyFleet<C>, until look: (EnvoyTurn) -> Bool
    ) async where C.Duration == Duration {
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        await withTaskGroup { group in
            group.addTask {
                await fleet.run(into: continuation)
                continuation.finish()
            }
            for await turn in turns where look(turn) { break }
            group.cancelAll()
        }
    }

    private static func page(_ completed: Int) -> String {
        #"{"stats":[{"name":"http.in.downstream_rq_completed","value":\#(completed)}]}"#
    }

    @Test func `bad proxies are reports, and good ones are polled all the while`() async throws {
        let polls = Mutex(0)
        let good = try StubServer { _, connection in
            connection.respond(
                body: Self.page(
                    polls.withLock {
                        $0 += 1; return $0
                    } * 10))
        }
        let silent = try StubServer { _, connection in
            connection.waitForHangUp()
            return false
        }
        let garbage = try StubServer { _, connection in connection.respond(body: "\u{1B}[31m<html>") }
        let huge = try StubServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while connection.write([UInt8](repeating: 0x20, count: 1 << 20)) {}
            return false
        }
        let dripping = try StubServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            connection.write("{")
            connection.waitForHangUp()
            return false
        }
        let gone = try StubServer { _, _ in false }
        gone.stop()
        let servers = [
            "silent": silent, "garbage": garbage, "huge": huge, "dripping": dripping, "gone": gone, "good": good,
        ]
        let fleet = EnvoyFleet(
            servers.map { EnvoyEndpoint(admin: $1.url, service: ServiceName($0)) }, transport: try CurlTransport(),
            interval: .milliseconds(150))

        var states: [String: SourceState] = [:]
        var samples: [TrafficSample] = []
        await watch(fleet) { turn in
            for observation in turn.observations {
                switch observation {
                case .source(let report): states[report.name] = report.state
                case .traffic(let report):
                    #expect(report.source == "good")
                    samples += [report.inbound].compactMap { $0 }
                default: Issue.record("unexpected: \(observation)")
                }
            }
            return samples.count >= 5 && states.count == 6
        }
        #expect(samples.allSatisfy { $0.completed == 10 })
        #expect(states.removeValue(forKey: "good") == .fresh)
        #expect(Set(states.values) == [.unreachable])
    }

    @Test func `a fleet without names asks for them once`() async throws {
        let server = try StubServer { request, connection in
            request.line.hasPrefix("GET /server_info")
                ? connection.respond(body: #"{"node":{"cluster":"taps"}}"#)
                : connection.respond(headers: ["X-Gameday-Simulated: 7"], body: Self.page(1))
        }
        let directory = EnvoyDirectory()
        let fleet = EnvoyFleet(
            [EnvoyEndpoint(admin: server.url)], transport: try CurlTransport(), interval: .milliseconds(50),
            directory: directory)
        var seeds: Set<String?> = []
        var reports = 0
        await watch(fleet) { turn in
            seeds.insert(turn.simulatorSeed)
            reports += turn.observations.count { if case .traffic = $0 { true } else { false } }
            return reports == 3
        }
        #expect(seeds == ["7"])
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
        let clock = ManualClock()
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
        let fleet = EnvoyFleet(
            [EnvoyEndpoint(admin: "http://a", service: "a")], transport: transport, interval: .seconds(2), clock: clock)
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let polling = Task { await fleet.run(into: continuation) }
        var iterator = turns.makeAsyncIterator()
        var rates: [Double?] = []
        while rates.count < 4 {
            let turn = try #require(await iterator.next())
            for case .traffic(let report) in turn.observations { rates.append(report.inbound?.requestRate) }
            await clock.waitForSleepers()
            clock.advance(by: .seconds(2))
        }
        polling.cancel()
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
}
