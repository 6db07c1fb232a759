import DemoMesh
import FoundationEssentials
import Glibc
import MeshClient
import MeshModel
import Testing

/// The bar with real Envoys and real processes. They take a few seconds of two cores, so one at a time.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BarTests {
    private let transport: CurlTransport

    init() throws {
        transport = try CurlTransport()
    }

    @Test func `clients see about half 503 with an abort of half, so does the door, and none once it is removed`()
        async throws
    {
        let demo = try await start()
        try await modify(demo, "bar", "edge.taps.abort_pct=50&edge.taps.abort_status=503")
        let before = try await stat(demo, "door", "http.in.downstream_rq_5xx")
        let struck = await statuses(demo, count: 300)
        let seen = try await stat(demo, "door", "http.in.downstream_rq_5xx") - before
        try await modify(demo, "bar", "edge.taps.abort_pct=&edge.taps.abort_status=")
        let after = await statuses(demo, count: 60)
        let share = Double(struck.count { $0 == 503 }) / 300
        // Chance alone leaves this range once in ten million runs.
        #expect((0.35...0.65).contains(share), "\(share)")
        #expect(seen >= struck.count { $0 == 503 })
        #expect(after.allSatisfy { $0 == 200 }, "\(after)")
        await demo.stop()
    }

    @Test func `each rate limit has a filter that works and counts`() async throws {
        let demo = try await start()
        for step in [8, 64, 1_024] {
            try await modify(demo, "bar", "edge.menu.rl_\(step)_pct=100")
            let before = try await stat(demo, "bar", "http.to_menu.fault.response_rl_injected")
            _ = await statuses(demo, count: 3)
            let seen = try await stat(demo, "bar", "http.to_menu.fault.response_rl_injected") - before
            #expect(seen >= 3, "\(step) KiB/s")
            try await modify(demo, "bar", "edge.menu.rl_\(step)_pct=")
        }
        await demo.stop()
    }

    @Test func `what is killed is told, comes back, and serves again`() async throws {
        let demo = try await start()
        let victims: [ChildRole] = [.sidecar("taps"), .service("cellar"), .traffic]
        let processes = await demo.processes
        for victim in victims { kill(try #require(processes[victim]), SIGKILL) }
        var ended: Set<ChildRole> = []
        var restarted: Set<ChildRole> = []
        for await event in demo.events {
            switch event {
            case .ended(let role, let end):
                ended.insert(role)
                #expect(end == .killed(signal: SIGKILL))
            case .restarted(let role): restarted.insert(role)
            case .notRestarted(let role, let failure): Issue.record("\(role): \(failure)")
            }
            if restarted.count == victims.count { break }
        }
        #expect(ended == Set(victims) && restarted == Set(victims))
        await until("served again") { await self.statuses(demo, count: 1) == [200] }
        await demo.stop()
    }

    @Test func `everything is gone after stop, its directory too`() async throws {
        let demo = try await start()
        let processes = await demo.processes
        #expect(processes.count == 30)
        await demo.stop()
        #expect(processes.values.allSatisfy { kill($0, 0) != 0 })
        #expect(!FileManager.default.fileExists(atPath: demo.directory))
    }

    @Test func `the bad orders are refused and nobody fails`() async throws {
        let demo = try await start()
        for (words, status) in [("0 beers", 422), ("99999999999 beers", 422), ("a lizard", 404), ("ueicbksjdhd", 400)] {
            let answer = try await order(words, demo)
            #expect(answer.status == status)
            #expect(answer.header("content-type") == "application/problem+json")
        }
        await demo.stop()
    }

    // What they share.

    private func start() async throws -> Demo {
        let settings = DemoSettings(
            program: try RealPrograms.gameday(), kind: .bar(try RealPrograms.envoy()), rate: 5,
            environment: ["XDG_RUNTIME_DIR": try RealPrograms.directory()], restartPause: .milliseconds(200))
        return try await Demo.start(settings, transport: transport)
    }

    private func order(_ words: String, _ demo: Demo) async throws -> HTTPResponse {
        let door = try #require(demo.layout.place(of: "door")).inbound
        return try await transport.send(
            HTTPRequest("POST", "http://127.0.0.1:\(door)/orders", body: Array(words.utf8), deadline: .seconds(10)))
    }

    /// What orders of a beer get, ten at a time.
    private func statuses(_ demo: Demo, count: Int) async -> [Int] {
        await withTaskGroup(of: Int.self) { group in
            var statuses: [Int] = []
            for place in 0..<count {
                if place >= 10, let status = await group.next() { statuses.append(status) }
                group.addTask { (try? await order("a beer", demo))?.status ?? 0 }
            }
            for await status in group { statuses.append(status) }
            return statuses
        }
    }

    private func modify(_ demo: Demo, _ service: String, _ query: String) async throws {
        let admin = try #require(demo.layout.place(of: service)).admin
        let answer = try await transport.send(
            HTTPRequest("POST", "http://127.0.0.1:\(admin)/runtime_modify?\(query)"))
        #expect(answer.status == 200)
    }

    private func stat(_ demo: Demo, _ service: String, _ name: String) async throws -> Int64 {
        let admin = try #require(demo.layout.place(of: service)).admin
        let page = try await transport.send(
            HTTPRequest("GET", "http://127.0.0.1:\(admin)/stats?format=json&filter=^\(name)$"))
        return try JSON(parsing: page.body)["stats"]?.array?.first?["value"]?.integer ?? 0
    }

    /// Asks until it holds; the suite's time limit is for what never does.
    private func until(_ what: String, _ holds: () async -> Bool) async {
        while await !holds(), !Task.isCancelled { await Task.yield() }
    }
}
