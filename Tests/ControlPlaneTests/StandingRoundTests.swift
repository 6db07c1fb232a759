import MeshClient
import MeshModel
import Testing

@testable import ControlPlane

/// What changes by itself on edges is told once.
@Suite(.timeLimit(.minutes(2))) struct StandingRoundTests {
    @Test func `an edge's zone is told when it changes, and not again`() async throws {
        let edge = DeskStage.edges[0]
        let stage = try ControlPlaneStage(standings: { edges in
            edges.filter { $0 == edge }.map { edge in
                var report = EdgeReport(source: edge.from.text, edge: edge)
                report.serving = EdgeServing(home: "a", zone: "b")
                return report
            }
        })
        try await stage.run { client in
            try await stage.wait { state in
                state.timeline.contains { $0.text == "\(edge.to) served from zone b: zone a answers nothing" }
            }
            try await client.note(Note(by: "anna", text: "later"))
            try await stage.wait { state in
                state.timeline.contains { $0.text.contains("later") }
                    && state.timeline.filter { $0.text.contains("served from") }.count == 1
            }
        }
    }
}
