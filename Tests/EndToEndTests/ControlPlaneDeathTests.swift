import Glibc
import MeshClient
import MeshModel
import TerminalCanvas
import TestKit
import Testing

/// Whatever dies while two faults are active, nothing of them is left in the proxies, without anybody's action.
@Suite(.timeLimit(.minutes(5)), .serialized) struct ControlPlaneDeathTests {
    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps", "kitchen"])
        home = try GamedayHome()
    }

    private func up() async throws -> ControlPlaneClient {
        try await home.up([("bar", bar.url)], edges: 2)
    }

    private func startTwo() async throws {
        for (callee, fault) in [("taps", ["--abort", "503"]), ("kitchen", ["--delay", "200ms"])] {
            let outcome = try await home.succeed(
                "fault", "start", "--from", "bar", "--to", callee, fault[0], fault[1], "--percent", "50", "--wait")
            try #require(outcome.code == 0, "\(outcome.output)")
        }
        #expect(bar.keys.count == 4)
    }

    /// Looks again and again until it is so; after half a minute it says what there is instead.
    private func eventually(_ what: String, _ isSo: () -> Bool) async throws {
        for _ in 0..<3000 {
            if isSo() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not \(what): keys \(bar.keys), \(home.description)")
        throw CancellationError()
    }

    private func clean() async throws { try await eventually("clean") { bar.keys.isEmpty } }

    private func end(_ process: pid_t?, _ signal: Int32 = SIGKILL) throws {
        kill(try #require(process), signal)
    }

    private func isGone(_ process: pid_t) async throws {
        try await eventually("gone: \(process)") { !home.isRunning(process) }
    }

    @Test func `The control plane is killed`() async throws {
        _ = try await up()
        try await startTwo()
        let guardProcess = try #require(home.guardProcess)
        try end(home.controlPlane)
        try await clean()
        try await isGone(guardProcess)
        #expect(home.ledger().split(separator: "\n").count { $0.contains("the guard") } == 2)
    }

    @Test func `The control plane is stopped and wakes up again`() async throws {
        let client = try await up()
        try await startTwo()
        let process = home.controlPlane
        try end(process, SIGSTOP)
        try await clean()
        try end(process, SIGCONT)
        try await home.wait(client) { $0.faults.count == 2 && $0.activeFaults.isEmpty }
        let faults = try await client.faults()
        #expect(faults.allSatisfy { $0.explanation?.contains("guard") == true })
        #expect(bar.keys.isEmpty)
    }

    @Test func `The guard is killed, is started again, and then the control plane is killed`() async throws {
        _ = try await up()
        try await startTwo()
        let first = try #require(home.guardProcess)
        try end(first)
        try await eventually("another guard") { home.guardProcess.map { $0 != first } ?? false }
        #expect(bar.keys.count == 4)
        try end(home.controlPlane)
        try await clean()
    }

    @Test func `Both are killed at once, and the next start begins with what they left`() async throws {
        _ = try await up()
        try await startTwo()
        let (controlPlane, guardProcess) = (home.controlPlane, home.guardProcess)
        try end(guardProcess, SIGSTOP)
        try end(controlPlane)
        try end(guardProcess)
        #expect(bar.keys.count == 4)
        let client = try await up()
        try await clean()
        try await home.wait(client) { $0.activeFaults.isEmpty }
        let faults = try await client.faults()
        #expect(faults.map(\.phase) == [.reverted, .reverted])
        #expect(try await home.run("down").code == 0)
    }

    @Test func `The only dashboard is killed`() async throws {
        _ = try await up()
        let dashboard = try PtySession(
            GamedayHome.program, [], environment: home.terminalEnvironment, size: Size(80, 24))
        try await dashboard.wait(for: "a stub")
        try await startTwo()
        await dashboard.signal(SIGKILL)
        try await clean()
        try await eventually("noted") { home.ledger().contains("dashboard was lost") }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `The control plane is asked to end by a signal`(signal: Int32) async throws {
        _ = try await up()
        try await startTwo()
        let process = try #require(home.controlPlane)
        try end(process, signal)
        try await isGone(process)
        #expect(bar.keys.isEmpty)
        #expect(access(home.socket, F_OK) != 0)
    }

    @Test func `The command line halts, refuses, rearms and ends with the right codes`() async throws {
        _ = try await up()
        try await startTwo()
        let again = try await home.run("up", "-f", home.folder + "/gameday.yaml")
        #expect(again.code == 1)
        let halted = try await home.succeed("halt")
        #expect(halted.code == 0)
        #expect(halted.output == "1 of 1 proxies verified clean\nbar: verified clean\n")
        #expect(bar.keys.isEmpty)
        let refused = try await home.run(
            "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "50")
        #expect(refused.code == 1)
        #expect(refused.output.contains("halted"))
        #expect(try await home.run("rearm").code == 0)
        #expect(try await home.succeed("fault", "stop", "F1").code == 0)
        #expect(try await home.run("fault", "stop", "F77").code == 1)
        #expect(try await home.run("fault", "start", "--from", "bar", "--to", "taps", "--percent", "5").code == 64)
        #expect(try await home.run("down").code == 0)
        #expect(try await home.run("status").code == 69)
        #expect(try await home.run("up", "-f", "/nowhere.yaml").code == 65)
    }
}
