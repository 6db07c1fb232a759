import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct FaultDeskTests {
    @Test func `A fault is accepted when the proxy holds it and active when it has hit`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        let fault = try await stage.desk.start(stage.request())
        #expect(fault.phase == .accepted)
        #expect(fault.id == "F1")
        #expect(stage.mesh.held == ["edge.taps.abort"])
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .active)
    }

    @Test func `Its undo is on disk before the proxy hears of it`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        let path = stage.ledgerPath
        stage.mesh.change { state in
            state.beforeApply = { plan in
                let open = (try? await Ledger(path: path).contents())?.open ?? []
                #expect(open.map(\.fault.id) == ["F1"])
                #expect(open.first?.undo == plan.undo)
            }
        }
        _ = try await stage.desk.start(stage.request())
        #expect(stage.mesh.proxy("bar") { $0.applied } == 1)
    }

    @Test func `A lease ends by itself, and the end is proven and noted`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(lease: 3))
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .active)
        await stage.live(seconds: 2)
        await stage.desk.notingIsDone()
        #expect(stage.fault("F1")?.phase == .reverted)
        #expect(stage.fault("F1")?.explanation == "its lease expired")
        #expect(stage.mesh.held.isEmpty)
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
    }

    @Test func `A lease ends even when somebody sets the clock of the wall back`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(lease: 3))
        stage.mesh.change { $0.milliseconds -= 3_600_000 }
        await stage.live(seconds: 4)
        #expect(stage.fault("F1")?.phase == .reverted)
    }

    @Test func `A full disk refuses a fault and never an undo`() async throws {
        let scratch = try Scratch()
        let refusing = DeskStage(ledger: "/dev/full")
        let problem = await #expect(throws: Problem.self) { try await refusing.desk.start(refusing.request()) }
        #expect(problem?.kind == .ledgerUnwritable)
        #expect(refusing.mesh.proxy("bar") { $0.applied } == 0)

        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let filled = DeskStage(ledger: "/dev/full", mesh: stage.mesh)
        await filled.live(seconds: 1)
        let stopped = try await filled.desk.stop("X1", by: "anna")
        #expect(stopped.phase == .reverted)
        let halt = await filled.desk.halt(by: "anna", because: "enough")
        #expect(halt.isProven)
    }

    @Test func `What a proxy refuses, or only pretends to hold, is refused and nothing of it is left`() async throws {
        for mood in [FakeMesh.Mood.refusing, .lying] {
            let scratch = try Scratch()
            let stage = DeskStage(ledger: scratch.file("ledger"))
            stage.mesh.proxy("bar") { $0.mood = mood }
            let problem = await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
            #expect(problem?.kind == .proxyRefused)
            #expect(stage.fault("F1")?.phase == .refused)
            await stage.desk.notingIsDone()
            #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
        }
    }

    @Test func `A proxy that performs a fault and can't be heard is undone as soon as it answers`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        stage.mesh.proxy("bar") { $0.mood = .deaf }
        let problem = await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
        #expect(problem?.kind == .proxyUnreachable)
        #expect(stage.fault("F1")?.phase == .stuck)
        #expect(LedgerContents(scratch.bytes("ledger")).open.count == 1)
        await stage.live(seconds: 3)
        #expect(stage.fault("F1")?.phase == .stuck)
        stage.mesh.proxy("bar") { $0.mood = .well }
        await stage.live(seconds: 2)
        await stage.desk.notingIsDone()
        #expect(stage.mesh.held.isEmpty)
        #expect(stage.fault("F1")?.phase == .refused)
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
    }

    @Test func `A fault that its proxy lost by a restart is lost, says so, and is not put back`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        stage.mesh.proxy("bar") { $0.held = [:] }
        stage.mesh.advance(.seconds(1))
        stage.hear(restarted: ["bar"])
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .lost)
        #expect(stage.fault("F1")?.explanation == "bar restarted without it")
        #expect(stage.mesh.proxy("bar") { $0.applied } == 1)
    }

    @Test func `A fault that another hand removed is lost and says so`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        stage.mesh.proxy("bar") { $0.held = [:] }
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .lost)
        #expect(stage.fault("F1")?.explanation == "removed from the proxy by someone else")
        // What held it may carry notes of ours, which go with it.
        #expect(stage.mesh.proxy("bar") { $0.undone } == 1)
    }

    @Test func `Who removed a fault is said where the mesh can tell`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        stage.mesh.proxy("bar") { ($0.held, $0.taker) = ([:], "kubectl changed it at 12:03") }
        // Once our notes are gone too, nothing tells it any more, and the next round may come before the first is over.
        stage.mesh.change {
            $0.beforeUndo = { [mesh = stage.mesh, desk = stage.desk] _ in
                mesh.change { $0.beforeUndo = nil }
                mesh.proxy("bar") { $0.taker = nil }
                mesh.advance(.seconds(1))
                await desk.tick()
            }
        }
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .lost)
        #expect(stage.fault("F1")?.explanation == "kubectl changed it at 12:03")
    }

    @Test func `What the guard undid meanwhile is reverted, not lost`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let guardian = Guardian(
            ledger: stage.ledgerPath, life: 1, injector: InjectorRouter([stage.mesh]), clock: stage.mesh.clock,
            isOrphaned: { false })
        await guardian.run(listen: { .end })
        #expect(stage.mesh.held.isEmpty)
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .reverted)
        #expect(stage.fault("F1")?.explanation?.contains("guard") == true)
    }

    @Test func `A fault that the guard undid while it was being applied does not stay`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        let mesh = stage.mesh
        let guardian = Guardian(
            ledger: stage.ledgerPath, life: 1, injector: InjectorRouter([mesh]), clock: mesh.clock,
            isOrphaned: { false })
        mesh.change { state in
            // As when the control plane is stopped between the ledger and the proxy, and wakes up later.
            state.beforeApply = { _ in
                mesh.advance(.seconds(5))
                await guardian.run(listen: { .end })
            }
        }
        await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
        #expect(mesh.held.isEmpty)
        #expect(stage.fault("F1")?.phase.isOver == true)
    }

    @Test func `A halt latches, proves every proxy clean, and refuses what comes after until it is rearmed`()
        async throws
    {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        _ = try await stage.desk.start(stage.request(.delay(milliseconds: 200), on: DeskStage.edges[2]))
        let halt = await stage.desk.halt(by: "anna", because: "enough")
        #expect(halt.isLatched)
        #expect(halt.proofs.map(\.source) == ["bar", "kitchen", "taps"])
        #expect(halt.isProven)
        #expect(stage.mesh.held.isEmpty)
        #expect(stage.log.read { $0.activeFaults }.isEmpty)
        let problem = await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
        #expect(problem?.kind == .halted)
        _ = await stage.desk.halt(by: "anna", because: "again")
        _ = await stage.desk.rearm(by: "anna")
        stage.hear()
        _ = try await stage.desk.start(stage.request())
    }

    @Test func `A halt names the proxy that does not answer, and proves it when it does`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        stage.mesh.proxy("bar") { $0.mood = .silent }
        let halt = await stage.desk.halt(by: "anna", because: "enough")
        #expect(halt.proofs.filter { !$0.isClean }.map(\.source) == ["bar"])
        #expect(stage.fault("F1")?.phase == .stuck)
        stage.mesh.proxy("bar") { $0.mood = .well }
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .reverted)
        #expect(stage.log.read { $0.halt }?.isProven == true)
    }

    @Test func `A halt during a start waits for the proxy and undoes what it did`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        let desk = stage.desk
        let (reached, sign) = AsyncStream.makeStream(of: Void.self)
        stage.mesh.change { state in
            state.beforeApply = { _ in
                sign.yield()
                // The halt has latched once the log says so; only then does the proxy perform the fault.
                while !stage.log.read({ $0.isHalted }), !Task.isCancelled { await Task.yield() }
            }
        }
        let start = Task { try await desk.start(stage.request()) }
        for await _ in reached { break }
        let halt = await desk.halt(by: "anna", because: "enough")
        #expect(halt.isProven)
        #expect(stage.mesh.held.isEmpty)
        await #expect(throws: Problem.self) { try await start.value }
    }

    @Test func `Faults of others are found, told as orphans, and can be stopped`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        let held = FakeMesh.Held(kind: .abort(status: 500), share: 1, scope: .edge(DeskStage.edges[0]))
        stage.mesh.proxy("bar") { $0.held["edge.taps.abort"] = held }
        await stage.live(seconds: 2)
        let orphan = try #require(stage.fault("X1"))
        #expect(orphan.isOrphan)
        #expect(orphan.edge == Edge(from: "bar", to: "taps"))
        await stage.live(seconds: 20)
        #expect(stage.fault("X2") == nil)
        let stopped = try await stage.desk.stop("X1", by: "anna")
        #expect(stopped.phase == .reverted)
        #expect(stage.mesh.held.isEmpty)
    }

    @Test func `A halt leaves what is surely another's, says so, and is proven all the same`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        let held = FakeMesh.Held(kind: .delay(milliseconds: 5), share: 1, scope: .edge(DeskStage.edges[0]))
        stage.mesh.proxy("bar") { $0.held["theirs"] = held }
        await stage.live(seconds: 2)
        _ = try await stage.desk.start(stage.request())
        let halt = await stage.desk.halt(by: "anna", because: "enough")
        #expect(halt.isProven)
        #expect(
            halt.proofs.contains { $0.source == "bar" && $0.explanation?.contains("not started here stays") == true })
        #expect(stage.mesh.proxy("bar") { $0.held } == ["theirs": held])
        _ = try await stage.desk.stop("X1", by: "anna")
        #expect(stage.mesh.held.isEmpty)
    }

    @Test func `A fault of ours that comes back after its undo is taken away again`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let held = stage.mesh.proxy("bar") { $0.held }
        _ = try await stage.desk.stop("F1", by: "anna")
        stage.mesh.proxy("bar") { $0.held = held }
        await stage.live(seconds: 12)
        #expect(stage.mesh.held.isEmpty)
    }

    @Test func `A proxy that hung and performs the fault after its undo is found out within seconds`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        await stage.live(seconds: 1)
        stage.mesh.proxy("bar") { $0.mood = .deaf }
        await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
        let held = stage.mesh.proxy("bar") { $0.held }
        stage.mesh.proxy("bar") { $0.mood = .well }
        await stage.live(seconds: 3)
        #expect(stage.fault("F1")?.phase == .refused)
        #expect(stage.mesh.held.isEmpty)
        stage.mesh.proxy("bar") { $0.held = held }
        await stage.live(seconds: 2)
        #expect(stage.mesh.held.isEmpty)
    }

    @Test
    func `A request without an answer that comes after its undo is taken back before anything is said to be over`()
        async throws
    {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        await stage.live(seconds: 1)
        stage.mesh.proxy("bar") { $0.mood = .deaf }
        await #expect(throws: Problem.self) { try await stage.desk.start(stage.request()) }
        let late = stage.mesh.proxy("bar") { $0.held }
        stage.mesh.proxy("bar") { $0.mood = .well }
        await stage.live(seconds: 1)
        #expect(stage.mesh.held.isEmpty)
        #expect(stage.fault("F1")?.phase == .reverting)
        stage.mesh.proxy("bar") { $0.held = late }
        await stage.live(seconds: 3)
        #expect(stage.mesh.held.isEmpty)
        #expect(stage.fault("F1")?.phase == .refused)
        #expect(stage.fault("X1") == nil)
    }

    @Test func `Only the faults of a lost dashboard are undone while another watches`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(by: "dash-1"))
        _ = try await stage.desk.start(stage.request(on: DeskStage.edges[1], by: "dash-2 anna"))
        await stage.desk.undo(startedBy: "dash-1", because: "its dashboard was lost")
        #expect(stage.fault("F1")?.phase == .reverted)
        #expect(stage.fault("F2")?.phase == .accepted)
        await stage.desk.undoAll(because: "the last dashboard was lost")
        #expect(stage.fault("F2")?.phase == .reverted)
        #expect(!stage.log.read { $0.isHalted })
    }

    @Test func `What an earlier control plane left is undone first, and new ids go on after it`() async throws {
        let scratch = try Scratch()
        let first = DeskStage(ledger: scratch.file("ledger"))
        _ = try await first.desk.start(first.request())
        _ = try await first.desk.start(first.request(on: DeskStage.edges[2]))
        first.mesh.proxy("taps") { $0.mood = .silent }

        let second = DeskStage(ledger: scratch.file("ledger"), mesh: first.mesh)
        await second.desk.recover()
        #expect(second.fault("F1")?.phase == .reverted)
        #expect(second.fault("F2")?.phase == .stuck)
        first.mesh.proxy("taps") { $0.mood = .well }
        second.hear()
        await second.live(seconds: 2)
        await second.desk.notingIsDone()
        #expect(second.fault("F2")?.phase == .reverted)
        #expect(first.mesh.held.isEmpty)
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
        second.hear()
        let next = try await second.desk.start(second.request())
        #expect(next.id == "F3")
    }
}
