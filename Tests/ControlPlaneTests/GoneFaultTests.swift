import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct GoneFaultTests {
    private static func stage(
        _ scratch: Scratch, _ named: [String] = ["bar", "taps", "kitchen"], file: String = "/etc/bar.yaml",
        mesh: FakeMesh = FakeMesh(["bar", "taps", "kitchen"]), edges: [Edge] = DeskStage.edges
    ) -> DeskStage {
        var description = MeshDescription(name: "the bar")
        description.file = file
        mesh.change { $0.named = Set(named.map { "http://\($0)" }) }
        return DeskStage(ledger: scratch.file("ledger"), description: description, mesh: mesh, edges: edges)
    }

    @Test func `A fault whose proxy is away ends with it after its lease, and a halt is clean`() async throws {
        let scratch = try Scratch()
        let stage = Self.stage(scratch)
        _ = try await stage.desk.start(stage.request(lease: 6))
        stage.mesh.proxy("bar") { $0 = FakeMesh.Proxy(mood: .absent) }
        let stopped = try await stage.desk.stop("F1", by: "anna")
        #expect(stopped.phase == .stuck)
        await stage.live(seconds: 5)
        #expect(stage.fault("F1")?.phase == .stuck, "its lease is not over")
        await stage.live(seconds: 9)
        let fault = try #require(stage.fault("F1"))
        #expect(fault.phase == .lost && fault.ending == .gone, "\(fault)")
        #expect(fault.explanation == "gone with its proxy: bar: absent")
        await stage.desk.notingIsDone()
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
        _ = await stage.desk.halt(by: "anna", because: "enough")
        #expect(stage.log.read { $0.activeFaults.isEmpty })
        // Should it come back with the fault in it, it is known for ours.
        stage.mesh.proxy("bar") {
            $0.mood = .well
            $0.held["edge.taps.abort"] = FakeMesh.Held(
                kind: .abort(status: 503), share: 0.5, scope: .edge(DeskStage.edges[0]))
        }
        await stage.live(seconds: 3)
        #expect(stage.mesh.held.isEmpty)
    }

    @Test func `A proxy that is silent may hold its fault, and that stays stuck until it is forgotten`() async throws {
        let scratch = try Scratch()
        let stage = Self.stage(scratch)
        _ = try await stage.desk.start(stage.request(lease: 5))
        let early = await #expect(throws: Problem.self) { try await stage.desk.forget("F1", by: "anna") }
        #expect(early?.title == "it is active")
        stage.mesh.proxy("bar") { $0.mood = .silent }
        await stage.live(seconds: 60)
        #expect(stage.fault("F1")?.phase == .stuck)
        let fault = try await stage.desk.forget("F1", by: "anna")
        #expect(fault.phase == .lost && fault.ending == .forgotten)
        #expect(fault.explanation == "given up by anna; last known: bar: silent")
        #expect(stage.log.read { $0.timeline.contains { $0.text.contains("anna gave up F1") } })
        #expect(LedgerContents(scratch.bytes("ledger")).givenUp.map(\.fault.id) == ["F1"])
        let over = await #expect(throws: Problem.self) { try await stage.desk.forget("F1", by: "anna") }
        #expect(over?.title == "it has ended")
    }

    @Test func `What can still be taken back is taken back instead of forgotten`() async throws {
        let scratch = try Scratch()
        let stage = Self.stage(scratch)
        _ = try await stage.desk.start(stage.request())
        stage.mesh.proxy("bar") { $0.mood = .silent }
        _ = try await stage.desk.stop("F1", by: "anna")
        stage.mesh.proxy("bar") { $0.mood = .well }
        let fault = try await stage.desk.forget("F1", by: "anna")
        #expect(fault.phase == .reverted && fault.ending == nil)
    }

    @Test func `A proxy that the settings name no more ends its fault whatever it says`() async throws {
        let scratch = try Scratch()
        let stage = Self.stage(scratch)
        _ = try await stage.desk.start(stage.request(lease: 5))
        stage.mesh.proxy("bar") { $0.mood = .silent }
        let second = Self.stage(scratch, ["taps", "kitchen"], mesh: stage.mesh)
        await second.desk.recover()
        #expect(second.fault("F1")?.phase == .stuck)
        await second.live(seconds: 12)
        #expect(second.fault("F1")?.ending == .gone)
    }

    @Test func `A fault of another mesh fails no halt of this one, and is taken back when it can be`() async throws {
        let scratch = try Scratch()
        let stage = Self.stage(scratch)
        _ = try await stage.desk.start(stage.request(lease: 600))
        stage.mesh.proxy("bar") { $0.mood = .silent }
        let shop = Self.stage(
            scratch, ["front"], file: "/etc/shop.yaml", mesh: FakeMesh(["front", "pay"]),
            edges: [Edge(from: "front", to: "pay")])
        shop.mesh.proxy("bar") { $0.mood = .silent }
        await shop.desk.recover()
        #expect(shop.log.read { $0.faults.isEmpty })
        #expect(shop.log.read { $0.timeline.count { $0.text.contains("the bar (/etc/bar.yaml)") } } == 1)
        await shop.live(seconds: 3)
        let halt = await shop.desk.halt(by: "anna", because: "enough")
        #expect(halt.isProven && halt.proofs.map(\.source) == ["front"])
        #expect(shop.log.read { $0.activeFaults.isEmpty })
        let problem = await #expect(throws: Problem.self) { try await shop.desk.stop("F1", by: "anna") }
        #expect(problem?.title == "it is in another mesh")
        shop.mesh.proxy("bar") { $0.mood = .well }
        await shop.live(seconds: 6)
        await shop.desk.notingIsDone()
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
    }

    @Test func `An edge can be broken again on the replicas that are left`() async throws {
        let scratch = try Scratch()
        let stage = Self.stage(scratch, ["bar", "bar 2"], mesh: FakeMesh(["bar", "bar 2"]))
        #expect(try await stage.desk.start(stage.request(lease: 6)).sources == ["bar", "bar 2"])
        stage.mesh.proxy("bar 2") { $0 = FakeMesh.Proxy(mood: .absent) }
        await stage.live(seconds: 20)
        #expect(stage.fault("F1")?.ending == .gone)
        let halt = await stage.desk.halt(by: "anna", because: "enough")
        #expect(halt.proofs.map(\.isClean) == [true, false, true, true])
        #expect(halt.proofs.map { $0.unheardSince != nil } == [false, true, false, false])
        #expect(stage.log.read { $0.activeFaults.isEmpty })
        _ = await stage.desk.rearm(by: "anna")
        let fault = try await stage.desk.start(stage.request())
        #expect(fault.sources == ["bar"] && fault.explanation == "bar 2 is unreachable and left out")
        await stage.desk.notingIsDone()
        #expect(LedgerContents(scratch.bytes("ledger")).open.flatMap(\.undo.parts).map(\.source) == ["bar"])
        stage.mesh.proxy("bar 2") { $0.mood = .well }
        await stage.live(seconds: 2)
        let dialled = try await stage.desk.alter(fault.id, FaultChange(share: 0.8), by: "anna")
        #expect(dialled.share == 0.8 && dialled.sources == ["bar"])
        let returned = stage.mesh.proxy("bar 2") { $0.held }
        #expect(returned.isEmpty && !stage.mesh.held.isEmpty)
        #expect(try await stage.desk.stop(fault.id, by: "anna").phase == .reverted)
    }

    @Test func `A replica that is only late is waited for, and where none is left nothing starts`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"), mesh: FakeMesh(["bar", "bar 2"]))
        stage.mesh.proxy("bar 2") { $0.mood = .absent }
        await stage.live(seconds: 8)
        let late = await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
        #expect(late?.title == "data is stale" && late?.detail?.hasPrefix("bar 2 is unreachable") == true)
        stage.mesh.proxy("bar") { $0.mood = .absent }
        await stage.live(seconds: 30)
        let none = await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
        #expect(none?.title == "data is stale")
        #expect(stage.mesh.held.isEmpty)
    }

    @Test func `What was given up or went with its proxy is not told as removed`() {
        func words(_ endings: [FaultEnding?]) -> String {
            let faults = endings.enumerated().map { number, ending in
                var fault = Fault(
                    id: "F\(number + 1)", kind: .abort(status: 503), edge: DeskStage.edges[0], share: 1, by: "E1",
                    requestedAt: Timestamp(milliseconds: 0), leaseEnds: Timestamp(milliseconds: 1), phase: .lost)
                fault.ending = ending
                return fault
            }
            let report = ExperimentReport(
                id: "E1", file: "t.yaml", title: "t", by: "anna", startedAt: Timestamp(milliseconds: 0))
            let verdict = VerdictWords(report: report, faults: faults).failure("it broke")
            return "\(verdict.isUndone): \(verdict.words.last ?? "")"
        }
        #expect(words([.forgotten, nil]) == "false: NOT REMOVED: F1 given up, end not confirmed.")
        #expect(words([.gone, nil, nil]) == "true: 2 faults removed, 1 ended with its proxy, none left.")
        #expect(words([nil]) == "true: 1 fault removed, none left.")
    }

    @Test func `A process that is younger, another node or restarted in place is another`() {
        let first = ProxyProcess(node: "bar", commandLine: "envoy.yaml", epoch: 0, uptime: 100)
        func difference(_ change: (inout ProxyProcess) -> Void) -> String? {
            var later = first
            later.uptime = 160
            change(&later)
            return later.difference(from: first)
        }
        #expect(difference { _ in } == nil)
        #expect(difference { $0.uptime = 3 } == "it started 3 s ago, after the fault")
        #expect(difference { $0.node = "till" } == "till answers at this address instead of bar")
        #expect(difference { $0.epoch = 1 } == "it was restarted in place since then")
        #expect(difference { $0.commandLine = "other.yaml" } != nil)
    }
}
