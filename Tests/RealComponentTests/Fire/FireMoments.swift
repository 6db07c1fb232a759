import Glibc
import MeshModel
import TestKit
import Testing

extension FireStage {
    /// Brings the mesh to that step; a request may be held at the relay when it returns.
    func reach(_ moment: FireCase.Moment) async throws {
        switch moment {
        case .undoOnDisk: try await hold(Self.told(.beforeEnvoy), while: Self.start)
        case .unanswered: try await hold(Self.told(.beforeTheAnswer), while: Self.start)
        case .readingBack: try await hold(Self.readBack(after: Self.isTold), while: Self.start)
        case .active: try await activate()
        case .dialling:
            try await activate()
            try await hold(Self.told(.beforeTheAnswer), while: ["fault", "dial", "F1", "--percent", "20"])
        case .ending: try await end(Self.undone(.beforeEnvoy), by: Self.stop)
        case .endUnanswered: try await end(Self.undone(.beforeTheAnswer), by: Self.stop)
        case .endReadBack: try await end(Self.readBack(after: Self.isUndone), by: Self.stop)
        case .expiring:
            try await activate(lease: "4s")
            relay.set(Self.undone(.beforeEnvoy))
            try await eventually("expiring") { self.relay.isHolding }
        case .halting: try await end(Self.undone(.beforeEnvoy), by: ["halt"])
        case .haltUnanswered: try await end(Self.undone(.beforeTheAnswer), by: ["halt"])
        case .hypothesis: try await run(until: FireRun.hypothesis)
        case .method: try await run(until: FireRun.method)
        case .rollbacks: try await run(until: FireRun.rollbacks)
        case .recovering: try await recover(Self.undone(.beforeEnvoy))
        case .recoverUnanswered: try await recover(Self.undone(.beforeTheAnswer))
        case .guarding:
            try await activate()
            relay.set(Self.undone(.beforeEnvoy))
            try strike(home.controlPlane, SIGKILL)
            try await eventually("guarding") { self.relay.isHolding }
        }
    }

    /// Starts a fault and returns when Envoy's counters show requests hit by it.
    func activate(lease: String = "20s") async throws {
        let outcome = try await home.succeed(arguments: Self.start.dropLast() + [lease, "--wait"])
        try #require(outcome.code == 0, "\(outcome.output)")
        try await eventually("active") { await self.faults()?.last?.phase == .active }
    }

    private func end(_ gate: AdminRelay.Gate, by command: [String]) async throws {
        try await activate()
        try await hold(gate, while: command)
    }

    private func run(until line: String) async throws {
        _ = try await home.succeed("experiment", "start", "taps")
        try await eventually(line) { !self.home.processes(running: ["/bin/sh -c \(line)", line]).isEmpty }
    }

    private func recover(_ gate: AdminRelay.Gate) async throws {
        try await activate()
        try strikeBoth(SIGKILL)
        try await hold(gate, while: Self.up(home))
    }

    static let start = [
        "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "50", "--lease", "20s",
    ]
    static let stop = ["fault", "stop", "F1"]

    static func up(_ home: GamedayHome) -> [String] { ["up", "-f", home.folder + "/gameday.yaml"] }

    // The requests of a fault's life, by their first lines: settings are made by a value, and unmade by an empty one.

    private static let isTold: @Sendable (String) -> Bool = {
        $0.contains("/runtime_modify") && $0.contains("abort_pct=%7B")
    }
    private static let isUndone: @Sendable (String) -> Bool = {
        $0.contains("/runtime_modify") && !$0.contains("abort_pct=%7B")
    }

    private static func told(_ side: AdminRelay.Gate.Side) -> AdminRelay.Gate { .init(side: side, holds: isTold) }
    private static func undone(_ side: AdminRelay.Gate.Side) -> AdminRelay.Gate { .init(side: side, holds: isUndone) }

    private static func readBack(after isBefore: @escaping @Sendable (String) -> Bool) -> AdminRelay.Gate {
        .init(side: .beforeEnvoy, after: isBefore) { $0.hasPrefix("GET /runtime") }
    }
}
