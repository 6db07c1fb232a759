public import MeshModel

/// All injectors of a mesh as one: it finds out who can do what, and who has to undo it.
public struct InjectorRouter: Sendable {
    /// The nearest to the traffic first.
    private let injectors: [any Injector]

    public init(_ injectors: [any Injector]) {
        self.injectors = injectors.sorted { $0.kind.distance < $1.kind.distance }
    }

    private func injector(_ name: String) -> (any Injector)? { injectors.first { $0.name == name } }

    /// Whether sources of this kind can hold faults. Of others nothing has to be proven.
    public func canHold(_ kind: SourceKind) -> Bool { injectors.contains { $0.kind == kind } }

    /// What can be done here, nearest to the traffic first.
    public func abilities(at scope: Scope) async -> [FaultAbility] {
        await each(injectors) { await $0.abilities(at: scope) }.flatMap(\.self)
    }

    /// The plan of the nearest injector that can do it, or of the one that is named.
    public func plan(
        _ kind: FaultKind, share: Double, at scope: Scope, by name: String? = nil
    ) throws(InjectionError) -> FaultPlan {
        var refusals: [InjectionError] = []
        for injector in injectors where name == nil || injector.name == name {
            guard kind.only == nil || injector.takesConditions else {
                refusals.append(.impossible("\(injector.name) cannot limit a fault to some requests of an edge"))
                continue
            }
            do {
                return try injector.plan(kind, share: share, at: scope)
            } catch {
                refusals.append(error)
            }
        }
        // Why somebody can't, who is there, tells more than that somebody else is not.
        throw refusals.first { !$0.isAbsence } ?? refusals.first
            ?? .impossible(name.map(Self.unknown) ?? "No source can inject faults")
    }

    public func identified(_ plan: FaultPlan) async -> FaultPlan {
        guard let injector = plan.injector.flatMap(injector) else { return plan }
        return await injector.identified(plan)
    }

    public func apply(_ plan: FaultPlan) async throws(InjectionError) {
        guard let name = plan.injector else { return }
        guard let injector = injector(name) else { throw .impossible(Self.unknown(name)) }
        try await injector.apply(plan)
    }

    public func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        guard let name = plan.injector else { return [] }
        guard let injector = injector(name) else {
            return plan.undo.parts.map {
                FaultEvidence(source: $0.source, state: .unknown, explanation: Self.unknown(name))
            }
        }
        return await injector.inspect(plan)
    }

    /// Undoes any number of faults at once. A part that nobody here can undo is not proven.
    public func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        var own: [String: [FaultUndo]] = [:]
        for undo in undos { for (name, part) in undo.byInjector { own[name, default: []].append(part) } }
        return await each(own.sorted { $0.key < $1.key }) { name, undos in
            if let injector = injector(name) { return await injector.undo(undos) }
            return undos.flatMap(\.parts).map {
                Halt.Proof(source: $0.source, isClean: false, explanation: Self.unknown(name))
            }
        }.flatMap(\.self)
    }

    public func look(at undo: FaultUndo) async -> [ProxySight] {
        await each(undo.byInjector.sorted { $0.key < $1.key }) { name, undo in
            if let injector = injector(name) { return await injector.look(at: undo) }
            return undo.parts.map {
                ProxySight(source: $0.source, state: .silent, explanation: "\($0.source): \(Self.unknown(name))")
            }
        }.flatMap(\.self)
    }

    public func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        await each(injectors) { await $0.survey(sources) }.flatMap(\.self)
    }

    public func hits(of kind: FaultKind, at scope: Scope, in undo: FaultUndo) async -> UInt64? {
        let hits = await each(undo.byInjector.sorted { $0.key < $1.key }) { name, undo in
            await injector(name)?.hits(of: kind, at: scope, in: undo)
        }
        return hits.reduce(0) { sum, hits in sum.flatMap { sum in hits.map { sum &+ $0 } } }
    }

    /// Whether gameday.yaml names the place where a part is; nil where it names none at all.
    public func isNamed(_ part: FaultUndo.Part) -> Bool? { injector(part.injector)?.isNamed(part) }

    private static func unknown(_ name: String) -> String { "unknown injector '\(name)'" }
}

extension InjectionError {
    fileprivate var isAbsence: Bool {
        if case .unknownService = self { true } else { false }
    }
}
