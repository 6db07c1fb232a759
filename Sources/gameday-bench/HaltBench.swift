import ArgumentParser
import Foundation
import MeshClient
import MeshModel

/// How long it takes until many faults on as many proxies are undone and proven, with all proxies well, and with one in
/// a hundred that hangs.
struct HaltBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt", abstract: "1,000 faults on 1,000 proxies, undone and proven.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How many faults, each on a proxy of its own.") var faults = 1000
    @Option(help: "How many of their proxies hang in the second halt.") var hanging = 10

    /// What a halt was like.
    private struct Outcome {
        var started: Double
        /// Until the command had its answer.
        var answered: Double
        /// Until the last fault that can be undone was proven gone.
        var proven: Double
        var left: Int
    }

    func measure(seconds: Int) async throws -> [Figure] {
        raiseDescriptorLimit()
        // A fault lives at the caller, and nearly half of the proxies call nobody.
        let mesh = try SimulatedProxies(services: faults * 2)
        let program = try await ControlPlaneProgram(settings: mesh.settings)
        try await program.waitUntilHeard(mesh.names.count)
        let edges = try await Self.edges(of: program.client, callers: faults)
        tellProgress("halt: \(edges.count) faults")
        let well = try await halt(edges, on: program.client)
        let silent = edges.prefix(hanging).map(\.from.text)
        tellProgress("halt: the same, \(silent.count) proxies hang")
        let hung = try await halt(edges, on: program.client) { try mesh.hang(silent) }
        try mesh.hang([])
        let rest = edges.count - silent.count
        return [
            Figure(
                "halt", "\(edges.count) faults started, undo on disk", well.started, "s",
                note: "32 requests at a time"),
            Figure(
                "halt", "a halt of \(edges.count) faults", well.answered, "s", aim: "under 2",
                note: Self.words(well.left)),
            Figure(
                "halt", "the same, \(silent.count) proxies hang", hung.answered, "s", aim: "under 2",
                note: "\(hung.left) named as not undone"),
            Figure(
                "halt", "until the other \(rest) were proven", hung.proven, "s",
                ratios: [.init(hung.proven, to: well.proven, "with none that hangs")]),
        ]
    }

    private static func words(_ left: Int) -> String { left == 0 ? "all proven" : "\(left) NOT PROVEN" }

    /// One edge of each of so many callers.
    private static func edges(of client: ControlPlaneClient, callers: Int) async throws -> [Edge] {
        for await element in client.feed() {
            guard case .event(let event) = element, case .keyframe(let mesh) = event.observation else { continue }
            let byCaller = Dictionary(grouping: mesh.edges.keys, by: \.from).sorted { $0.key.text < $1.key.text }
            return byCaller.prefix(callers).compactMap { $1.min { $0.to.text < $1.to.text } }
        }
        return []
    }

    private func halt(
        _ edges: [Edge], on client: ControlPlaneClient, after prepare: () throws -> Void = {}
    ) async throws -> Outcome {
        let start = ContinuousClock.now
        try await Self.start(edges, on: client)
        let started = (ContinuousClock.now - start) / .seconds(1)
        try prepare()
        let (begun, begunAt) = (ContinuousClock.now, Date())
        _ = try await client.halt(by: "bench", reason: "measured")
        let answered = (ContinuousClock.now - begun) / .seconds(1)
        let told = try await client.faults().suffix(edges.count)
        let left = told.filter { !$0.phase.isOver }
        let ends = told.compactMap { $0.phase.isOver ? $0.endedAt : nil }
        let proven = ends.max().map { Double($0.milliseconds) / 1000 - begunAt.timeIntervalSince1970 } ?? .nan
        try await client.rearm(by: "bench")
        return Outcome(started: started, answered: answered, proven: proven, left: left.count)
    }

    private static func start(_ edges: [Edge], on client: ControlPlaneClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, edge) in edges.enumerated() {
                if place >= 32 { try await group.next() }
                group.addTask {
                    let kind = FaultKind.delay(milliseconds: 5)
                    let request = FaultRequest(kind: kind, edge: edge, share: 0.1, lease: 600, by: "bench")
                    _ = try await client.start(request)
                }
            }
            try await group.waitForAll()
        }
    }
}
