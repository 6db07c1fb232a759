import Foundation
import Glibc
import MeshClient
import MeshModel
import TerminalCanvas
import TestKit
import Testing

/// The whole thing as a person has it: real Envoys, the program on a terminal, keys.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BarDayTests {
    @Test func `a newcomer breaks an edge of the bar, sees it break, and halts it`() async throws {
        let home = try GamedayHome()
        let session = try PtySession(
            GamedayHome.program, ["demo"], environment: try home.terminal(), size: Size(120, 40))
        try await session.wait(for: "14 proxies fresh")
        // The form begins on the edge that leaves the selected service; much of it asks for the callee's name.
        await session.type("f")
        try await session.wait(for: "INJECT A FAULT")
        await session.type("\u{1B}OB\u{1B}OB100\r")
        try await session.wait(for: "press enter.")
        let asked = try #require(await session.screen.text.firstMatch(of: /type (\w+) and press/))
        await session.type(String(asked.1) + "\r")
        try await session.wait(for: "ACTIVE observed")
        await session.type("!")
        try await session.wait(for: "16 of 16 proxies verified clean")
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
        #expect(await session.hasFirstModes)
        #expect(home.controlPlane == nil)
    }

    @Test func `a fault is dialled while it stands and its counters follow, and an orphan is cleared by a key`()
        async throws
    {
        let home = try GamedayHome()
        let session = try PtySession(
            GamedayHome.program, ["demo"], environment: try home.terminal(), size: Size(120, 40))
        try await session.wait(for: "14 proxies fresh")
        let start = ["fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "10", "--wait"]
        #expect(try await home.run(start).code == 0)
        #expect(try await home.run("fault", "dial", "F1", "--percent", "90").code == 0)
        let transport = try CurlTransport()
        let client = ControlPlaneClient(socket: home.socket, transport: transport)
        var (first, seen): (SeenShare?, SeenShare?)
        var taps = ""
        try await home.wait(client) { state in
            seen = state.watch.sightings["F1"]?["bar"]
            taps = state.sources["taps"]?.report.endpoint ?? taps
            // A page that was on its way when the share changed counts some of what was before.
            first = first ?? (seen?.requests ?? 0 > 0 ? seen : nil)
            return (seen?.requests ?? 0) >= (first?.requests ?? 0) + 60
        }
        // Of sixty requests nine in ten: chance alone is below three in four once in two thousand runs.
        let (from, to) = (try #require(first), try #require(seen))
        #expect(Double(to.hit - from.hit) / Double(to.requests - from.requests) >= 0.75, "\(from) \(to)")
        // A step down goes at once.
        await session.type("d")
        try await session.wait(for: "CHANGE F1")
        await session.type("h")
        try await home.wait(client) { $0.faults.first { $0.id == "F1" }?.share == 0.8 }
        await session.type("\u{1B}")
        // What somebody else put there is found and cleared.
        let keys = "edge.cellar.abort_pct=100&edge.cellar.abort_status=503"
        let meddled = try await transport.send(
            HTTPRequest("POST", taps + "/runtime_modify?" + keys, body: [], deadline: .seconds(5)))
        #expect(meddled.status == 200)
        try await home.wait(client) { $0.activeFaults.contains { $0.isOrphan } }
        try await session.wait(for: "ORPHAN")
        await session.type("O")
        try await session.wait(for: "Remove this orphan?")
        await session.type("y")
        try await home.wait(client) { state in
            state.faults.contains { $0.isOrphan && $0.phase == .reverted } && state.activeFaults.count == 1
        }
        await session.type("!")
        try await session.wait(for: "16 of 16 proxies verified clean")
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test func `two terminals see the same day, and the first one to leave says so`() async throws {
        let home = try GamedayHome()
        let environment = try home.terminal()
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
