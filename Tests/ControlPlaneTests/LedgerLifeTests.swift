import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct LedgerLifeTests {
    @Test func `A later life is written above the one before, and that one writes no more`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        await stage.desk.recover()
        _ = try await stage.desk.start(stage.request())
        let second = DeskStage(ledger: scratch.file("ledger"), mesh: stage.mesh)
        await second.desk.recover()
        #expect(stage.mesh.held.isEmpty)
        let fault = try await second.desk.start(second.request())
        let problem = await #expect(throws: Problem.self) {
            try await stage.desk.start(stage.request(on: DeskStage.edges[1]))
        }
        #expect(problem?.kind == .ledgerUnwritable)
        await stage.live(seconds: 2)
        #expect(stage.log.read { $0.timeline.contains { $0.text.contains("took over the ledger") } })
        #expect(stage.mesh.held == ["edge.taps.abort"])
        #expect(LedgerContents(scratch.bytes("ledger")).open.map(\.fault.id) == [fault.id])
    }

    @Test func `The number of a life rises even when the line of the last one is lost`() async throws {
        let scratch = try Scratch()
        let first = Ledger(path: scratch.file("ledger"))
        _ = try await first.takeOver(at: Timestamp(milliseconds: 1000))
        let before = try #require(LedgerContents(scratch.bytes("ledger")).life)
        scratch.write([], to: "ledger")
        _ = try await Ledger(path: scratch.file("ledger")).takeOver(at: Timestamp(milliseconds: 1001))
        #expect(try #require(LedgerContents(scratch.bytes("ledger")).life).number > before.number)
        // A wall clock that was set back makes no difference to that.
        _ = try await Ledger(path: scratch.file("ledger")).takeOver(at: Timestamp(milliseconds: 5))
        #expect(try #require(LedgerContents(scratch.bytes("ledger")).life).number > before.number + 1)
    }

    @Test func `A guard of an earlier life touches nothing, whatever its line says`() async throws {
        for sign in [Guardian.Sign.silence, .end] {
            let scratch = try Scratch()
            let stage = DeskStage(ledger: scratch.file("ledger"))
            await stage.desk.recover()
            let first = try #require(LedgerContents(scratch.bytes("ledger")).life)
            let second = DeskStage(ledger: scratch.file("ledger"), mesh: stage.mesh)
            await second.desk.recover()
            _ = try await second.desk.start(second.request())
            let mesh = stage.mesh
            await Guardian(
                ledger: scratch.file("ledger"), life: first.number, injector: InjectorRouter([mesh]), clock: mesh.clock,
                isOrphaned: { false }
            ).run {
                mesh.advance(.seconds(2))
                return sign
            }
            #expect(mesh.held == ["edge.taps.abort"])
            #expect(LedgerContents(scratch.bytes("ledger")).open.count == 1)
        }
    }

    @Test(arguments: ["deleted", "emptied", "replaced", "its folder is deleted"])
    func `A ledger that is taken away is told, written anew with what is open, and starts nothing more`(
        what: String
    ) async throws {
        let scratch = try Scratch()
        let path = scratch.file("state/ledger")
        mkdir(scratch.file("state"), 0o700)
        let stage = DeskStage(ledger: path)
        await stage.desk.recover()
        _ = try await stage.desk.start(stage.request())
        switch what {
        case "emptied": truncate(path, 0)
        case "replaced":
            scratch.write([], to: "other")
            rename(scratch.file("other"), path)
        default: unlink(path)
        }
        if what == "its folder is deleted" { rmdir(scratch.file("state")) }
        let problem = await #expect(throws: Problem.self) {
            try await stage.desk.start(stage.request(on: DeskStage.edges[1]))
        }
        #expect(problem?.kind == .ledgerUnwritable)
        #expect(stage.mesh.held == ["edge.taps.abort"])
        await stage.live(seconds: 2)
        #expect(stage.log.read { $0.timeline.count { $0.text.contains("was removed or replaced") } } == 1)
        #expect(LedgerContents(scratch.bytes("state/ledger")).open.map(\.fault.id) == ["F1"])
        // Whoever died now, the fault would be found; and it can be ended as ever.
        _ = try await stage.desk.stop("F1", by: "anna")
        await stage.desk.notingIsDone()
        #expect(LedgerContents(scratch.bytes("state/ledger")).open.isEmpty)
        #expect(stage.mesh.held.isEmpty)
    }

    @Test func `A guard remembers what was open when the ledger is lost together with the control plane`() async throws
    {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        await stage.desk.recover()
        _ = try await stage.desk.start(stage.request())
        let life = try #require(LedgerContents(scratch.bytes("ledger")).life)
        let mesh = stage.mesh
        var signs = [Guardian.Sign.beat, .end]
        let path = scratch.file("ledger")
        await Guardian(
            ledger: path, life: life.number, injector: InjectorRouter([mesh]), clock: mesh.clock, isOrphaned: { false }
        ).run {
            let sign = signs.removeFirst()
            if sign == .end { unlink(path) }
            return sign
        }
        #expect(mesh.held.isEmpty)
    }

    @Test func `A lock that somebody holds keeps nobody from undoing`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let holder = try LedgerFile.locked(path: scratch.file("ledger"), patience: .zero)
        let isLocked = holder.isLocked
        #expect(isLocked)
        let mesh = stage.mesh
        await Guardian(
            ledger: scratch.file("ledger"), life: 1, injector: InjectorRouter([mesh]), clock: mesh.clock,
            isOrphaned: { true }
        ).run { .silence }
        #expect(mesh.held.isEmpty)
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
        _ = consume holder
    }

    @Test func `A ledger that can only be read is undone, and starts nothing`() async throws {
        // Root writes into everything, so a link to what never takes a byte stands in for a disk that is read-only.
        let full = DeskStage(ledger: "/dev/full")
        await full.desk.recover()
        let problem = await #expect(throws: Problem.self) { try await full.desk.start(full.request()) }
        #expect(problem?.kind == .ledgerUnwritable)
        #expect(full.log.read { $0.timeline.contains { $0.text.contains("Cannot write the ledger") } })
    }
}
