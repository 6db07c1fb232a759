import Foundation
import TerminalCanvas
import TestKit
import Testing

/// Controls that ask before they let something happen, and who answers them.
@Suite(.timeLimit(.minutes(3))) struct AskingControlTests {
    /// An experiment whose control asks before each of its two actions, in a folder of its own.
    private static func home() throws -> (home: GamedayHome, environment: [String: String], experiment: String) {
        let home = try GamedayHome()
        let control = """
            from chaoslib.exceptions import InterruptExecution

            def before_activity_control(context, **kw):
                if input("Run %s? " % context["name"]) != "y":
                    raise InterruptExecution("the user says no")
            """
        try control.write(toFile: home.folder + "/asking.py", atomically: true, encoding: .utf8)
        func action(_ name: String) -> String {
            """
            {"type": "action", "name": "\(name)", "provider": {"type": "process", "path": "touch",
             "arguments": ["\(home.folder)/\(name)"]}}
            """
        }
        let experiment = """
            {"title": "t", "description": "d", "method": [\(action("one")), \(action("two"))],
             "controls": [{"name": "asks", "provider": {"type": "python", "module": "asking"}}]}
            """
        try experiment.write(toFile: home.folder + "/asks.json", atomically: true, encoding: .utf8)
        let environment = [
            "PYTHONPATH": home.folder, "PYTHONDONTWRITEBYTECODE": "1", "HOME": home.folder, "TERM": "xterm-256color",
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
            "GAMEDAY_PYTHON": ProcessInfo.processInfo.environment["GAMEDAY_PYTHON"] ?? "/usr/bin/python3",
        ]
        return (home, environment, home.folder + "/asks.json")
    }

    private static func run(_ experiment: String, in home: GamedayHome) -> [String] {
        ["run", experiment, "--journal-path", home.folder + "/journal.json"]
    }

    @Test(arguments: [("y", 0, ["one", "two"]), ("n", 1, ["one"]), ("\u{3}", 1, ["one"])])
    func `the user is asked at the terminal, and only yes goes on`(
        second: String, code: Int, done: [String]
    ) async throws {
        let (home, environment, experiment) = try Self.home()
        let session = try PtySession(
            GamedayHome.program, Self.run(experiment, in: home), environment: environment, size: Size(100, 30))
        try await session.wait(for: "Run one?")
        await session.type("y\r")
        try await session.wait(for: "Run two?")
        // The report of what was done stands before the next question.
        #expect(await session.screen.text.contains("activity one: succeeded"))
        await session.type(second == "\u{3}" ? second : second + "\r")
        #expect(try await session.waitForEnd() == code)
        #expect(await session.hasFirstModes)
        #expect(["one", "two"].filter { FileManager.default.fileExists(atPath: "\(home.folder)/\($0)") } == done)
    }

    @Test(arguments: [("y\ny\n", 0, ["one", "two"]), ("y\nn\n", 1, ["one"]), ("y\n", 1, ["one"]), ("", 1, [])])
    func `answers may come through a pipe, and where there are none nothing is done unasked`(
        answers: String, code: Int32, done: [String]
    ) async throws {
        let (home, environment, experiment) = try Self.home()
        let words = Self.run(experiment, in: home).joined(separator: " ")
        let outcome = try await home.run(
            program: "/bin/sh", ["-c", "printf '\(answers)' | '\(GamedayHome.program)' \(words)"],
            environment: environment.map { "\($0.key)=\($0.value)" })
        #expect(outcome.code == code, "\(outcome.output)")
        #expect(outcome.output.contains("Run one? "))
        #expect(["one", "two"].filter { FileManager.default.fileExists(atPath: "\(home.folder)/\($0)") } == done)
    }
}
