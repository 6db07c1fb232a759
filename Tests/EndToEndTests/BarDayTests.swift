import Foundation
import TerminalCanvas
import TestKit
import Testing

/// The whole thing as a person has it: real Envoys, the program on a terminal, keys.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BarDayTests {
    private static func environment(_ home: GamedayHome) throws -> [String: String] {
        let envoy = try #require(
            ProcessInfo.processInfo.environment["GAMEDAY_ENVOY"], "make test installs Envoy and names it here")
        return [
            "GAMEDAY_ENVOY": envoy, "GAMEDAY_SOCKET": home.socket, "XDG_STATE_HOME": home.folder + "/state",
            "XDG_RUNTIME_DIR": home.folder, "HOME": home.folder, "USER": "tester", "PATH": "/usr/bin:/bin",
            "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "interactive=no,color=no",
        ]
    }

    @Test func `a newcomer breaks an edge of the bar, sees it break, and halts it`() async throws {
        let home = try GamedayHome()
        let session = try PtySession(
            GamedayHome.program, ["demo"], environment: try Self.environment(home), size: Size(120, 40))
        try await session.wait(for: "10 proxies fresh")
        // The form begins on the edge that leaves the selected service; much of it asks for the callee's name.
        await session.type("f")
        try await session.wait(for: "BREAK AN EDGE")
        await session.type("\u{1B}OB\u{1B}OB50\r")
        try await session.wait(for: "press enter.")
        let asked = try #require(await session.screen.text.firstMatch(of: /type (\w+) and press/))
        await session.type(String(asked.1) + "\r")
        try await session.wait(for: "ACTIVE seen")
        await session.type("!")
        try await session.wait(for: "10 of 10 proxies seen clean")
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
        #expect(await session.hasFirstModes)
        #expect(home.controlPlane == nil)
    }

    @Test func `two terminals see the same day, and the first one to leave says so`() async throws {
        let home = try GamedayHome()
        let environment = try Self.environment(home)
        let demo = try PtySession(
            GamedayHome.program, ["demo", "--simulate"], environment: environment, size: Size(120, 40))
        try await demo.wait(for: "SIMULATED")
        let second = try PtySession(GamedayHome.program, [], environment: environment, size: Size(80, 24))
        try await second.wait(for: "SIMULATED")
        let started = try await home.succeed(
            "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503",
            "--percent", "60", "--wait")
        let id = started.output.prefix { !$0.isNewline }
        try #require(started.code == 0 && id.hasPrefix("F"))
        try await demo.wait(for: "\(id) ABORT")
        try await second.wait(for: "\(id) ABORT")
        await second.type("q")
        try await second.wait(for: "fault")
        await second.signal(SIGTERM)
        _ = try await second.waitForEnd()
        #expect(await second.hasFirstModes)
        #expect(try await home.succeed("halt").code == 0)
        try await demo.wait(for: "HALTED")
        await demo.type("q")
        #expect(try await demo.waitForEnd() == 0)
    }
}
