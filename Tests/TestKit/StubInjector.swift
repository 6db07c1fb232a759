public import MeshClient
public import MeshModel
internal import Synchronization

/// An injector of any kind that holds faults in memory, for a test of who is asked what.
public final class StubInjector: Injector {
    public let kind: SourceKind
    private let callers: Set<ServiceName>
    private let words: Set<String>
    private let evidence: Evidence
    private let held = Mutex<[String: FaultSurvey.Held]>([:])

    /// `callers` are the services whose edges it can reach, and `words` the kinds of fault that it can do.
    public init(
        _ kind: SourceKind, callers: Set<ServiceName>, words: Set<String> = ["abort", "delay"],
        evidence: Evidence = .held
    ) {
        self.kind = kind
        self.callers = callers
        self.words = words
        self.evidence = evidence
    }

    /// The keys of what it holds.
    public var keys: [String] { held.withLock { $0.keys.sorted() } }

    private func source(of scope: Scope) -> ServiceName {
        switch scope {
        case .edge(let edge): edge.from
        case .service(let service): service
        }
    }

    public func abilities(at scope: Scope) async -> [FaultAbility] {
        guard callers.contains(source(of: scope)) else { return [] }
        return words.sorted().map { FaultAbility(injector: name, word: $0, evidence: evidence) }
    }

    public func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        let caller = source(of: scope)
        guard callers.contains(caller) else { throw .unknownService(caller) }
        guard words.contains(kind.word) else { throw .impossible("\(name) can't do \(kind.word)") }
        let part = FaultUndo.Part(
            injector: name, source: "\(caller) \(name)", place: "\(name)://\(caller)", keys: ["\(scope) \(kind.word)"])
        return FaultPlan(
            kind: kind, share: share, scope: scope, evidence: evidence, undo: FaultUndo(parts: [part]), work: .null)
    }

    public func apply(_ plan: FaultPlan) async throws(InjectionError) {
        let own = FaultSurvey.Held(
            kind: plan.kind, share: plan.share, scope: plan.scope, undo: plan.undo, evidence: evidence)
        held.withLock { held in for key in plan.undo.parts.flatMap(\.keys) { held[key] = own } }
    }

    public func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        let keys = keys
        return plan.undo.parts.map { part in
            FaultEvidence(source: part.source, state: part.keys.allSatisfy(keys.contains) ? .held : .gone)
        }
    }

    public func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        undos.flatMap(\.parts).map { part in
            held.withLock { held in for key in part.keys { held[key] = nil } }
            return Halt.Proof(source: part.source, isClean: true)
        }
    }

    public func look(at undo: FaultUndo) async -> [ProxySight] {
        let keys = keys
        return undo.parts.map { part in
            let holds = part.keys.contains(where: keys.contains)
            return ProxySight(source: part.source, state: holds ? .holds : .clean, explanation: part.source)
        }
    }

    public func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        let all = held.withLock { Array($0.values) }
        return callers.map { "\($0) \(name)" }.filter { sources?.contains($0) ?? true }.sorted().map { source in
            FaultSurvey(source: source, faults: all.filter { $0.undo.parts.contains { $0.source == source } })
        }
    }
}
