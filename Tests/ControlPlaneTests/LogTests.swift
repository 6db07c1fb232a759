import MeshClient
import MeshModel
import Synchronization
import Testing

@testable import ControlPlane

/// Access logs of edges over the API.
@Suite(.timeLimit(.minutes(2))) struct LogTests {
    private static let edge = Edge(from: "bar", to: "taps")

    private static func line(_ status: Int) -> AccessLogLine {
        var line = AccessLogLine()
        line.status = status
        return line
    }

    @Test func `an edge's log is answered, that of failing requests too, and nothing of it is recorded`() async throws {
        var description = MeshDescription(name: "the bar")
        description.links = try [#require(MeshLink(name: "jaeger", url: "http://localhost:16686"))]
        let asked = Mutex<[Edge]>([])
        let stage = try ControlPlaneStage(
            description,
            logs: { edge in
                asked.withLock { $0.append(edge) }
                return [ProxyLog(source: "bar", lines: [Self.line(200), Self.line(503)])]
            })
        try await stage.run { client in
            let all = try await client.log(of: Self.edge)
            #expect(all.lines.map(\.line.status) == [200, 503])
            #expect(all.links.map(\.name) == ["jaeger"])
            let failing = try await client.log(of: Self.edge, onlyFailing: true)
            #expect(failing.lines.map(\.line.status) == [503])
            #expect(asked.withLock { $0 }.allSatisfy { $0 == Self.edge })
            // A note is the only way into what is recorded.
            try await client.note(Note(by: "anna", text: "seen"))
            try await stage.wait { state in
                state.timeline.contains { $0.text.contains("seen") }
                    && !state.timeline.contains { $0.text.contains("503") }
            }
        }
    }

    @Test func `where nobody has a log, that is said`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            let log = try await client.log(of: Self.edge)
            #expect(log.lines.isEmpty)
            #expect(log.problems == ["no proxy of bar has an access log that can be read here"])
        }
    }

    @Test func `many who ask at once read a log once`() async {
        let reads = Mutex(0)
        let desk = LogDesk(links: []) { _ in
            reads.withLock { $0 += 1 }
            try? await Task.sleep(for: .milliseconds(50))
            return []
        }
        await withDiscardingTaskGroup { group in
            for place in 0..<50 {
                group.addTask { _ = await desk.log(of: Self.edge, onlyFailing: place.isMultiple(of: 2)) }
            }
        }
        #expect(reads.withLock { $0 } == 1)
    }
}
