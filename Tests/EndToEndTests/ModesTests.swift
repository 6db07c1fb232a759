import Foundation
import MeshClient
import MeshModel
import TerminalCanvas
import TestKit
import Testing

/// The program without a screen, on a slow one, on a light one.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ModesTests {
    @Test func `the day is told line by line, and a typed line halts it`() async throws {
        let home = try GamedayHome()
        let session = try PtySession(
            GamedayHome.program, ["demo", "--simulate", "--linear"], environment: try home.terminal(),
            size: Size(120, 40))
        // At first nothing is known, or all is; in the end all is.
        try await session.wait(for: "10 of 10 proxies are fresh.")
        let started = try await home.run(
            "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "60", "--wait")
        #expect(started.code == 0, "\(started)")
        try await session.wait(for: "fault 1 is active: 60% of requests from bar to taps get status 503.")
        await session.type("!\r")
        try await session.wait(for: "everything was halted by tester")
        try await session.wait(for: "after the halt, 10 of 10 proxies are verified clean.")
        await session.type("q\r")
        #expect(try await session.waitForEnd() == 0)
        #expect(!(await session.screen.isAlternate))
        #expect(!String(decoding: await session.output, as: UTF8.self).contains("\u{1B}"))
    }

    @Test func `one picture is printed, plain into a file and painted when that is wanted`() async throws {
        let home = try GamedayHome()
        let demo = try PtySession(
            GamedayHome.program, ["demo", "--simulate", "--no-dashboard"], environment: try home.terminal(),
            size: Size(120, 40))
        try await demo.wait(for: "Press Ctrl-C to end.")
        let plain = try await home.run("--once", "--size", "80x24")
        #expect(plain.code == 0)
        let lines = plain.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 25 && lines[0].contains("SIMULATED") && !plain.output.contains("\u{1B}"))
        let painted = try await home.run("--once", "--size", "80x24", "--color", "256", "--projector")
        #expect(painted.output.contains("\u{1B}[0;") && painted.output.contains("38;5;"))
        #expect(try await home.run("--once", "--size", "80").code == 64)
        #expect(try await home.run("--size", "80x24").code == 64)
        await demo.signal(SIGINT)
        _ = try await demo.waitForEnd()
    }

    @Test func `what a tour could not show is not ticked off`() async throws {
        let home = try GamedayHome()
        let arguments = ["demo", "--simulate", "--no-dashboard", "--tour", "fallacies", "--auto"]
        let demo = try PtySession(
            GamedayHome.program, arguments + ["--tour-speed", "100"], environment: try home.terminal(),
            size: Size(120, 40))
        try await demo.wait(for: "10. Two columns")
        let told = String(decoding: await demo.output, as: UTF8.self)
        #expect(told.contains("skipped: f1-the-network-is-reliable.yaml needs the real bar"))
        #expect(told.ranges(of: "✓").count == told.ranges(of: "The hypothesis held").count, "\(told)")
        await demo.signal(SIGINT)
        _ = try await demo.waitForEnd()
    }

    @Test func `a recorded day is told in sentences`() async throws {
        let recording = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../recordings/taps-brownout.jsonl.bz3").standardizedFileURL.path()
        let outcome = try await GamedayHome().run("replay", "--linear", recording)
        #expect(outcome.code == 0)
        Golden.check(outcome.output, "taps-brownout.txt", in: "Goldens")
    }

    @Test func `a terminal that takes nothing for a while still halts, whatever storms`() async throws {
        let home = try GamedayHome()
        let session = try PtySession(
            GamedayHome.program, ["demo", "--simulate"], environment: try home.terminal(), size: Size(200, 60))
        try await session.wait(for: "SIMULATED")
        let started = try await home.run(
            "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "60", "--wait")
        #expect(started.code == 0)
        // From here on nobody reads, and each key and each size would be a frame.
        for step in 0..<150 {
            await session.resize(Size(100 + step % 90, 24 + step % 30))
            await session.type("j2T1")
        }
        await session.type("!")
        let client = ControlPlaneClient(socket: home.socket, transport: try CurlTransport())
        try await home.wait(client) { $0.isHalted && $0.activeFaults.isEmpty }
        // Read again, it shows how it is now and not how it was.
        try await session.wait(for: "10 of 10 proxies verified clean")
        let before = await session.output.count
        _ = await session.settle(milliseconds: 300)
        #expect(await session.output.count - before < 200_000)
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test func `a light terminal gets the light theme, and no key is lost by the question`() async throws {
        let home = try GamedayHome()
        let session = try PtySession(
            GamedayHome.program, ["demo", "--simulate"], environment: try home.terminal(), size: Size(120, 40))
        try await session.wait(for: "Starting")
        let question = Array("\u{1B}]11;?\u{1B}\\".utf8)
        while await session.output.firstRange(of: question) == nil, await session.settle(milliseconds: 20) {}
        await session.type("2\u{1B}]11;rgb:fafa/fafa/fafa\u{1B}\\?")
        try await session.wait(for: "the light theme") { $0[0, 0].pen.background == .indexed(231) }
        try await session.wait(for: "HELP")
        await session.type("q")
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test func `keys of one's own work, are told, and a picture is kept`() async throws {
        let home = try GamedayHome()
        try home.configure("keys.yaml", "screenshot: [ctrl-s, f5]\nhalt: ctrl-g\nfreeze: []\n")
        let session = try PtySession(
            GamedayHome.program, ["demo", "--simulate", "--keep-screen"], environment: try home.terminal(),
            size: Size(120, 40))
        try await session.wait(for: "10 proxies fresh")
        await session.type("z\u{13}")
        try await session.wait(for: "Saved ")
        #expect(!(await session.screen.text.contains("FROZEN")))
        let kept = home.contents(of: ".local/share/gameday/screenshots")
        #expect(kept.map { $0.split(separator: ".").last.map(String.init) } == ["ansi", "svg", "txt"])
        await session.type("\u{7}")
        try await session.wait(for: "10 of 10 proxies verified clean")
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
        #expect(!(await session.screen.isAlternate))
        #expect(await session.screen.text.contains("HALTED: 10 of 10 proxies verified clean"))
        #expect(await session.screen.text.contains("no faults were injected"))
        // The command that the card names is one that the program takes.
        let folder = home.folder + "/.local/share/gameday/recordings"
        let names = home.contents(of: ".local/share/gameday/recordings").filter { $0.contains(".jsonl") }
        let recording = try #require(names.first)
        #expect(await session.output.firstRange(of: Array("--to html".utf8)) != nil)
        let export = try await home.run(
            "export", "\(folder)/\(recording)", "--to", "html", "--output", home.folder + "/day.html")
        #expect(export.code == 0, "\(export)")
    }
}
