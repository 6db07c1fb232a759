import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

extension FaultDesk {
    /// Looks after a fault that another desk began.
    fileprivate func adopt(_ record: OpenFault) { open.append(record) }
}

@Suite(.timeLimit(.minutes(5))) struct FaultDialTests {
    @Test func `a dialled fault hits its new share, and what takes it back is on disk before`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(share: 0.2))
        let path = stage.ledgerPath
        stage.mesh.change { state in
            state.beforeApply = { plan in
                let open = (try? await Ledger(path: path).contents())?.open ?? []
                #expect(open.map(\.fault.share) == [plan.share] && open.first?.undo == plan.undo)
            }
        }
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .active)
        let dialled = try await stage.desk.alter("F1", FaultChange(share: 0.4), by: "anna")
        #expect(dialled.share == 0.4 && dialled.phase == .accepted)
        #expect(stage.mesh.proxy("bar") { $0.held.values.map(\.share) } == [0.4])
        #expect(stage.log.read { $0.timeline.last?.text } == "F1 on bar>taps changed from 20% to 40% by anna")
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .active)
        _ = try await stage.desk.stop("F1", by: "anna")
        await stage.desk.notingIsDone()
        #expect(stage.mesh.held.isEmpty)
        #expect(LedgerContents(scratch.bytes("ledger")).open.isEmpty)
    }

    @Test func `whoever dies between the steps of a dial, the ledger takes the fault back`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(share: 0.2))
        let mesh = stage.mesh
        // As it is after a kill at once before, and at once after, the proxy hears of it.
        for share in [0.3, 0.5] {
            let guardian = Guardian(
                ledger: stage.ledgerPath, life: 1, injector: InjectorRouter([mesh]), clock: mesh.clock,
                isOrphaned: { false })
            let bytes = scratch.bytes("ledger")
            _ = try await stage.desk.alter("F1", FaultChange(share: share), by: "anna")
            let after = LedgerContents(scratch.bytes("ledger"))
            #expect(LedgerContents(bytes).open.map(\.undo) == after.open.map(\.undo) && after.open.count == 1)
            if share == 0.5 { await guardian.run(listen: { .end }) }
        }
        #expect(mesh.held.isEmpty)
    }

    @Test func `a dial that fails takes the whole fault back`() async throws {
        for mood in [FakeMesh.Mood.refusing, .lying] {
            let scratch = try Scratch()
            let stage = DeskStage(ledger: scratch.file("ledger"))
            _ = try await stage.desk.start(stage.request(share: 0.2))
            stage.mesh.proxy("bar") {
                $0.mood = mood
                if mood == .lying { $0.held = [:] }
            }
            let problem = await #expect(throws: Problem.self) {
                try await stage.desk.alter("F1", FaultChange(share: 0.4), by: "anna")
            }
            #expect(problem?.kind == .proxyRefused)
            #expect(stage.fault("F1")?.phase == .reverted && stage.mesh.held.isEmpty)
            #expect(stage.fault("F1")?.explanation?.hasPrefix("its change to 40% failed") == true)
        }
    }

    @Test func `a full disk refuses a dial and leaves the fault as it was`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(share: 0.2))
        let applied = stage.mesh.proxy("bar") { $0.applied }
        let other = FaultDesk(
            FaultDesk.Tools(
                description: await stage.desk.tools.description, injector: InjectorRouter([stage.mesh]), log: stage.log,
                poll: { _ in },
                ledger: Ledger(path: "/dev/full"), clock: stage.mesh.clock, logger: await stage.desk.tools.logger))
        let plan = try stage.mesh.plan(.abort(status: 503), share: 0.2, at: .edge(DeskStage.edges[0]))
        await other.adopt(OpenFault(fault: try #require(stage.fault("F1")), undo: plan.undo, plan: plan))
        let problem = await #expect(throws: Problem.self) {
            try await other.alter("F1", FaultChange(share: 0.4), by: "anna")
        }
        #expect(problem?.kind == .ledgerUnwritable)
        #expect(stage.mesh.proxy("bar") { $0.applied } == applied && stage.fault("F1")?.share == 0.2)
    }

    @Test func `what can not be dialled is refused with the reason`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(share: 0.2))
        func refusal(_ id: String, _ change: FaultChange) async -> Problem? {
            await #expect(throws: Problem.self) { try await stage.desk.alter(id, change, by: "anna") }
        }
        #expect(await refusal("F9", FaultChange(share: 0.5))?.kind == .notFound)
        for share in [0, -1, 1.5, .nan, .infinity] {
            #expect(await refusal("F1", FaultChange(share: share))?.title == "invalid percentage")
        }
        #expect(await refusal("F1", FaultChange(lease: 1e9))?.title == "invalid lease")
        stage.mesh.proxy("taps") {
            $0.held["edge.cellar.abort"] = FakeMesh.Held(
                kind: .abort(status: 500), share: 1, scope: .edge(DeskStage.edges[2]))
        }
        await stage.live(seconds: 1)
        #expect(await refusal("X1", FaultChange(share: 0.5))?.title == "orphan")
        _ = try await stage.desk.stop("F1", by: "anna")
        #expect(await refusal("F1", FaultChange(share: 0.5))?.title == "it has ended")
    }

    @Test func `a lease is renewed from now on`() async throws {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        _ = try await stage.desk.start(stage.request(lease: 3))
        await stage.live(seconds: 2)
        _ = try await stage.desk.alter("F1", FaultChange(lease: 5), by: "anna")
        await stage.live(seconds: 4)
        #expect(stage.fault("F1")?.phase == .active)
        await stage.live(seconds: 2)
        #expect(stage.fault("F1")?.phase == .reverted)
    }

    @Test func `a proxy that lost its part makes a fault partial`() async throws {
        let fault = Fault(
            id: "F1", kind: .abort(status: 503), edge: DeskStage.edges[0], share: 0.5, by: "a",
            requestedAt: Timestamp(milliseconds: 0), leaseEnds: Timestamp(milliseconds: 9), phase: .active,
            sources: ["bar", "bar-2", "bar-3"])
        var state = MeshState()
        var told = fault
        told.acceptedAt = Timestamp(milliseconds: 0)
        state.faults = [told]
        #expect(state.presence(of: told).map(\.presence) == [.accepted, .accepted, .accepted])
        #expect(!state.isPartial(told))
        state.watch.sightings["F1"] = [
            "bar": SeenShare(hit: 10, requests: 20), "bar-2": SeenShare(hit: 0, requests: 13),
            "bar-3": SeenShare(hit: 0, requests: 14),
        ]
        #expect(state.presence(of: told).map(\.presence) == [.seen, .accepted, .unseen])
        #expect(state.isPartial(told))
        state.watch.sightings["F1"]?["bar-3"] = nil
        told.missing = ["bar-3"]
        #expect(state.presence(of: told).map(\.presence) == [.seen, .accepted, .missing] && state.isPartial(told))
    }
}
