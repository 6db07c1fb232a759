public import MeshClient
public import MeshModel
public import Testing

/// What every injector must do, whatever its mesh: planned, applied, held, undone, gone, and all of it again.
public enum InjectorContract {
    public static func check(
        _ injector: any Injector, at scope: Scope,
        kinds: [FaultKind] = [.abort(status: 503), .delay(milliseconds: 250), .rateLimit(kbps: 64)],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for kind in kinds {
            for share in [0.0001, 0.5, 1] {
                try await check(injector, kind, share, scope, sourceLocation)
            }
        }
        for share in [0, -0.1, 1.01, .nan, .infinity] {
            #expect(throws: InjectionError.self, sourceLocation: sourceLocation) {
                try injector.plan(kinds[0], share: share, at: scope)
            }
        }
    }

    private static func check(
        _ injector: any Injector, _ kind: FaultKind, _ share: Double, _ scope: Scope, _ place: SourceLocation
    ) async throws {
        let plan = try injector.plan(kind, share: share, at: scope)
        #expect(!plan.undo.parts.isEmpty, sourceLocation: place)
        #expect(await states(injector, plan) == [.gone], "planning does nothing", sourceLocation: place)

        // The undo goes through its written form, as it does after a crash.
        let undo = try FaultUndo(WireFields(JSON(parsing: plan.undo.json.bytes), page: "ledger"))
        #expect(undo == plan.undo, sourceLocation: place)
        #expect(await isClean(injector, [undo]), "to undo what never was is fine", sourceLocation: place)

        try await injector.apply(plan)
        #expect(await states(injector, plan) == [.held], sourceLocation: place)
        try await injector.apply(plan)
        #expect(await states(injector, plan) == [.held], "twice is once", sourceLocation: place)

        for _ in 1...2 {
            #expect(await isClean(injector, [undo, undo]), sourceLocation: place)
            #expect(await states(injector, plan) == [.gone], sourceLocation: place)
        }
    }

    private static func states(_ injector: any Injector, _ plan: FaultPlan) async -> Set<FaultEvidence.State> {
        Set(await injector.inspect(plan).map(\.state))
    }

    private static func isClean(_ injector: any Injector, _ undos: [FaultUndo]) async -> Bool {
        let proofs = await injector.undo(undos)
        return !proofs.isEmpty && proofs.allSatisfy(\.isClean)
    }
}
