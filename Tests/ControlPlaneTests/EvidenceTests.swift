import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

/// Faults that nobody counts, and sources that can hold none.
@Suite struct EvidenceTests {
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
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
    }

    @Test(arguments: [Evidence.asked, Evidence(rawValue: "hearsay")])
    func `what nothing confirms is never more than accepted`(evidence: Evidence) async throws {
        let stage = DeskStage(ledger: try Scratch().file("ledger"))
        stage.mesh.change { $0.evidence = evidence }
        _ = try await stage.desk.start(stage.request())
        await stage.live(seconds: 5)
        #expect(stage.fault("F1")?.phase == .accepted)
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
