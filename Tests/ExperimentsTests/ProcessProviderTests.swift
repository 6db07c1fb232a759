import ChildPrograms
import Foundation
import MeshClient
import TestKit
import Testing

@testable import Experiments

/// Programs of activities that end while their run is being interrupted.
@Suite(.timeLimit(.minutes(5))) struct ProcessProviderTests {
    private static func provider(patience: Duration = .zero, grace: Duration) -> ProcessProvider {
        ProcessProvider(
            children: ChildProcesses(), environment: ProcessInfo.processInfo.environment, killsGroups: false,
            patience: { patience }, grace: grace)
    }

    private static func call(_ script: String, isForeground: Bool = true) -> ActivityCall {
        let provider: Value = ["type": "process", "path": "/bin/sh", "arguments": ["-c", .text(script)]]
        let activity: Value = ["type": "action", "name": "a", "provider": provider]
        return ActivityCall(activity, Substitution(), isForeground: isForeground)
    }

    /// Starts the script, waits until it runs, or has ended by a signal, and cancels it.
    private static func cancelled(
        _ script: String, _ provider: ProcessProvider, then act: () -> Void = {}
    ) async throws -> Result<Value, ActivityEnd> {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let run = Task { () -> Result<Value, ActivityEnd> in
            do throws(ActivityEnd) {
                return .success(try await provider.run(call("echo $$ > \(file); \(script)")))
            } catch {
                return .failure(error)
            }
        }
        var pid: Int32?
        while pid == nil {
            pid = FileContent.text(of: file).flatMap { Int32(Conversion.trimmed($0)) }
            try await Task.sleep(for: .milliseconds(2))
        }
        if script.hasPrefix("kill"), let pid {
            while kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(2)) }
        }
        run.cancel()
        act()
        return await run.value
    }

    private static func isInterrupted(_ end: Result<Value, ActivityEnd>) -> Bool {
        if case .failure(.interrupted) = end { true } else { false }
    }

    @Test(arguments: ["INT", "TERM", "USR1"])
    func `a program that the signal of the group ended first is interrupted with its run`(signal: String) async throws {
        let end = try await Self.cancelled("kill -\(signal) $$", Self.provider(grace: .seconds(3600)))
        #expect(Self.isInterrupted(end))
    }

    @Test func `a program that a signal of its own ended has that status`() async throws {
        let output = try await Self.provider(grace: .zero).run(Self.call("kill -INT $$"))
        #expect(output["status"]?.equals(-2) == true)
    }

    @Test func `what runs in the background is judged at once`() async throws {
        let output = try await Self.provider(grace: .seconds(3600)).run(Self.call("kill -INT $$", isForeground: false))
        #expect(output["status"]?.equals(-2) == true)
    }

    @Test func `an interrupted program ends by itself while there is patience, and is stopped when there is none`()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (gate, last) = (folder.appendingPathComponent("gate").path, folder.appendingPathComponent("last").path)
        let script = "while [ ! -e \(gate) ]; do sleep 0.01; done; echo bye > \(last)"
        let patient = try await Self.cancelled(script, Self.provider(patience: .seconds(3600), grace: .zero)) {
            _ = FileManager.default.createFile(atPath: gate, contents: nil)
        }
        #expect(Self.isInterrupted(patient))
        #expect(FileContent.text(of: last) == "bye\n")
        let stopped = try await Self.cancelled("sleep 3600", Self.provider(patience: .milliseconds(1), grace: .zero))
        #expect(Self.isInterrupted(stopped))
    }

    @Test func `a program has one end of each pipe, and a group of its own when it may be killed whole`() async throws {
        for killsGroups in [true, false] {
            let provider = ProcessProvider(
                children: ChildProcesses(), environment: ProcessInfo.processInfo.environment,
                killsGroups: killsGroups)
            let script = "cat; ps -o pgid= -p $$; echo $$; echo wrong >&2; readlink /proc/$$/fd/[0-2] /proc/$$/fd/*"
            let output = try await provider.run(Self.call(script))
            let words = (output["stdout"]?.text ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
            try #require(words.count >= 8)
            #expect((words[0] == words[1]) == killsGroups)
            let (first, all) = (words[2..<5], words[5...])
            #expect(first.first == "/dev/null")
            for pipe in first.dropFirst() {
                #expect(pipe.hasPrefix("pipe:"))
                #expect(all.count { $0 == pipe } == 1)
            }
            #expect(output["stderr"]?.text == "wrong\n")
        }
    }

    @Test func `a program has no other descriptor of ours`() async throws {
        // One that would be inherited.
        let ours = open("/dev/null", O_RDONLY)
        defer { close(ours) }
        let output = try await Self.provider(grace: .zero).run(Self.call("echo /proc/$$/fd/*"))
        let names = (output["stdout"]?.text ?? "").split(whereSeparator: \.isWhitespace)
        // The last is what the shell itself reads the folder with.
        #expect(names.map { $0.split(separator: "/").last } == ["0", "1", "2", "3"])
    }

    @Test func `a program has the signals as they are by default, whatever we do with them`() async throws {
        let before = signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, before) }
        let output = try await Self.provider(grace: .zero).run(Self.call("grep -E '^Sig(Blk|Ign)' /proc/self/status"))
        let masks = (output["stdout"]?.text ?? "").split(whereSeparator: \.isWhitespace).compactMap {
            UInt64($0, radix: 16)
        }
        #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0])
    }

    @Test func `what can't be executed says why`() async throws {
        // The kernel takes no argument of more than 128 KB.
        let call = Self.call("true " + String(repeating: "x", count: 200_000))
        await #expect(throws: ActivityEnd.crashed(Crash("OSError", "[Errno 7] Argument list too long"))) {
            try await Self.provider(grace: .zero).run(call)
        }
    }

    @Test(arguments: [
        ("printf 'caf\\351\\n'", "café\n"), ("printf '\\200 5'", "€ 5"), ("printf 'caf\\303\\251'", "café"),
        ("printf '\\377\\376h\\000i\\000'", "hi"), ("printf '\\376\\377\\000h\\000i'", "hi"),
        ("printf '\\342\\206\\222'", "→"), ("printf '\\357\\273\\277hi'", "hi"),
    ])
    func `what a program writes is text in any encoding`(script: String, text: String) async throws {
        for isStrict in [true, false] {
            var provider = Self.provider(grace: .zero)
            provider.isStrict = isStrict
            let output = try await provider.run(Self.call(script))
            #expect(output["stdout"]?.text == text && output["status"]?.double == 0)
        }
    }

    @Test func `bytes that are no text fail only an activity of the original`() async throws {
        var provider = Self.provider(grace: .zero)
        let call = Self.call("printf '\\000\\001\\377'; exit 3")
        #expect(try await provider.run(call)["status"]?.double == 3)
        provider.isStrict = true
        do throws(ActivityEnd) {
            _ = try await provider.run(call)
            Issue.record("it did not fail")
        } catch {
            #expect(error == .failed("Failed to decode bytes using encoding 'utf-8'"))
        }
    }

    @Test func `a program that closed its output and runs on is waited for asleep`() async throws {
        func experiment(_ script: String) -> String {
            """
            {"title": "t", "description": "d", "method": [{"type": "action", "name": "a", "provider": {
                "type": "process", "path": "/bin/sh", "arguments": ["-c", "\(script)"]}}]}
            """
        }
        let bench = try Bench(["open.json": experiment("sleep 2"), "closed.json": experiment("exec >&- 2>&-; sleep 2")])
        let count = """
            import resource, subprocess, sys
            subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw)
            """
        func sleeps(_ file: String) async throws -> Int {
            let end = await bench.run(Bench.python, ["-c", count, BuiltProgram.path("gameday"), "run", file])
            return try #require(Int(Conversion.trimmed(end.out)), "\(end)")
        }
        // Of the others some are those of Python, and of a machine that is busy.
        let (open, closed) = (try await sleeps("open.json"), try await sleeps("closed.json"))
        #expect(closed < open + 80)
    }
}
