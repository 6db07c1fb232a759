import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

/// Faults that nobody counts, and sources that can hold none.
@Suite(.timeLimit(.minutes(5))) struct EvidenceTests {
    @Test func `what is held and not counted is active once it is held, and over once it is gone`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        stage.mesh.change { $0.evidence = .held }
        let fault = try await stage.desk.start(stage.request())
        #expect(fault.evidence == .held && fault.phase == .active)
        #expect(stage.log.read { $0.seen(of: fault) } == nil)
        let before = stage.mesh.clock.elapsed()
        #expect(try await stage.desk.stop("F1", by: "anna").phase == .reverted)
        #expect(stage.mesh.clock.elapsed() == before, "no counters are waited for")
        await stage.desk.notingIsDone()
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
    }

    @Test(arguments: [Evidence.asked, Evidence(rawValue: "hearsay")])
    func `what nothing confirms is never more than accepted`(evidence: Evidence) async throws {
        let stage = DeskStage(ledger: try Scratch().file("ledger"))
        stage.mesh.change { $0.evidence = evidence }
        _ = try await stage.desk.start(stage.request())
        await stage.live(seconds: 5)
        #expect(stage.fault("F1")?.phase == .accepted)
        // Hits that somebody flags are as good as any other word.
        stage.mesh.change { $0.flagsHits = true }
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .active)
    }

    private func loss(of stage: DeskStage) async throws -> Fault {
        stage.mesh.change { $0.evidence = .held }
        var wish = stage.request()
        (wish.kind, wish.share) = (FaultKind("delete-pod", ["delete-pod": 1]), 1)
        return try await stage.desk.start(wish)
    }

    @Test func `what nobody can undo is over when it has passed, and what held it is cleared up`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        #expect(try await loss(of: stage).phase == .active)
        await stage.live(seconds: 3)
        #expect(stage.fault("F1")?.phase == .active)
        stage.mesh.proxy("bar") { $0.isOver = true }
        await stage.live(seconds: 3)
        let fault = try #require(stage.fault("F1"))
        #expect(fault.phase == .lost && fault.ending == .over && fault.explanation == "2 pods are ready")
        #expect(stage.mesh.proxy("bar") { $0.undone } > 0)
        await stage.desk.notingIsDone()
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
        let told = stage.log.read { state in state.timeline.last.map { Narrator.sentence(of: $0, in: state) } }
        #expect(told == "fault 1 has ended; its effect cannot be undone: 2 pods are ready")
    }

    @Test func `what nobody can undo is never said to be undone`() async throws {
        let stage = DeskStage(ledger: try Scratch().file("ledger"))
        _ = try await loss(of: stage)
        let fault = try await stage.desk.stop("F1", by: "anna")
        #expect(fault.phase == .lost && fault.ending == .over && fault.explanation == "stopped by anna")
    }

    @Test func `a halt names where a fault was, whatever that usually tells`() async throws {
        let stage = DeskStage(ledger: try Scratch().file("ledger"))
        _ = try await stage.desk.start(stage.request())
        // A sidecar tells of traffic, and here its own runtime held the fault.
        stage.log.append([
            .source(SourceReport(name: "bar", kind: .sidecar, endpoint: "u", service: "bar", state: .fresh))
        ])
        let halt = await stage.desk.halt(by: "anna", because: "enough")
        #expect(halt.isProven && halt.proofs.map(\.source) == ["bar", "kitchen", "taps"])
    }

    @Test func `a source that can hold no fault needs no proof, heard or not`() async throws {
        let stage = DeskStage(ledger: try Scratch().file("ledger"))
        for state in [SourceState.fresh, .unreachable] {
            let name = "prometheus \(state.rawValue)"
            stage.log.append([
                .source(
                    SourceReport(name: name, kind: .prometheus, endpoint: "http://p", service: nil, state: state))
            ])
        }
        _ = try await stage.desk.start(stage.request())
        let halt = await stage.desk.halt(by: "anna", because: "enough")
        #expect(halt.isProven && halt.proofs.map(\.source) == ["bar", "kitchen", "taps"])
        // One that could hold a fault and never answered is not clean.
        let silent = SourceReport(name: "cellar", kind: .envoy, endpoint: "u", service: "cellar", state: .unreachable)
        stage.log.append([.source(silent)])
        let again = await stage.desk.halt(by: "anna", because: "again")
        #expect(again.proofs.filter { !$0.isClean }.map(\.source) == ["cellar"])
    }

    @Test func `what an injector of another version left stays open and is told`() async throws {
        let scratch = try Scratch()
        let undo = FaultUndo(parts: [FaultUndo.Part(injector: "abacus", source: "a", place: "http://a", keys: ["k"])])
        let fault = Fault(
            id: "F7", kind: .abort(status: 503), edge: DeskStage.edges[0], share: 1, by: "anna",
            requestedAt: Timestamp(milliseconds: 1), leaseEnds: Timestamp(milliseconds: 2), sources: ["a"])
        try await Ledger(path: scratch.file("ledger")).intend(fault, undo)
        let stage = DeskStage(ledger: scratch.file("ledger"))
        await stage.desk.recover()
        await stage.live(seconds: 120)
        let open = try #require(stage.fault("F7"))
        #expect(open.phase == .stuck && open.explanation == "unknown injector 'abacus'")
        #expect(LedgerContents(scratch.bytes("ledger")).open.map(\.fault.id) == ["F7"])
    }
}
