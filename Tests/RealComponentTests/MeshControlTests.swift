import DemoMesh
import Foundation
import MeshClient
import MeshModel
import Testing

/// The control plane of the bar's mesh, with real sidecars that it serves.
@Suite(.serialized, .timeLimit(.minutes(5))) struct MeshControlTests {
    private let transport: CurlTransport

    init() throws {
        transport = try CurlTransport()
    }

    @Test func `a changed share reaches the sidecars, who say so, and a lost control plane leaves them as they were`()
        async throws
    {
        let demo = try await start()
        #expect(try await ask(demo, "POST", "/box", body: "bar>taps/shift=10000") == 200)
        // The canary drops three of ten beers.
        await until { await failures(demo, of: 20) > 0 }
        await until { (try? await held(demo)) == ["bar>taps/shift"] }
        kill(try #require(await demo.processes[.meshControl]), SIGKILL)
        #expect(await failures(demo, of: 60) > 0)
        // One that comes back has the plan and nothing else.
        await until { (try? await held(demo)) == [] }
        await until { await failures(demo, of: 30) == 0 }
        await demo.stop()
    }

    @Test func `a sidecar that refuses is told apart, and keeps what it had`() async throws {
        let demo = try await start()
        #expect(try await ask(demo, "POST", "/box", body: "bar>taps/bad-route=1") == 200)
        await until { (try? await text(demo, "/debug/syncz"))?.contains("lastError") == true }
        #expect(await failures(demo, of: 20) == 0)
        #expect(try await ask(demo, "POST", "/box", body: "bar>taps/bad-route=") == 200)
        await until { (try? await text(demo, "/debug/syncz"))?.contains("lastError") == false }
        #expect(try await ask(demo, "POST", "/box", body: "bar>lizard/shift=1") == 400)
        await demo.stop()
    }

    @Test func `an expired certificate is refused by the callee's sidecar, and the old one works again`() async throws {
        let demo = try await start()
        #expect(try await ask(demo, "POST", "/box", body: "bar>taps/expire=1") == 200)
        await until { await failures(demo, of: 5) == 5 }
        let refused = try await admin(demo, "taps", "/stats?filter=listener.in.ssl.fail_verify_error")
        #expect(!refused.contains("fail_verify_error: 0"))
        #expect(try await ask(demo, "POST", "/box", body: "bar>taps/expire=") == 200)
        await until { await failures(demo, of: 5) == 0 }
        await demo.stop()
    }

    private func start() async throws -> Demo {
        let settings = DemoSettings(
            program: try RealPrograms.gameday(), kind: .bar(try RealPrograms.envoy()), rate: 5,
            environment: [
                "XDG_RUNTIME_DIR": try RealPrograms.directory(), "PATH": "/usr/bin:/bin",
            ], restartPause: .seconds(2))
        return try await Demo.start(settings, transport: transport)
    }

    private func ask(_ demo: Demo, _ method: String, _ path: String, body: String? = nil) async throws -> Int {
        try await send(demo, method, path, body).status
    }

    private func text(_ demo: Demo, _ path: String) async throws -> String {
        String(decoding: try await send(demo, "GET", path, nil).body, as: UTF8.self)
    }

    private func held(_ demo: Demo) async throws -> [String] {
        let page = try JSON(parsing: try await send(demo, "GET", "/box", nil).body)
        return page["held"]?.array?.compactMap(\.string) ?? []
    }

    private func send(_ demo: Demo, _ method: String, _ path: String, _ body: String?) async throws -> HTTPResponse {
        try await transport.send(
            HTTPRequest(
                method, "http://localhost\(path)", body: body.map { Array($0.utf8) }, deadline: .seconds(2),
                unixSocket: demo.directory + "/mesh-control.sock"))
    }

    private func admin(_ demo: Demo, _ service: String, _ path: String) async throws -> String {
        let place = try #require(demo.layout.place(of: service))
        let page = try await transport.send(HTTPRequest("GET", "http://127.0.0.1:\(place.admin)\(path)"))
        return String(decoding: page.body, as: UTF8.self)
    }

    /// How many of so many beers are not served.
    private func failures(_ demo: Demo, of count: Int) async -> Int {
        guard let door = demo.layout.place(of: "door")?.inbound else { return count }
        var failed = 0
        for _ in 0..<count {
            let order = HTTPRequest(
                "POST", "http://127.0.0.1:\(door)/orders", body: Array("a beer".utf8), deadline: .seconds(5))
            failed += (try? await transport.send(order))?.status == 200 ? 0 : 1
        }
        return failed
    }

    /// Asks until it holds; the suite's time limit is for what never does.
    private func until(_ holds: () async -> Bool) async {
        while await !holds(), !Task.isCancelled { await Task.yield() }
    }
}
