import DemoMesh
import Glibc
import MeshModel
import Testing

@testable import MeshClient

/// What the bar's real Envoys log, which certificates they show, and which zone answers them.
@Suite(.serialized, .timeLimit(.minutes(4))) struct BarKnowledgeTests {
    private let transport: CurlTransport

    init() throws { transport = try CurlTransport() }

    private func start() async throws -> Demo {
        let settings = DemoSettings(
            program: try RealPrograms.gameday(), kind: .bar(try RealPrograms.envoy()), rate: 20,
            environment: ["XDG_RUNTIME_DIR": try RealPrograms.directory()], restartPause: .seconds(120))
        return try await Demo.start(settings, transport: transport)
    }

    private func directory(of demo: Demo) -> EnvoyDirectory {
        EnvoyDirectory(
            demo.layout.places.map { place in
                EnvoyDirectory.Entry(
                    source: place.name, service: ServiceName(place.service),
                    endpoint: EnvoyEndpoint(admin: "http://127.0.0.1:\(place.admin)"))
            })
    }

    /// Looks again and again until it is so; the suite's time limit is for what never is.
    private func eventually<Value>(_ look: () async -> Value?) async throws -> Value {
        while true {
            if let value = await look() { return value }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    @Test func `an abort is in the log of its edge, with the trace that its customer began`() async throws {
        let demo = try await start()
        let admin = try #require(demo.layout.place(of: "bar")).admin
        let keys = "edge.taps.abort_pct=100&edge.taps.abort_status=503"
        _ = try await transport.send(HTTPRequest("POST", "http://127.0.0.1:\(admin)/runtime_modify?\(keys)"))
        let logs = EnvoyLogs(directory: directory(of: demo), transport: transport, deadline: .seconds(2))
        let line = try await eventually {
            await logs.logs(of: Edge(from: "bar", to: "taps")).flatMap(\.lines).last { $0.flags == ["FI"] }
        }
        #expect(line.status == 503 && line.cluster == "taps" && line.details == "fault_filter_abort")
        let trace = try #require(line.trace)
        // The door asked for the bar in the same trace.
        let before = try await eventually {
            await logs.logs(of: Edge(from: "door", to: "bar")).flatMap(\.lines).first { $0.trace == trace }
        }
        #expect(before.status == 503)
        await demo.stop()
    }

    @Test func `an expired certificate is told of its edge alone, and the zone that stands in for another`()
        async throws
    {
        let demo = try await start()
        let guide = EnvoyGuide(directory: directory(of: demo), transport: transport, deadline: .seconds(2))
        let standings = EnvoyStandings(bound: nil)
        let edges = [
            Edge(from: "bar", to: "kitchen"), Edge(from: "bar", to: "taps"), Edge(from: "taps", to: "cellar"),
        ]
        func report(of edge: Edge) async -> EdgeReport? {
            await standings.reports(of: guide.callers(of: edges)).first { $0.edge == edge }
        }
        let good = try await eventually { await report(of: edges[0])?.certificate }
        #expect(good.state == .valid)
        let expire = HTTPRequest(
            "POST", "http://bar/box", body: Array("bar>kitchen/expire=1".utf8),
            unixSocket: demo.directory + "/mesh-control.sock")
        #expect(try await transport.send(expire).status == 200)
        _ = try await eventually { await report(of: edges[0])?.certificate?.state == .expired ? true : nil }
        #expect(await report(of: edges[1])?.certificate?.state == .valid)

        // On a busy machine the first health check may come too late, and then the mesh begins with a failover.
        let home = try await eventually {
            await report(of: edges[2])?.serving.flatMap { $0.isAway ? nil : $0 }
        }
        kill(try #require(await demo.processes[.service("cellar")]), SIGKILL)
        let away = try await eventually {
            await report(of: edges[2])?.serving.flatMap { $0.isAway ? $0 : nil }
        }
        #expect(away.home == home.home && away.zone != home.zone)
        await demo.stop()
    }
}
