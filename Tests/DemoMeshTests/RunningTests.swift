import FoundationEssentials
import Glibc
import MeshModel
import Testing

@testable import DemoMesh

@Suite(.timeLimit(.minutes(5))) struct RunningTests {
    /// Does what `gameday tied` does, without the tie.
    private let trampoline = ["/bin/sh", "-c", "shift 2; exec \"$@\"", "sh"]

    private func temporaryDirectory() throws -> String {
        let path = NSTemporaryPath.unique()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func `a child's end is told once, with how it ended, and its output is in the log`() async throws {
        let directory = try temporaryDirectory()
        let log = directory + "/log"
        let keeper = ChildKeeper(trampoline: trampoline)
        let word = ChildCommand(
            role: .traffic, words: ["/bin/sh", "-c", "echo said; echo wrong >&2; exit 3"], log: log)
        let process = try await keeper.start(word)
        var exits = keeper.exits.makeAsyncIterator()
        #expect(await exits.next() == ChildExit(role: .traffic, process: process, end: .exited(status: 3)))
        #expect(await keeper.running.isEmpty)
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "said\nwrong\n")
    }

    @Test func `ending asks, and kills who does not listen`() async throws {
        let log = try temporaryDirectory() + "/log"
        let keeper = ChildKeeper(trampoline: trampoline)
        let deaf = "trap '' TERM; echo deaf; while :; do sleep 0.01; done"
        _ = try await keeper.start(ChildCommand(role: .service("deaf"), words: ["/bin/sh", "-c", deaf], log: log))
        _ = try await keeper.start(ChildCommand(role: .service("polite"), words: ["/bin/sleep", "600"], log: log))
        while try String(contentsOfFile: log, encoding: .utf8).isEmpty, !Task.isCancelled { await Task.yield() }
        await keeper.end(patience: .milliseconds(50)) { _ in true }
        #expect(await keeper.running.isEmpty)
        var ends: [ChildRole: ProcessEnd] = [:]
        for await exit in keeper.exits {
            ends[exit.role] = exit.end
            if ends.count == 2 { break }
        }
        #expect(ends == [.service("deaf"): .killed(signal: SIGKILL), .service("polite"): .killed(signal: SIGTERM)])
    }

    @Test func `a program that is not there is an error`() async throws {
        let keeper = ChildKeeper(trampoline: ["/nowhere/at/all"])
        await #expect(throws: DemoFailure.cannotStart(program: "traffic", reason: "No such file or directory")) {
            try await keeper.start(ChildCommand(role: .traffic, words: [], log: "/dev/null"))
        }
    }

    @Test func `a process whose parent is another does not become the program`() {
        #expect(Tie.become(["/bin/true"], of: 1) == (getppid() == 1 ? 0 : 1))
    }

    @Test func `the runtime directory is the user's alone, and those of the dead are swept`() throws {
        let parent = try temporaryDirectory()
        let dead = parent + "/gameday/demo-999999999"
        try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: dead + "/log"))
        let directory = try RuntimeDirectory(environment: ["XDG_RUNTIME_DIR": parent])
        #expect(directory.path == "\(parent)/gameday/demo-\(getpid())")
        #expect(!FileManager.default.fileExists(atPath: dead))
        var status = stat()
        #expect(stat(directory.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        try directory.write([1, 2], to: "file")
        #expect(stat(directory.file("file"), &status) == 0 && status.st_mode & 0o777 == 0o600)
        directory.remove()
        #expect(!FileManager.default.fileExists(atPath: directory.path))
    }

    @Test func `a link in the place of the runtime directory is refused`() throws {
        let parent = try temporaryDirectory()
        symlink("/tmp", parent + "/gameday")
        #expect(throws: DemoFailure.self) { try RuntimeDirectory(environment: ["XDG_RUNTIME_DIR": parent]) }
    }

    @Test func `blocks of ports lie below the ephemeral range, and a claimed one is nobody else's`() throws {
        #expect(PortBlock.candidates(ephemeralStart: 32_768).first == 21_000)
        #expect(PortBlock.candidates(ephemeralStart: 32_768).allSatisfy { $0 + 1_000 <= 32_768 })
        #expect(!PortBlock.candidates(ephemeralStart: 1_024).isEmpty)
        let first = try PortBlock.claim { [$0 + 1] }
        let second = try PortBlock.claim { [$0 + 1] }
        #expect(first.base != second.base)
        withExtendedLifetime((first, second)) {}
        #expect(throws: DemoFailure.noPorts) { try PortBlock.claim(from: [first.base]) { [$0 + 1] } }
    }

    @Test func `Envoy is looked for in the named place, the variable, the tools and PATH, in this order`() throws {
        let root = try temporaryDirectory()
        let tool = root + "/.tools/venv/lib/python3.11/site-packages/envoy/_bin"
        let bin = root + "/bin"
        for directory in [tool, bin] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data("#!/bin/sh\n".utf8).write(to: URL(filePath: directory + "/envoy"))
            chmod(directory + "/envoy", 0o755)
        }
        func find(_ named: String? = nil, _ variables: [String: String] = [:], from: String) throws -> String {
            try EnvoyBinary(
                named: named, environment: variables, programDirectory: from, currentDirectory: "/nowhere"
            ).path
        }
        let path = ["PATH": bin, "GAMEDAY_ENVOY": bin + "/envoy"]
        #expect(try find(tool + "/envoy", path, from: "/nowhere") == tool + "/envoy")
        #expect(try find(nil, path, from: root + "/.build/debug") == bin + "/envoy")
        #expect(try find(nil, ["PATH": bin], from: root + "/.build/debug") == tool + "/envoy")
        #expect(try find(nil, ["PATH": "/usr/nothing:" + bin], from: "/nowhere") == bin + "/envoy")
        #expect(throws: DemoFailure.notAProgram(root)) { try find(root, from: root) }
        let failure = #expect(throws: DemoFailure.self) { try find(from: "/nowhere") }
        #expect(failure?.remedy?.contains("--simulate") == true)
    }

    @Test func `the mesh file is the gameday.yaml of the demo`() throws {
        let mesh = MeshFile(of: .bar, at: MeshLayout(of: .bar, base: 21_000), in: "/run/demo")
        try expectGolden(mesh.yaml, "gameday.yaml")
    }

    @Test func `counts are told as one line, and a large report starts anew`() throws {
        let tally = TrafficTally()
        #expect(tally.begin("a beer", atMost: 1))
        #expect(!tally.begin("a beer", atMost: 1))
        tally.end("a beer", status: 200)
        for status in [404, 503, nil] {
            #expect(tally.begin("a lizard", atMost: 1))
            tally.end("a lizard", status: status)
        }
        let line = try JSON(parsing: tally.line(at: 5))
        #expect(line["heldBack"] == 1 && line["underWay"] == 0)
        #expect(line["journeys"]?["a lizard"]?["refused"] == 1)
        let path = try temporaryDirectory() + "/report"
        let report = ReportFile(path: path, largest: 20)
        for text in ["0123456789\n", "0123456789\n"] { report.append(Array(text.utf8)) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "0123456789\n")
        #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "0123456789\n")
    }
}

private enum NSTemporaryPath {
    static func unique() -> String { "/tmp/gameday-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))" }
}
