import Glibc
import MeshClient
import MeshModel
import Recording
import Synchronization
import TestKit
import Testing

@testable import gameday

/// Somebody sets the clock of this machine while a day is on.
@Suite(.timeLimit(.minutes(3))) struct ClockTests {
    private let home: GamedayHome
    private let clock: ClockStep

    init() throws {
        home = try GamedayHome()
        clock = ClockStep(in: home.folder)
    }

    private func lease() async throws -> Double {
        let outcome = try await home.run("faults", "--json")
        let fault = try JSON(parsing: Array(outcome.output.utf8)).array?.first
        return try #require(fault?["leaseRemaining"]?.double, "\(outcome.output)")
    }

    private func steps(_ state: MeshState) -> [String] {
        state.timeline.map(\.text).filter { $0.contains("the clock of this machine") }
    }

    @Test func `leases, events and the recording go on, and a step is told once`() async throws {
        let bar = try StubEnvoy(service: "bar", callees: ["taps"])
        home.write("name: a stub\npoll: 200ms\nproxies:\n  - {service: bar, admin: \"\(bar.url)\"}\n", to: "mesh.yaml")
        async let day = home.run(
            program: GamedayHome.program,
            ["up", "--foreground", "-f", home.folder + "/mesh.yaml", "--socket", home.socket],
            environment: clock.environment)
        let client = ControlPlaneClient(socket: home.socket, transport: try CurlTransport())
        try await home.wait(client) { $0.edges.count == 1 }
        let started = try await home.succeed(
            "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "50", "--lease", "10m")
        try #require(started.code == 0, "\(started.output)")
        for (seconds, words) in [(-3600, "set back by 1 hour"), (86_400 * 3650, "set forward by")] as [(Int64, String)]
        {
            clock.set(seconds: seconds)
            try await home.wait(client) { state in steps(state).contains { $0.contains(words) } }
            #expect((400...600).contains(try await lease()))
            #expect(!bar.keys.isEmpty)
        }
        var last = MeshState()
        try await home.wait(client) {
            last = $0
            return ($0.edges.values.first?.polls ?? 0) > 25
        }
        #expect(steps(last).count == 2, "\(steps(last))")
        _ = try await home.run("down")
        #expect(try await day.code == 0)
        let file = try #require(RecordingFolder(path: home.folder + "/data/gameday/recordings").items().first?.path)
        var cursor = try RecordingReader(path: file).events()
        var before = Timestamp(milliseconds: 0)
        while let event = cursor.next() {
            #expect(event.at >= before)
            before = event.at
        }
    }

    @Test func `a run lasts as long as it lasted`() async throws {
        let file = home.folder + "/step"
        let script = "printf '\\234\\377\\377\\377\\377\\377\\377\\377' 1<> \(home.folder)/clock-step; sleep 0.3"
        home.write(
            """
            {"title": "t", "description": "d", "method": [{"type": "action", "name": "set the clock", "provider":
              {"type": "process", "path": "sh", "arguments": ["-c", \(JSON.string(script).text)]}}]}
            """, to: "run.json")
        let outcome = try await home.run(
            program: GamedayHome.program, ["run", home.folder + "/run.json", "--journal-path", file],
            environment: clock.environment)
        let journal = try JSON(parsing: Array(home.text(of: file).utf8))
        let action = try #require(journal["run"]?.array?.first, "\(outcome.output)")
        #expect(action["status"]?.string == "succeeded", "\(action)")
        #expect(
            (0.3...30).contains(action["duration"]?.double ?? -1)
                && (0.3...60).contains(journal["duration"]?.double ?? -1))
        #expect(journal["start"]?.string ?? "" < journal["end"]?.string ?? "")
    }

    @Test func `a dashboard's time is the control plane's, whatever the clock beside it says`() {
        let elapsed = Mutex(Duration.seconds(100))
        var clock = FeedClock(elapsed: { elapsed.withLock { $0 } })
        let day = Timestamp(milliseconds: 1_000_000)
        clock.hear(day)
        elapsed.withLock { $0 += .seconds(60) }
        #expect(clock.now == day.advanced(bySeconds: 60))
        // What was long under way does not set it back.
        clock.hear(day.advanced(bySeconds: 20))
        #expect(abs(clock.now.seconds(since: day) - 60) < 0.05)
        clock.hear(day.advanced(bySeconds: 61))
        #expect(clock.now == day.advanced(bySeconds: 61))
        clock.forget()
        clock.hear(day.advanced(bySeconds: -3600))
        #expect(clock.now == day.advanced(bySeconds: -3600))
    }
}
