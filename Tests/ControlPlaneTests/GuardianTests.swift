import MeshClient
import MeshModel
import Synchronization
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct GuardianTests {
    @Test func `While the beat comes nothing is touched, and when it stops all is undone`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let mesh = stage.mesh
        let guardian = Guardian(
            ledger: stage.ledgerPath, life: 1, injector: InjectorRouter([mesh]), clock: mesh.clock,
            isOrphaned: { false })
        let heard = Mutex<[(Guardian.Sign, Bool)]>([])
        let signs: [Guardian.Sign] = [.beat, .silence, .silence, .beat, .silence, .silence, .silence, .silence, .end]
        await guardian.run {
            mesh.advance(.seconds(1))
            return heard.withLock { heard in
                let sign = signs[min(heard.count, signs.count - 1)]
                heard.append((sign, mesh.held.isEmpty))
                return sign
            }
        }
        // Clean only after three seconds without a beat.
        #expect(heard.withLock { $0.map(\.1) } == [false, false, false, false, false, false, false, true, true])
        #expect(LedgerContents(scratch.bytes("ledger")).recovered["F1"]?.by == "the guard")
    }

    @Test func `After the death it goes on until a silent proxy answers`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let mesh = stage.mesh
        mesh.proxy("bar") { $0.mood = .silent }
        var clock = mesh.clock
        clock.sleep = { duration in
            mesh.advance(duration)
            if mesh.clock.elapsed() > .seconds(20) { mesh.proxy("bar") { $0.mood = .well } }
        }
        await Guardian(
            ledger: stage.ledgerPath, life: 1, injector: InjectorRouter([mesh]), clock: clock, isOrphaned: { true }
        )
        .run { .silence }
        #expect(mesh.held.isEmpty)
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
    }

    @Test func `What the dead one sent last may come after the first undo, and is taken back all the same`()
        async throws
    {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let mesh = stage.mesh
        let late = mesh.proxy("bar") { $0.held }
        var clock = mesh.clock
        clock.sleep = { duration in
            mesh.advance(duration)
            if duration == FaultDesk.longestWay { mesh.proxy("bar") { $0.held = late } }
        }
        await Guardian(
            ledger: stage.ledgerPath, life: 1, injector: InjectorRouter([mesh]), clock: clock, isOrphaned: { true }
        )
        .run { .silence }
        #expect(mesh.held.isEmpty)
        #expect(mesh.clock.elapsed() >= FaultDesk.longestWay)
    }

    @Test func `It leaves alone what another control plane started since`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request())
        let mesh = stage.mesh
        mesh.proxy("bar") { $0.mood = .silent }
        let (asleep, sign) = AsyncStream.makeStream(of: Void.self)
        let (awake, wake) = AsyncStream.makeStream(of: Void.self)
        var clock = mesh.clock
        clock.sleep = { _ in
            sign.yield()
            for await _ in awake { break }
        }
        let guardian = Guardian(
            ledger: stage.ledgerPath, life: 1, injector: InjectorRouter([mesh]), clock: clock, isOrphaned: { true })
        let guarding = Task { await guardian.run { .silence } }
        for await _ in asleep { break }
        mesh.proxy("bar") { $0.mood = .well }
        let second = DeskStage(ledger: scratch.file("ledger"), mesh: mesh)
        await second.desk.recover()
        _ = try await second.desk.start(second.request())
        wake.yield()
        await guarding.value
        #expect(mesh.held == ["edge.taps.abort"])
    }
}
