import Foundation
import MeshClient
import TestKit
import Testing

@testable import Experiments

/// `gameday run` and `gameday validate` as a person or a script meets them.
@Suite(.timeLimit(.minutes(5))) struct CommandTests {
    private final class Desk {
        let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func write(_ name: String, _ text: String) throws {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }

        func text(_ name: String) -> String? { FileContent.text(of: folder.appendingPathComponent(name).path) }

        func start(_ arguments: [String]) throws -> Process {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: BuiltProgram.path("gameday"))
            process.arguments = arguments
            process.currentDirectoryURL = folder
            process.standardInput = FileHandle.nullDevice
            for name in ["out", "err"] {
                try write(name, "")
                let handle = try FileHandle(forWritingTo: folder.appendingPathComponent(name))
                if name == "out" { process.standardOutput = handle } else { process.standardError = handle }
            }
            try process.run()
            return process
        }

        /// The exit code.
        func run(_ arguments: String...) async throws -> Int32 {
            let process = try start(arguments)
            while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
            return process.terminationStatus
        }
    }

    private static let held = """
        title: "t\\e[31m"
        description: d
        steady-state-hypothesis:
          title: s
          probes:
            - {type: probe, name: p, tolerance: 0, provider: {type: process, path: "true"}}
        method: []
        """

    @Test func `exit codes tell how it came out`() async throws {
        let desk = try Desk()
        try desk.write("held.yaml", Self.held)
        try desk.write("unmet.yaml", Self.held.replacingOccurrences(of: "tolerance: 0", with: "tolerance: 7"))
        try desk.write("wrong.yaml", "title: t\nmethod: 5\n")
        #expect(try await desk.run("run", "held.yaml") == 0)
        #expect(try await desk.run("run", "unmet.yaml") == 1)
        #expect(try await desk.run("run", "unmet.yaml", "--strict") == 0)
        #expect(try await desk.run("run", "wrong.yaml") == 65)
        #expect(try await desk.run("validate", "held.yaml") == 0)
        #expect(try await desk.run("validate", "wrong.yaml") == 65)
        #expect(desk.text("err")?.contains("wrong.yaml:2: method must be a list") == true)
        #expect(try await desk.run("run", "absent.yaml") == 69)
        #expect(try await desk.run("run", "held.yaml", "--dry", "everything") == 64)
        #expect(try await desk.run("run", "held.yaml", "--strict", "--dry", "everything") == 2)
        #expect(try await desk.run("run", "held.yaml", "--journal-path", "no/such/folder/j.json") == 64)
    }

    @Test func `an experiment's texts can't steer the terminal`() async throws {
        let desk = try Desk()
        try desk.write("held.yaml", Self.held)
        #expect(try await desk.run("run", "held.yaml") == 0)
        let out = try #require(desk.text("out"))
        #expect(out.contains("Experiment: t\u{241B}[31m"))
        #expect(!out.contains("\u{1B}"))
    }

    @Test func `with --json every line is an event`() async throws {
        let desk = try Desk()
        try desk.write("held.yaml", Self.held)
        #expect(try await desk.run("run", "held.yaml", "--json") == 0)
        let events = try #require(desk.text("out")).split(separator: "\n").map { try JSONReader.value(of: String($0)) }
        #expect(events.first?["event"]?.text == "began")
        #expect(events.last?["event"]?.text == "ended" && events.last?["held"]?.bool == true)
        #expect(events.contains { $0["event"]?.text == "judged" && $0["tolerance_met"]?.bool == true })
    }

    @Test func `kill -9 leaves a whole journal of what was done so far`() async throws {
        let desk = try Desk()
        let script = "touch running; exec sleep 60"
        try desk.write(
            "long.json",
            """
            {"title": "t", "description": "d", "method": [
              {"type": "action", "name": "one", "provider": {"type": "process", "path": "true"}},
              {"type": "action", "name": "two", "provider":
                {"type": "process", "path": "sh", "arguments": ["-c", "\(script)"]}}]}
            """)
        let process = try desk.start(["run", "long.json"])
        var journal: Value?
        while journal?["run"]?.list?.count != 2 || desk.text("running") == nil {
            try await Task.sleep(for: .milliseconds(5))
            journal = desk.text("journal.json").flatMap { try? JSONReader.value(of: $0) }
        }
        kill(process.processIdentifier, SIGKILL)
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        let left = try JSONReader.value(of: #require(desk.text("journal.json")))
        #expect(left["run"]?.list?[0]["status"]?.text == "succeeded")
        #expect(left["status"]?.text == "interrupted")
        #expect(left["gameday"]?["partial"]?.bool == true)
    }

    @Test func `SIGTERM undoes`() async throws {
        let desk = try Desk()
        let shell = { (script: String) in "{type: process, path: sh, arguments: [\"-c\", \"\(script)\"]}" }
        try desk.write(
            "long.yaml",
            """
            title: t
            description: d
            method:
              - {type: action, name: a, provider: \(shell("touch running; exec sleep 60"))}
            rollbacks:
              - {type: action, name: r, provider: \(shell("touch undone"))}
            """)
        let process = try desk.start(["run", "long.yaml"])
        while desk.text("running") == nil { try await Task.sleep(for: .milliseconds(5)) }
        kill(process.processIdentifier, SIGTERM)
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        #expect(process.terminationStatus == 1)
        #expect(desk.text("undone") != nil)
    }
}
