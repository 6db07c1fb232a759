import MeshModel
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct StatusDocumentTests {
    private func document(_ stage: DeskStage) throws -> JSON {
        let now = stage.mesh.clock.now()
        return try JSON(parsing: StatusDocument.json(stage.log.read { $0 }, at: now).bytes)
    }

    @Test func `Times are seconds, shares are ratios, and what is unknown is null`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(.delay(milliseconds: 200), lease: 30))
        var document = try document(stage)
        var fault = try #require(document["faults"]?.array?.first)
        #expect(fault["kind"] == "delay")
        #expect(fault["amount"]?.double == 0.2)
        #expect(fault["asked"]?.double == 0.5)
        #expect(fault["seen"] == .null)
        #expect(fault["leaseRemaining"]?.double == 30)
        #expect(fault["phase"] == "accepted")
        await stage.live(seconds: 2)
        document = try self.document(stage)
        fault = try #require(document["faults"]?.array?.first)
        #expect(fault["seen"]?.double == 0.5)
        #expect(fault["phase"] == "active")
        #expect(fault["leaseRemaining"]?.double == 28)
        #expect(document["halted"] == false)
        #expect(document["mode"] == "live")
        #expect(document["sources"]?.array?.first?["ageSeconds"]?.double == 0)
        let service = try #require(document["services"]?.array?.first)
        #expect(service["requestRate"] == .null)
        #expect(service["p99"] == .null)
    }

    @Test func `Names from outside survive as JSON, whatever they hold`() throws {
        let hostile = "\u{1B}[2J\n\u{0}\"\\ 🍺 " + String(repeating: "é", count: 300)
        let scratch = try Scratch()
        let edge = Edge(from: ServiceName(hostile), to: ServiceName(hostile + "2"))
        let mesh = FakeMesh([hostile])
        let stage = DeskStage(ledger: scratch.file("ledger"), mesh: mesh, edges: [edge])
        let document = try document(stage)
        #expect(document["edges"]?.array?.first?["from"]?.string == hostile)
        #expect(document["services"]?.array?.first?["name"]?.string == hostile)
    }
}
