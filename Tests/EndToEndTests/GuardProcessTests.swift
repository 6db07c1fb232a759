import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// The guard process is stopped, continued and outlived: it never acts for anybody but its own control plane.
@Suite(.timeLimit(.minutes(5)), .serialized) struct GuardProcessTests {
    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps", "kitchen"])
        home = try GamedayHome()
    }

    private func up() async throws -> ControlPlaneClient {
        try await home.up([("bar", bar.url)], edges: 2)
    }

    private func start() async throws {
        let outcome = try await home.succeed(
            "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "50", "--wait")
        try #require(outcome.code == 0, "\(outcome.output)")
    }

    private func eventually(_ what: String, _ isSo: () -> Bool) async throws {
        for _ in 0..<3000 {
            if isSo() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not \(what): keys \(bar.keys), \(home.description)")
        throw CancellationError()
    }

    @Test func `One that is stopped is replaced, told, and can not be continued`() async throws {
        let client = try await up()
        try await start()
        let first = try #require(home.guardProcess)
        kill(first, SIGSTOP)
        let begun = ContinuousClock.now
        try await eventually("replaced") { home.guardProcess.map { $0 != first } ?? false }
        print("a stopped guard was replaced after \(ContinuousClock.now - begun)")
        #expect(!home.isRunning(first))
        try await home.wait(client) { $0.timeline.contains { $0.text.contains("starting another") } }
        kill(try #require(home.controlPlane), SIGKILL)
        try await eventually("clean") { bar.keys.isEmpty }
    }

    @Test func `One that was stopped, outlived and continued leaves the next control plane alone`() async throws {
        _ = try await up()
        try await start()
        let old = try #require(home.guardProcess)
        kill(old, SIGSTOP)
        kill(try #require(home.controlPlane), SIGKILL)
        let client = try await up()
        try await eventually("clean") { bar.keys.isEmpty }
        try await start()
        kill(old, SIGCONT)
        try await eventually("gone") { !home.isRunning(old) }
        #expect(bar.keys.count == 2)
        let faults = try await client.faults()
        #expect(faults.last?.phase == .active, "\(faults)")
        #expect(try await home.run("down").code == 0)
        #expect(bar.keys.isEmpty)
    }

    @Test func `Only what can't be ended is forgotten, and never unasked`() async throws {
        _ = try await up()
        try await start()
        #expect(try await home.run("forget", "F1").code == 64)
        let standing = try await home.run("forget", "F1", "--yes")
        #expect(standing.code == 1 && standing.output.contains("it is active"), "\(standing.output)")
        #expect(try await home.run("forget", "F77", "--yes").code == 1)
        #expect(bar.keys.count == 2)
        bar.become(.stubborn)
        #expect(try await home.run("fault", "stop", "F1").code == 1)
        let shown = try await home.run("forget", "F1", "--yes")
        #expect(shown.code == 1 && shown.output.contains("it is still there"), "\(shown.output)")
        bar.become(.silent)
        let given = try await home.run("forget", "F1", "--yes")
        #expect(given.code == 0 && given.output.hasPrefix("F1 is forgotten: given up by tester;"), "\(given.output)")
        let halt = try await home.run("halt")
        #expect(halt.code == 0 && halt.output.contains("bar: NOT READ BACK: unreachable for "), "\(halt.output)")
    }

    @Test func `On a terminal the id is typed again before a fault is given up`() async throws {
        _ = try await up()
        try await start()
        bar.become(.silent)
        #expect(try await home.run("fault", "stop", "F1").code == 1)
        func forget(typing text: String) async throws -> (code: Int, screen: String) {
            let session = try PtySession(
                GamedayHome.program, ["forget", "F1"], environment: home.terminalEnvironment)
            try await session.wait(for: "Type F1 to give it up:")
            await session.type(text + "\r")
            let code = try await session.waitForEnd()
            return (code, await session.screen.text)
        }
        for mistake in ["", "y", "f1", "F2"] {
            let (code, screen) = try await forget(typing: mistake)
            #expect(code == 1 && screen.contains("nothing was given up"), "\(screen)")
        }
        #expect(try await home.run("faults").output.contains(" stuck"))
        let (code, screen) = try await forget(typing: "F1")
        #expect(code == 0 && screen.contains("F1 is forgotten: given up by tester"), "\(screen)")
        #expect(try await home.run("faults", "--all").output.contains(" forgotten"))
    }
}
