import Foundation
import MeshClient
import Synchronization
import TestKit
import Testing

@testable import Experiments

/// What a run does by default, where it is kinder than the original.
@Suite(.timeLimit(.minutes(5))) struct RunTests {
    /// A folder of its own, and what a run in it told.
    private final class Stage: Sendable {
        let folder: URL
        let told = Mutex<[RunProgress]>([])

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        var journalPath: String { folder.appendingPathComponent("journal.json").path }

        func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

        func text(_ name: String) -> String? { FileContent.text(of: file(name)) }

        func journal() throws -> Value {
            try JSONReader.value(of: String(contentsOfFile: journalPath, encoding: .utf8))
        }

        func runner(_ experiment: Value, _ change: (inout RunOptions) -> Void = { _ in }) -> ExperimentRunner {
            var options = RunOptions()
            options.environment = ProcessInfo.processInfo.environment
            options.environment["STAGE"] = folder.path
            options.journalPath = journalPath
            change(&options)
            return ExperimentRunner(
                ExperimentDocument(source: "test", value: experiment), options: options,
                network: HTTPDoor { () throws(TransportError) in try CurlTransport() }
            ) { [weak self] progress in self?.told.withLock { $0.append(progress) } }
        }

        /// Waits until the run has told something.
        func waits(until isIt: @Sendable (RunProgress) -> Bool) async throws {
            while !told.withLock({ $0.contains(where: isIt) }) { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    private static func shell(_ name: String, _ script: String, _ more: [(String, Value)] = []) -> Value {
        let provider: Value = ["type": "process", "path": "/bin/sh", "arguments": ["-c", .text(script)]]
        return .mapping(Fields([("type", "action"), ("name", .text(name)), ("provider", provider)] + more))
    }

    private static func isStart(of name: String) -> @Sendable (RunProgress) -> Bool {
        { progress in
            if case .started(_, name, _, _) = progress { true } else { false }
        }
    }

    private static let rollback = shell("undo", "echo undone >> $STAGE/trace")

    @Test func `an interrupted run is rolled back and its journal says so`() async throws {
        let stage = try Stage()
        let experiment: Value = [
            "title": "t", "method": [Self.shell("long", "sleep 60 & echo $! > $STAGE/child; wait")],
            "rollbacks": [Self.rollback],
        ]
        let runner = stage.runner(experiment)
        async let verdict = runner.run()
        while stage.text("child")?.hasSuffix("\n") != true { try await Task.sleep(for: .milliseconds(2)) }
        runner.interrupt(Interruption(reason: "test"))
        let end = try await verdict
        #expect(end.status == .interrupted)
        #expect(end.isUndone && !end.hasHeld)
        #expect(stage.text("trace") == "undone\n")
        let journal = try stage.journal()
        #expect(journal["status"]?.text == "interrupted")
        #expect(journal["rollbacks"]?.list?.first?["status"]?.text == "succeeded")
        #expect(journal["run"]?.list?.first?.fields?.has("status") == false)
        // What the program had started must be gone with it.
        let child = try #require(Int32(Conversion.trimmed(stage.text("child") ?? "")))
        var isGone = false
        for _ in 0..<500 where !isGone {
            isGone = kill(child, 0) != 0 || Self.isZombie(child)
            if !isGone { try await Task.sleep(for: .milliseconds(2)) }
        }
        #expect(isGone)
    }

    private static func isZombie(_ process: Int32) -> Bool {
        FileContent.text(of: "/proc/\(process)/stat")?.contains(") Z ") ?? true
    }

    @Test func `SIGUSR2 alone leaves everything as it is, and the verdict says so`() async throws {
        let stage = try Stage()
        let experiment: Value = [
            "title": "t", "method": [Self.shell("long", "sleep 60")], "rollbacks": [Self.rollback],
        ]
        let runner = stage.runner(experiment)
        async let verdict = runner.run()
        try await stage.waits(until: Self.isStart(of: "long"))
        runner.interrupt(RunSignal.interruption(for: 12))
        #expect(try await !verdict.isUndone)
        #expect(stage.text("trace") == nil)
    }

    @Test func `an unexpected error in a check ends with rollbacks and a journal, and loses a strict run`() async throws
    {
        let experiment: Value = [
            "title": "t",
            "steady-state-hypothesis": [
                "title": "s",
                "probes": [
                    Self.shell("p", "true", [("tolerance", ["type": "range", "range": [0, 1]])])
                ],
            ],
            "method": [Self.shell("a", "true")], "rollbacks": [Self.rollback],
        ]
        let stage = try Stage()
        let verdict = try await stage.runner(experiment).run()
        #expect(verdict.status == .failed && !verdict.hasHeld && verdict.isUndone)
        #expect(stage.text("trace") == "undone\n")
        #expect(try stage.journal()["status"]?.text == "failed")
        let strict = try Stage()
        await #expect(throws: RunFailure.self) { try await strict.runner(experiment) { $0.isStrict = true }.run() }
        #expect(FileContent.text(of: strict.journalPath) == nil)
        #expect(strict.text("trace") == nil)
    }

    @Test func `a rollback that can not even begin does not keep the others from being played`() async throws {
        let stage = try Stage()
        let experiment: Value = [
            "title": "t", "method": [], "rollbacks": [["ref": "nobody"], Self.rollback],
        ]
        let verdict = try await stage.runner(experiment).run()
        #expect(stage.text("trace") == "undone\n")
        #expect(!verdict.isUndone)
    }

    @Test func `while it runs the journal on disk is whole and says that it is not the last`() async throws {
        let stage = try Stage()
        let experiment: Value = [
            "title": "t",
            "method": [Self.shell("one", "true"), Self.shell("long", "until [ -e $STAGE/go ]; do sleep 0.01; done")],
        ]
        let runner = stage.runner(experiment)
        async let verdict = runner.run()
        var partial: Value?
        while partial?["run"]?.list?.count != 2 {
            try await Task.sleep(for: .milliseconds(2))
            partial = FileContent.text(of: stage.journalPath).flatMap { try? JSONReader.value(of: $0) }
        }
        #expect(partial?["gameday"]?["partial"]?.bool == true)
        #expect(partial?["status"]?.text == "interrupted")
        #expect(partial?["run"]?.list?[0]["status"]?.text == "succeeded")
        try Data().write(to: URL(fileURLWithPath: stage.file("go")))
        #expect(try await verdict.isSuccess)
        let last = try stage.journal()
        #expect(last["gameday"]?["partial"] == nil && last["status"]?.text == "completed")
        let files = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
        #expect(Set(files) == ["journal.json", "go"], "nothing else is left: \(files)")
    }

    @Test func `a hypothesis unmet before the method is no success`() async throws {
        let stage = try Stage()
        let experiment: Value = [
            "title": "t",
            "steady-state-hypothesis": ["title": "s", "probes": [Self.shell("p", "exit 3", [("tolerance", 0)])]],
            "method": [Self.shell("a", "echo acted >> $STAGE/trace")],
        ]
        let verdict = try await stage.runner(experiment).run()
        #expect(verdict.status == .completed && !verdict.hasHeld)
        #expect(verdict.isSuccessForOriginal, "as the original has it")
        #expect(stage.text("trace") == nil)
    }

    @Test func `a program that writes much is read to its end`() async throws {
        let stage = try Stage()
        let script = "i=0; while [ $i -lt 64 ]; do head -c 65536 /dev/zero | tr '\\\\0' x; i=$((i+1)); done; echo e >&2"
        let verdict = try await stage.runner(["title": "t", "method": [Self.shell("a", script)]]).run()
        #expect(verdict.isSuccess)
        let output = try stage.journal()["run"]?.list?.first?["output"]
        #expect(output?["stdout"]?.text?.utf8.count == 64 * 65536)
        #expect(output?["stderr"]?.text == "e\n")
    }

    @Test func `a time-out ends all that the program started`() async throws {
        let stage = try Stage()
        let provider: Value = [
            "type": "process", "path": "/bin/sh", "timeout": .number(0.2),
            "arguments": ["-c", "sleep 60 & echo $! > $STAGE/child; wait"],
        ]
        let verdict = try await stage.runner([
            "title": "t", "method": [["type": "action", "name": "a", "provider": provider]],
        ]).run()
        #expect(verdict.status == .completed)
        let entry = try stage.journal()["run"]?.list?.first
        #expect(entry?["status"]?.text == "failed")
        #expect(entry?["exception"]?.list?.first?.text?.contains("took too long") == true)
        let child = try #require(Int32(Conversion.trimmed(stage.text("child") ?? "")))
        while kill(child, 0) == 0, !Self.isZombie(child) { try await Task.sleep(for: .milliseconds(2)) }
    }

    @Test func `a question that nobody can answer ends the run and is told, but keeps nothing from being undone`()
        async throws
    {
        let experiment: Value = [
            "title": "t", "method": [Self.shell("a", "echo done >> $STAGE/trace")], "rollbacks": [Self.rollback],
            "controls": [["name": "asks", "provider": ["type": "python", "module": "asking"]]],
        ]
        func run(strict: Bool) async throws -> (stage: Stage, verdict: RunVerdict) {
            let stage = try Stage()
            let module = "def before_activity_control(context, **kw):\n    input(context['name'])\n"
            try module.write(toFile: stage.file("asking.py"), atomically: true, encoding: .utf8)
            let runner = stage.runner(experiment) {
                $0.isStrict = strict
                $0.environment.merge(["PYTHONPATH": stage.folder.path, "PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
            }
            return (stage, try await runner.run())
        }
        let kind = try await run(strict: false)
        #expect(kind.verdict.status == .interrupted && kind.verdict.isUndone)
        #expect(kind.stage.text("trace") == "undone\n")
        try await kind.stage.waits {
            if case .stopping(let reason) = $0 {
                reason.contains("'asks' asks, but there is no terminal")
            } else {
                false
            }
        }
        // The original takes silence for consent.
        #expect(try await run(strict: true).stage.text("trace") == "done\nundone\n")
    }

    @Test func `activities in the background run beside the others and are awaited`() async throws {
        let stage = try Stage()
        let wait = "until [ -e $STAGE/go ]; do sleep 0.01; done; echo late >> $STAGE/trace"
        let experiment: Value = [
            "title": "t",
            "method": [
                Self.shell("waits", wait, [("background", true)]), Self.shell("opens", "touch $STAGE/go"),
            ],
        ]
        #expect(try await stage.runner(experiment).run().isSuccess)
        #expect(stage.text("trace") == "late\n")
    }
}
