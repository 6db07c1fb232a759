import MeshClient
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import ControlPlane

/// Many faults on as many proxies, of which one hangs.
@Suite(.timeLimit(.minutes(1))) struct FaultSweepTests {
    private static let callers = (0..<60).map { ServiceName("caller-\($0)") }
    private static let edges = callers.map { Edge(from: $0, to: "till") }
    private static let hanging = "caller-7"

    private let scratch: Scratch
    private let stage: DeskStage

    init() async throws {
        scratch = try Scratch()
        stage = DeskStage(
            ledger: scratch.file("ledger"), mesh: FakeMesh(Self.callers.map(\.text)), edges: Self.edges)
        for edge in Self.edges { _ = try await stage.desk.start(stage.request(on: edge)) }
    }

    /// Faults that are proven gone.
    private static func proven(_ log: EventLog) -> Int { log.read { $0.faults.count { $0.phase == .reverted } } }

    /// Lets one proxy hang until all the others are proven, or until nobody can say that they are still to be; then it
    /// turns out to be silent. How many were proven by then.
    private func hang() -> ProvenCount {
        let count = ProvenCount()
        stage.mesh.change { [log = stage.log, mesh = stage.mesh] state in
            state.beforeUndo = { part in
                guard part.source == Self.hanging else { return }
                for _ in 0..<500 where Self.proven(log) < Self.edges.count - 1 {
                    try? await Task.sleep(for: .milliseconds(10))
                }
                count.note(Self.proven(log))
                mesh.proxy(Self.hanging) { $0.mood = .silent }
            }
        }
        return count
    }

    @Test func `A halt proves all the others while one proxy hangs, and names that one`() async {
        let count = hang()
        let halt = await stage.desk.halt(by: "anna", because: "test")
        #expect(count.first == Self.edges.count - 1)
        #expect(halt.proofs.filter { !$0.isClean }.map(\.source) == [Self.hanging])
        #expect(halt.proofs.count == Self.edges.count)
        #expect(stage.fault("F8")?.phase == .stuck)
        #expect(stage.mesh.held == [FakeMesh.key(.abort(status: 503), "till")])
    }

    @Test func `Leases end in time while one proxy hangs, and it is tried again until it lets go`() async {
        let count = hang()
        stage.mesh.advance(.seconds(61))
        await stage.desk.tick()
        #expect(count.first == Self.edges.count - 1)
        #expect(stage.fault("F8")?.phase == .stuck)
        stage.mesh.change { $0.beforeUndo = nil }
        stage.mesh.proxy(Self.hanging) { $0.mood = .well }
        await stage.live(seconds: 2)
        #expect(Self.proven(stage.log) == Self.edges.count)
    }

    @Test func `A round that waits for a proxy keeps no other lease waiting`() async throws {
        let count = ProvenCount()
        stage.mesh.advance(.seconds(30))
        stage.hear()
        let late = try await stage.desk.start(stage.request(.delay(milliseconds: 5), on: Self.edges[1], lease: 60))
        // The first round is held up by the proxy that hangs; a second one comes meanwhile.
        stage.mesh.change { [log = stage.log, mesh = stage.mesh] state in
            state.beforeUndo = { part in
                guard part.source == Self.hanging else { return }
                for _ in 0..<500 where Self.proven(log) < Self.edges.count {
                    try? await Task.sleep(for: .milliseconds(10))
                }
                count.note(Self.proven(log))
                mesh.proxy(Self.hanging) { $0.mood = .silent }
            }
        }
        stage.mesh.advance(.seconds(31))
        let desk = stage.desk
        async let held: Void = desk.tick()
        while Self.proven(stage.log) < Self.edges.count - 1 { try await Task.sleep(for: .milliseconds(5)) }
        stage.mesh.advance(.seconds(31))
        await stage.desk.tick()
        await held
        #expect(stage.fault(late.id)?.phase == .reverted)
        #expect(count.first == Self.edges.count, "the other lease ended while the first round waited")
    }
}

/// What was seen first.
private final class ProvenCount: Sendable {
    private let seen = Mutex<Int?>(nil)

    var first: Int? { seen.withLock { $0 } }
    func note(_ count: Int) { seen.withLock { $0 = $0 ?? count } }
}
