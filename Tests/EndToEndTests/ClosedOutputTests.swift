import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// Whoever reads may go, be slow or never have been there: what a command was to do is done all the same.
@Suite(.timeLimit(.minutes(3))) struct ClosedOutputTests {
    private let home: GamedayHome

    init() throws {
        home = try GamedayHome()
        home.write(
            """
            {"title": "\(String(repeating: "t", count: 200_000))", "description": "d",
             "method": [\(action("one")), \(action("two"))], "rollbacks": [\(action("undone"))]}
            """, to: "long.json")
        home.write(
            """
            {"title": "t", "description": "d",
             "method": [\(action("one")), \(action("two"))], "rollbacks": [\(action("undone"))]}
            """, to: "e.json")
    }

    private func action(_ mark: String, after seconds: Double = 0.2) -> String {
        """
        {"type": "action", "name": "\(mark)",
         "provider": {"type": "process", "path": "sh", "arguments": ["-c", "sleep \(seconds); echo \(mark) >> \(home.folder)/marks"]}}
        """
    }

    /// Runs lines of a shell; `$G` is gameday.
    private func shell(_ script: String) async throws -> GamedayHome.Outcome {
        try await home.run(
            program: "/bin/bash", ["-c", "cd \(home.folder); G=\(GamedayHome.program)\n" + script],
            environment: ["SWIFT_BACKTRACE=interactive=no,color=no"])
    }

    private var marks: String { home.text(of: home.folder + "/marks") }
    private var journal: String { home.text(of: home.folder + "/journal.json") }

    @Test func `a run whose reader leaves goes on to its end`() async throws {
        let outcome = try await shell("$G run e.json | head -1; exit ${PIPESTATUS[0]}")
        #expect(outcome.code == 0, "\(outcome.output)")
        #expect(marks == "one\ntwo\nundone\n")
        #expect(journal.contains("\"status\": \"completed\"") && !journal.contains("\"partial\""))
    }

    @Test func `a run with nowhere to tell anything goes on, and says so`() async throws {
        for place in [">/dev/full", ">&-"] {
            unlink(home.folder + "/marks")
            let outcome = try await shell("$G run e.json \(place)")
            #expect(outcome.code == 0, "\(place): \(outcome.output)")
            #expect(outcome.output.contains("cannot write to standard output"), "\(place)")
            #expect(marks == "one\ntwo\nundone\n", "\(place)")
        }
        #expect(try await shell("rm marks; $G run e.json >&- 2>&- <&-").code == 0)
        #expect(marks == "one\ntwo\nundone\n")
    }

    @Test func `a reader who reads nothing holds up no run`() async throws {
        let outcome = try await shell(
            """
            mkfifo pipe
            exec 3<>pipe
            $G run long.json > pipe & run=$!
            for i in $(seq 600); do grep -q undone marks 2>/dev/null && break; sleep 0.1; done
            cat marks
            kill $run; wait $run 2>/dev/null
            """)
        #expect(outcome.output == "one\ntwo\nundone\n")
    }

    @Test func `a run is undone when its terminal goes`() async throws {
        home.write(
            """
            {"title": "t", "description": "d",
             "method": [\(action("one", after: 100))], "rollbacks": [\(action("undone"))]}
            """, to: "waits.json")
        let terminal = try PtySession(
            GamedayHome.program,
            ["run", home.folder + "/waits.json", "--journal-path", home.folder + "/journal.json"],
            environment: home.terminalEnvironment.merging(["PATH": "/usr/bin:/bin"]) { $1 })
        try await terminal.wait(for: "Method")
        await terminal.hangUp()
        _ = try await terminal.waitForEnd()
        #expect(marks == "undone\n")
        #expect(journal.contains("\"status\": \"interrupted\"") && !journal.contains("\"partial\""))
    }

    @Test func `a command that only tells fails when it can't, and not when its reader has enough`() async throws {
        for command in ["man", "keys", "themes", "config --default", "--help"] {
            #expect(
                try await shell("$G \(command) | head -1 >/dev/null; exit ${PIPESTATUS[0]}").code == 0, "\(command)")
            for place in [">/dev/full", ">&-"] {
                let outcome = try await shell("$G \(command) \(place)")
                #expect(outcome.code == 1, "\(command) \(place)")
                #expect(outcome.output.contains("cannot write to standard output"), "\(command) \(place)")
            }
        }
    }

    @Test func `down ends the control plane whoever reads what it says`() async throws {
        let bar = try StubEnvoy(service: "bar", callees: ["taps"])
        for reader in ["| true", ">/dev/full", ">&-"] {
            _ = try await home.up([("bar", bar.url)], edges: 1)
            let outcome = try await shell("$G down \(reader); exit ${PIPESTATUS[0]}")
            #expect(outcome.code == 0, "\(reader): \(outcome.output)")
            // It has answered; its process goes a moment later.
            for _ in 0..<1000 where home.controlPlane != nil { try await Task.sleep(for: .milliseconds(10)) }
            #expect(home.controlPlane == nil, "\(reader)")
        }
    }

    @Test func `a journal goes into devices, pipes and links, and leaves them what they are`() async throws {
        let outcome = try await shell(
            """
            ln -s /dev/null null; ln -s real link; mkfifo pipe
            $G run e.json --journal-path null >/dev/null || echo null $?
            $G run e.json --journal-path link >/dev/null || echo link $?
            $G run e.json --journal-path pipe >/dev/null 2>/dev/null; echo pipe without a reader $?
            cat pipe > got &
            $G run e.json --journal-path pipe >/dev/null || echo pipe $?
            wait
            $G run e.json --journal-path /dev/stdout > out || echo stdout $?
            grep -c '"status": "completed"' real got out
            stat -c '%N %F' null link pipe /dev/null
            stat -c %a real
            """)
        #expect(
            outcome.output == """
                pipe without a reader 64
                real:1
                got:1
                out:1
                'null' -> '/dev/null' symbolic link
                'link' -> 'real' symbolic link
                'pipe' fifo
                '/dev/null' character special file
                600

                """)
    }

    @Test func `a run begins only when its journal can be written`() async throws {
        let outcome = try await shell(
            """
            for place in . missing/j.json pipe /proc/nothing; do
                [ $place = pipe ] && mkfifo pipe
                $G run e.json --journal-path $place >/dev/null 2>err && echo $place ran
                echo $? $(head -1 err)
            done
            cat marks 2>/dev/null
            """)
        #expect(!outcome.output.contains("ran") && !outcome.output.contains("one"), "\(outcome.output)")
    }
}
