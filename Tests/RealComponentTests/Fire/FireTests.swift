import Glibc
import MeshModel
import TestKit
import Testing

/// Whoever is struck, at whatever step, nothing is left in a real Envoy, nothing untrue is said, and the next halt is
/// clean. A few squares of the matrix run with every test, all of them with `make fire`.
@Suite(.timeLimit(.minutes(5))) struct FireTests {
    /// From a blow until nothing is held, or until what is held stands among the faults that are not over.
    private static let patience = Duration.seconds(5)

    @Test(arguments: FireCase.chosen) func `struck`(_ fire: FireCase) async throws {
        let stage = try await FireStage()
        try await stage.reach(fire.moment)
        try await stage.strike(fire)
        try await settle(stage, fire)
        try await finish(stage, fire)
    }

    /// Waits until nothing is held, or until it is certain that what is held is one that nobody has ended: it is named,
    /// and the halt that follows takes it back.
    private func settle(_ stage: FireStage, _ fire: FireCase) async throws {
        let struck = ContinuousClock.now
        var deadline = struck + Self.patience
        try await stage.eventually("clean after \(fire)") {
            // What is said comes first, so that what Envoy holds afterwards can only have become less.
            let said = await stage.faults()
            guard let held = await stage.heldKeys() else { return false }
            if held.isEmpty { return said?.allSatisfy(\.phase.isOver) ?? !stage.isUp }
            if let said, !said.isEmpty, said.allSatisfy(\.phase.isOver) {
                Issue.record("said to be over: \(said), and Envoy holds \(held)")
                return true
            }
            guard ContinuousClock.now > deadline else { return false }
            if said?.contains(where: \.isLive) == true { return true }
            if !stage.isUp, stage.home.guardProcess == nil {
                // Nobody is left: the next start is who must undo it.
                _ = try? await stage.home.run(FireStage.up(stage.home))
            } else if said?.allSatisfy(\.phase.isOver) ?? !stage.isUp {
                Issue.record("neither clean nor named after \(Self.patience): Envoy holds \(held), said \(said ?? [])")
            }
            deadline = .now + Self.patience
            return false
        }
    }

    /// A halt is clean, the end is in order, nothing runs any more, and no run is said to have held that was cut off.
    private func finish(_ stage: FireStage, _ fire: FireCase) async throws {
        try await stage.eventually("over") {
            // One that was asked to end may be on its way.
            if !stage.isUp { _ = try await stage.home.run(FireStage.up(stage.home)) }
            return await stage.faults()?.allSatisfy(\.phase.isOver) ?? false
        }
        if fire.blow == .memory, fire.victim == .controlPlane, let starved = stage.home.controlPlane {
            // One that lives on without memory may die of any request: the system ends it, as it would.
            kill(starved, SIGKILL)
            try await stage.eventually("the next one is up") {
                if !stage.isUp { _ = try await stage.home.run(FireStage.up(stage.home)) }
                return stage.home.controlPlane != starved && stage.isUp
            }
        }
        let halt = try await stage.home.succeed("halt")
        #expect(halt.code == 0, "\(halt.output)")
        #expect(await stage.heldKeys() == [])
        if fire.moment.isOfRun, fire.blow == .kill, fire.victim == .controlPlane || fire.victim == .both {
            let runs = try await stage.experiments().output
            #expect(!runs.contains("\"held\""), "\(runs)")
        }
        let down = try await stage.home.succeed("down")
        #expect(down.code == 0, "\(down.output)")
        try await stage.eventually("nothing of ours runs") { !stage.isUp && stage.home.guardProcess == nil }
        #expect(await stage.heldKeys() == [])
    }
}

extension FireStage {
    /// Whether the control plane runs.
    var isUp: Bool { home.controlPlane != nil }
}

extension Fault {
    /// Nobody has ended it yet.
    fileprivate var isLive: Bool { phase == .requested || phase == .accepted || phase == .active }
}

extension FireCase.Moment {
    /// Whether a run of an experiment is struck.
    var isOfRun: Bool {
        switch self {
        case .hypothesis, .method, .rollbacks: true
        default: false
        }
    }
}
