import Foundation
import TerminalCanvas
import TestKit
import Testing

/// Whatever ends a demo, nothing of it is left.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DemoEndTests {
    /// What befalls the demo: a signal, or a terminal that is closed.
    enum End: Sendable, CaseIterable {
        case hangup, terminate, interrupt, quit, closed

        func befall(_ session: PtySession) async {
            switch self {
            case .hangup: await session.signal(SIGHUP)
            case .terminate: await session.signal(SIGTERM)
            case .interrupt: await session.signal(SIGINT)
            case .quit: await session.signal(SIGQUIT)
            case .closed: await session.hangUp()
            }
        }
    }

    @Test(arguments: End.allCases)
    func `a demo with a dashboard ends, and all that it started`(end: End) async throws {
        try await check(["demo", "--simulate"], seen: "SIMULATED", end)
    }

    @Test(arguments: [End.hangup, .quit, .closed])
    func `a demo without a screen ends, and all that it started`(end: End) async throws {
        try await check(["demo", "--simulate", "--no-dashboard"], seen: "Press Ctrl-C to end.", end)
    }

    @Test(arguments: [End.hangup, .terminate])
    func `a tour that plays by itself ends, and all that it started`(end: End) async throws {
        try await check(["demo", "--simulate", "--tour", "--auto"], seen: "SIMULATED", end)
    }

    @Test(arguments: [End.hangup, .terminate, .closed])
    func `a demo that is just opening ends, and all that it started`(end: End) async throws {
        try await check(["demo", "--simulate"], seen: "Starting the model", end)
    }

    private func check(_ arguments: [String], seen: String, _ end: End) async throws {
        let home = try GamedayHome()
        let marker = "GAMEDAY_TEST_MARK=\(UUID().uuidString)"
        var environment = try home.terminal()
        environment["GAMEDAY_TEST_MARK"] = String(marker.dropFirst("GAMEDAY_TEST_MARK=".count))
        let session = try PtySession(GamedayHome.program, arguments, environment: environment, size: Size(120, 40))
        try await session.wait(for: seen)
        if seen != "Starting the model" {
            #expect(Self.processes(marked: marker).count >= 3)
            let started = try await home.succeed(
                "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "20", "--wait")
            #expect(started.code == 0, "\(started.output)")
        }
        await end.befall(session)
        _ = try await session.waitForEnd()
        let deadline = ContinuousClock.now + .seconds(20)
        while !Self.processes(marked: marker).isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(Self.processes(marked: marker) == [])
        #expect(home.contents(of: "gameday").filter { $0.hasPrefix("demo") } == [])
    }

    /// The command lines of what runs with this in its environment.
    private static func processes(marked marker: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.filter { Int32($0) != nil }.compactMap { process in
            guard let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ"),
                environment.range(of: Data(marker.utf8)) != nil
            else { return nil }
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return String(decoding: line.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
        }
    }
}
