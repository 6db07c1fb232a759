import ChildPrograms
import Foundation
import MeshClient
import TestKit
import Testing

@testable import Experiments

/// The bridge with a real Python.
@Suite(.timeLimit(.minutes(5))) struct PythonBridgeTests {
    private static let module = """
        import os, sys, time

        def crash():
            os.kill(os.getpid(), 9)

        def leave():
            os._exit(3)

        def noise():
            print('{"id": 1, "value": "forged"}')
            sys.stderr.write("x" * 200000)
            os.write(1, b"y" * 200000)
            return "quiet"

        def hang(path):
            open(path, "w").close()
            while True:
                try:
                    time.sleep(60)
                except KeyboardInterrupt:
                    pass

        def sleep(path):
            open(path, "w").close()
            time.sleep(60)

        def give(value):
            return {"value": value, "odd": {1, 2} and object.__name__}

        def fail():
            raise ValueError("bad \\u001b[31m thing")
        """

    private final class Workshop: Sendable {
        let folder: URL
        let bridge: PythonBridge
        let provider: PythonProvider

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try module.write(to: folder.appendingPathComponent("odd_module.py"), atomically: true, encoding: .utf8)
            let added = ["PYTHONPATH": folder.path, "PYTHONDONTWRITEBYTECODE": "1"]
            let environment = ProcessInfo.processInfo.environment.merging(added) { $1 }
            bridge = PythonBridge(children: ChildProcesses(), environment: environment)
            provider = PythonProvider(bridge: bridge)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func call(_ function: String, _ arguments: Value = [:], isForeground: Bool = true) async -> Result<
            Value, ActivityEnd
        > {
            let provider: Value = [
                "type": "python", "module": "odd_module", "func": .text(function), "arguments": arguments,
            ]
            let call = ActivityCall(
                ["type": "action", "name": "a", "provider": provider], Substitution(), isForeground: isForeground)
            do { return .success(try await self.provider.run(call)) } catch { return .failure(error) }
        }
    }

    @Test func `values go there and come back`() async throws {
        let workshop = try Workshop()
        let value: Value = [
            1, .number(2.5), .bigInteger("123456789012345678901"), .number(.infinity), "é🍺\n\u{1B}", [:], .null, true,
        ]
        let back = try await workshop.call("give", ["value": value]).get()
        #expect(JSONWriter.text(back["value"] ?? .null) == JSONWriter.text(value))
        await workshop.bridge.stop()
    }

    @Test(arguments: ["crash", "leave"])
    func `a process that dies asks for the end of the run and is started again for the next call`(
        how: String
    ) async throws {
        let workshop = try Workshop()
        let end = await workshop.call(how)
        guard case .failure(.stopped(let interruption)) = end else {
            Issue.record("\(end)")
            return
        }
        #expect(interruption.reason.contains("the Python process ended") && interruption.force == .fatal)
        #expect(try await workshop.call("give", ["value": 5]).get()["value"]?.double == 5)
        await workshop.bridge.stop()
    }

    @Test func `what an activity prints disturbs nothing`() async throws {
        let workshop = try Workshop()
        #expect(try await workshop.call("noise").get().text == "quiet")
        await workshop.bridge.stop()
    }

    @Test func `an exception is told in one line`() async throws {
        let workshop = try Workshop()
        guard case .failure(.failed(let why)) = await workshop.call("fail") else {
            Issue.record("it did not fail")
            return
        }
        #expect(why == "ValueError: bad \u{1B}[31m thing")
        await workshop.bridge.stop()
    }

    @Test(arguments: ["sleep", "hang"])
    func `a call that is stopped ends, even when it does not listen`(how: String) async throws {
        let workshop = try Workshop()
        let mark = workshop.folder.appendingPathComponent("mark").path
        let call = Task { await workshop.call(how, ["path": .text(mark)]) }
        while FileContent.bytes(of: mark) == nil { try await Task.sleep(for: .milliseconds(2)) }
        call.cancel()
        #expect(await call.value.failure == .interrupted)
        await workshop.bridge.stop()
    }

    @Test func `calls in the background don't wait for each other`() async throws {
        let workshop = try Workshop()
        let mark = workshop.folder.appendingPathComponent("mark").path
        let slow = Task { await workshop.call("sleep", ["path": .text(mark)], isForeground: false) }
        while FileContent.bytes(of: mark) == nil { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try await workshop.call("give", ["value": 1]).get()["value"]?.double == 1)
        await workshop.bridge.stop()
        #expect(await slow.value.failure != nil)
    }

    @Test func `without a Python it says what to do`() async {
        let bridge = PythonBridge(children: ChildProcesses(), environment: ["PATH": "/nowhere"])
        let answer = await bridge.ask("call", Fields())
        #expect(answer["failed"]?.text?.contains("GAMEDAY_PYTHON") == true)
    }
}

extension Result where Failure == ActivityEnd {
    fileprivate var failure: ActivityEnd? {
        if case .failure(let end) = self { end } else { nil }
    }
}
