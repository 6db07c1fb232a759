import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// An experiment is on, and its control plane dies: what it did is undone, its programs end, its journal says so.
@Suite(.timeLimit(.minutes(2)), .serialized) struct ExperimentDeathTests {
    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps"])
        home = try GamedayHome()
        try #require(mkdir(home.folder + "/experiments", 0o700) == 0)
        // One program in the foreground, one that has left its session and would outlive any group.
        let step = """
            - name: the last step
              type: action
              provider: {type: process, path: /bin/sh, arguments: [-c, "setsid sleep 601 & sleep 602"]}

            """
        let provider = """
            - name: half of the beers fail
              type: action
              provider:
                type: process
                path: gameday
                arguments: [fault, start, --from, bar, --to, taps, --abort, "503", --percent, "50", --wait]

            """
        home.write(
            "title: The taps are broken\ndescription: d\nmethod:\n\(provider)\(step)rollbacks: []\n",
            to: "experiments/taps.yaml")
    }

    private func eventually(_ what: String, _ isSo: () throws -> Bool) async throws {
        for _ in 0..<3000 {
            if try isSo() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not \(what): keys \(bar.keys), \(home.description)")
        throw CancellationError()
    }

    /// The run's own programs, wherever they hang.
    private func sleepers() -> Int { home.processes(running: ["sleep 601", "sleep 602"]).count }

    /// Starts the run and returns when its last step is at work.
    private func runningControlPlane() async throws -> ControlPlaneClient {
        let client = try await home.up([("bar", bar.url)], edges: 1)
        let outcome = try await home.run("experiment", "start", "taps")
        try #require(outcome.code == 0 && outcome.output == "E1\n", "\(outcome.output)")
        try await home.wait(client) { state in
            state.experiments.last?.activities.last?.state == .running
        }
        try await eventually("two sleepers") { sleepers() == 2 }
        let fault = try #require(try await client.faults().first)
        #expect(fault.run == "E1" && fault.phase == .active && !bar.keys.isEmpty)
        return client
    }

    @Test func `killed in mid-run, the guard undoes and ends, and the next start closes the journal`() async throws {
        _ = try await runningControlPlane()
        // The journal is written as the run goes, a few times a second.
        try await eventually("noted") {
            home.journals().first.flatMap { try? JSON(parsing: Array($0.utf8)) }?["run"]?.array?.count == 2
        }
        kill(try #require(home.controlPlane), SIGKILL)
        try await eventually("clean") { bar.keys.isEmpty }
        try await eventually("without programs") { sleepers() == 0 }
        #expect(home.journals().count == 1)
        let client = try await home.up([("bar", bar.url)], edges: 1)
        try await home.wait(client) { $0.experiments.last?.verdict?.outcome == .lost }
        let journal = try JSON(parsing: Array(try #require(home.journals().first).utf8))
        #expect(journal["status"]?.string == "aborted")
        #expect(journal["gameday"]?["lost"]?.bool == true && journal["gameday"]?["undone"]?.bool == true)
        #expect(journal["run"]?.array?.count == 2)
        let undone = try #require(journal["rollbacks"]?.array?.first)
        #expect(undone["output"]?.string == "removed by the guard, from the ledger")
        #expect(try await home.run("experiments").output.contains("taps.yaml  lost"))
        #expect(try await home.run("down").code == 0)
    }

    @Test func `killed together with its guard, the next start undoes, ends and closes`() async throws {
        _ = try await runningControlPlane()
        let (controlPlane, guardProcess) = (home.controlPlane, home.guardProcess)
        kill(try #require(guardProcess), SIGSTOP)
        kill(try #require(controlPlane), SIGKILL)
        kill(try #require(guardProcess), SIGKILL)
        #expect(!bar.keys.isEmpty)
        let client = try await home.up([("bar", bar.url)], edges: 1)
        try await home.wait(client) { $0.experiments.last?.verdict?.outcome == .lost }
        #expect(bar.keys.isEmpty)
        try await eventually("without programs") { sleepers() == 0 }
        let journal = try JSON(parsing: Array(try #require(home.journals().first).utf8))
        let undone = try #require(journal["rollbacks"]?.array?.first)
        #expect(undone["output"]?.string == "removed by the next control plane, from the ledger")
        // A run of this session has a number of its own.
        let outcome = try await home.run("experiment", "start", "taps")
        #expect(outcome.output == "E2\n", "\(outcome.output)")
        #expect(try await home.run("experiment", "abort").code == 0)
        #expect(try await home.run("down").code == 0)
    }

    @Test func `asked to end in mid-run, the control plane plays its abort first`() async throws {
        _ = try await runningControlPlane()
        let process = try #require(home.controlPlane)
        kill(process, SIGTERM)
        try await eventually("gone") { !home.isRunning(process) }
        #expect(bar.keys.isEmpty && sleepers() == 0)
        let journal = try JSON(parsing: Array(try #require(home.journals().first).utf8))
        #expect(journal["status"]?.string == "interrupted")
        #expect(journal["gameday"]?["stopped"]?["by"]?.string == "gameday")
    }
}
