import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct LedgerDamageTests {
    private static func line(_ number: Int, to callee: ServiceName) -> [UInt8] {
        let fault = Fault(
            id: "F\(number)", kind: .abort(status: 503), edge: Edge(from: "bar", to: callee), share: 0.5, by: "anna",
            requestedAt: Timestamp(milliseconds: 1000), leaseEnds: Timestamp(milliseconds: 9000), sources: ["bar"])
        let key = FakeMesh.key(.abort(status: 503), callee)
        let undo = FaultUndo(parts: [FaultUndo.Part(injector: "envoy", source: "bar", place: "http://bar", keys: [key])]
        )
        return LedgerLine.intent(
            LedgerEntry(fault: fault, undo: undo, mesh: LedgerMesh(name: "the bar", file: nil))
        ).bytes
    }

    /// Lives, one fault that is over and one that is held.
    private static var whole: [UInt8] {
        let at = Timestamp(milliseconds: 5)
        func life(_ number: Int) -> [UInt8] {
            LedgerLine.life(LedgerLife(number: number, process: 7, mesh: nil, at: at)).bytes
        }
        return life(1) + line(1, to: "kitchen")
            + LedgerLine.recovered(id: "F1", by: "the guard", why: "the control plane died", at: at).bytes + life(2)
            + line(2, to: "taps")
    }

    @Test func `A flipped bit is never taken for a word of ours, wherever it is`() {
        let bytes = Self.whole
        for place in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[place] ^= 1 << bit
                let contents = LedgerContents(flipped)
                #expect(!contents.damage.isEmpty, "byte \(place), bit \(bit)")
                #expect(contents.recovered["F2"] == nil, "byte \(place), bit \(bit)")
            }
        }
    }

    @Test func `A cut anywhere is a death in the middle of a line and no damage`() {
        let bytes = Self.whole
        for length in bytes.indices {
            let contents = LedgerContents(Array(bytes[..<length]))
            #expect(contents.damage.isEmpty, "cut at \(length)")
            #expect(contents.recovered["F2"] == nil)
            let isIntended = length >= bytes.count - 1
            #expect(contents.open.map(\.fault.id).contains("F2") == isIntended, "cut at \(length)")
        }
    }

    /// One bit in each byte of the line of the fault that is held, by turns.
    @Test func `What a damaged line speaks of is found in the mesh and taken back, and never called another's`()
        async throws
    {
        let bytes = Self.whole
        let start = bytes.count - Self.line(2, to: "taps").count
        for place in start..<bytes.count {
            var flipped = bytes
            flipped[place] ^= 1 << (place % 8)
            let scratch = try Scratch()
            scratch.write(flipped, to: "ledger")
            let stage = DeskStage(ledger: scratch.file("ledger"))
            let key = FakeMesh.key(.abort(status: 503), "taps")
            stage.mesh.proxy("bar") {
                $0.held[key] = FakeMesh.Held(
                    kind: .abort(status: 503), share: 0.5, scope: .edge(Edge(from: "bar", to: "taps")))
            }
            await stage.desk.recover()
            await stage.live(seconds: 2)
            #expect(stage.mesh.held.isEmpty, "byte \(place)")
            let (faults, told) = stage.log.read { ($0.faults, $0.timeline.map(\.text)) }
            #expect(faults.allSatisfy { $0.explanation?.contains("not started here") == false }, "byte \(place)")
            #expect(told.contains { $0.contains("The ledger is damaged in line 5") }, "byte \(place)")
            #expect(told.contains { $0.contains("The check after the damage") }, "byte \(place)")
            #expect(scratch.bytes("ledger.damaged-1") == flipped)
            #expect(LedgerContents(scratch.bytes("ledger")).damage.isEmpty)
        }
    }

    @Test func `What a damaged ledger does not speak of is shown, and may be ours`() async throws {
        let scratch = try Scratch()
        scratch.write(Array("rubbish\n".utf8) + Self.line(1, to: "kitchen"), to: "ledger")
        let stage = DeskStage(ledger: scratch.file("ledger"))
        stage.mesh.proxy("taps") {
            $0.held["edge.cellar.abort"] = FakeMesh.Held(
                kind: .abort(status: 503), share: 0.5, scope: .edge(Edge(from: "taps", to: "cellar")))
        }
        await stage.desk.recover()
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .reverted)
        #expect(stage.fault("X1")?.phase.isOver == false)
        #expect(
            stage.fault("X1")?.explanation
                == "found in the proxy; the ledger was damaged, so it may have been started here")
    }

    @Test func `Lines of the days before there were sums are read`() {
        let fault = Fault(
            id: "F3", kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 1, by: "anna",
            requestedAt: Timestamp(milliseconds: 1), leaseEnds: Timestamp(milliseconds: 2), sources: ["bar"])
        let undo = FaultUndo(parts: [FaultUndo.Part(injector: "envoy", source: "bar", place: "http://bar", keys: ["k"])]
        )
        let old = (["intent": fault.json, "undo": undo.json] as JSON).bytes + [0x0A]
        #expect(LedgerContents(old).open == [LedgerEntry(fault: fault, undo: undo)])
        let end: JSON = ["recovered": "F3", "by": "the guard", "why": "w", "t": 5]
        #expect(LedgerContents(old + end.bytes + [0x0A]).recovered["F3"]?.by == "the guard")
        #expect(LedgerContents(old + end.bytes + [0x0A]).damage.isEmpty)
    }

    @Test func `The sum is that of RFC 3720`() {
        #expect(CRC32C.sum(of: Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.sum(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    }
}
