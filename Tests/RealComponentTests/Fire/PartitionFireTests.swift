import MeshModel
import TestKit
import Testing

/// The way between the control plane and a real Envoy is cut, at whatever step, and heals: nothing that Envoy still
/// holds is said to be over, every command answers meanwhile, and all is clean soon after.
@Suite(.timeLimit(.minutes(5))) struct PartitionFireTests {
    enum Step: String, CaseIterable, Sendable {
        case starting, active, expiring, halting, recovering
    }

    struct Cut: Sendable, CustomTestStringConvertible {
        var way: AdminRelay.Way
        var step: Step

        var testDescription: String { "\(way) while \(step)" }

        static let all = [AdminRelay.Way.silent, .cut].flatMap { way in Step.allCases.map { Cut(way: way, step: $0) } }
    }

    @Test(arguments: Cut.all) func `cut off`(_ cut: Cut) async throws {
        let stage = try await FireStage()
        switch cut.step {
        case .starting:
            stage.relay.make(way: cut.way)
            let start = try await stage.home.run(FireStage.start)
            #expect(start.code != 0, "\(start.output)")
        case .active:
            try await stage.activate()
            stage.relay.make(way: cut.way)
            try await Task.sleep(for: .seconds(1))
        case .expiring:
            try await stage.activate(lease: "3s")
            stage.relay.make(way: cut.way)
            try await stage.watch(for: .seconds(5))
        case .halting:
            try await stage.activate()
            stage.relay.make(way: cut.way)
            let halt = try await stage.home.run("halt")
            #expect(halt.code == 1 && halt.output.contains("bar"), "\(halt.output)")
        case .recovering:
            try await stage.activate()
            try stage.strikeBoth(9)
            stage.relay.make(way: cut.way)
            let next = try await stage.home.run(FireStage.up(stage.home))
            #expect(next.code == 0, "\(next.output)")
        }
        try await stage.watch(for: .seconds(1))
        let status = try await stage.home.run("status")
        #expect(status.code == 0, "\(status.output)")
        stage.relay.make(way: .open)
        if cut.step == .active {
            // The lease goes on; whoever wants it over says so.
            try await stage.eventually("stopped") { try await stage.home.run(FireStage.stop).code == 0 }
        }
        try await stage.eventually("clean") { await stage.heldKeys() == [] }
        try await stage.eventually("over") { await stage.faults()?.allSatisfy(\.phase.isOver) ?? false }
        let halt = try await stage.home.succeed("halt")
        #expect(halt.code == 0, "\(halt.output)")
        #expect(try await stage.home.succeed("down").code == 0)
    }
}
