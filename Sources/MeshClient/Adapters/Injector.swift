public import MeshModel

/// The port to whatever can put faults into a mesh.
///
/// Every fault is planned first: the plan holds the undo, so that it can be on disk before the fault exists.
public protocol Injector: Sendable {
    /// The kind of the sources that hold its faults. Ledgers know the injector by this word, so it never changes.
    var kind: SourceKind { get }

    /// Whether a fault can be for some requests alone; a kind with a condition comes to no other injector.
    var takesConditions: Bool { get }

    /// What can be done here, or why not; nothing where the injector knows nobody who could.
    func abilities(at scope: Scope) async -> [FaultAbility]

    /// Works out what to do and how to undo it; nothing is done yet, and nobody is asked.
    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan

    /// The same plan with what its sources say of themselves, so that it can be told later whether they are the same.
    func identified(_ plan: FaultPlan) async -> FaultPlan

    /// Does it, in every source of the plan. After an error part of it may be done: undo it.
    func apply(_ plan: FaultPlan) async throws(InjectionError)

    /// Asks every source of the plan whether it holds the fault.
    func inspect(_ plan: FaultPlan) async -> [FaultEvidence]

    /// Undoes any number of faults at once and proves it, source by source. To undo twice, or what never was, is fine.
    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof]

    /// Asks what became of each source of an undo.
    func look(at undo: FaultUndo) async -> [ProxySight]

    /// Asks these sources, or all that are known, for every fault they hold, whoever put it there.
    func survey(_ sources: Set<String>?) async -> [FaultSurvey]

    /// How many requests the sources of an undo have ever hit with this kind of fault, by their own counters; nil when
    /// one of them does not say.
    func hits(of kind: FaultKind, at scope: Scope, in undo: FaultUndo) async -> UInt64?

    /// Whether gameday.yaml names the place where a part is; nil where it names none at all.
    func isNamed(_ part: FaultUndo.Part) -> Bool?
}

extension [InjectionError] {
    /// What to tell of many failures: that something may still come before anything that is certain.
    var gravest: InjectionError? { first(where: \.mayArrive) ?? first }
}

extension Injector {
    public var name: String { kind.rawValue }
    public var takesConditions: Bool { false }
    public func identified(_ plan: FaultPlan) async -> FaultPlan { plan }
    public func hits(of kind: FaultKind, at scope: Scope, in undo: FaultUndo) async -> UInt64? { nil }
    public func isNamed(_ part: FaultUndo.Part) -> Bool? { nil }
}

/// Why a fault can not be planned or was not taken.
public enum InjectionError: Explained, Equatable {
    /// No mesh can do that: a status or a share out of range, say.
    case impossible(String)
    /// The proxy's configuration has nothing for it.
    case unprepared(String, remedy: String?)
    /// Nobody who could is known for this service.
    case unknownService(ServiceName)
    /// The proxy answered and did not take it.
    case rejected(source: String, answer: String)
    case unreachable(source: String, TransportError)

    public var summary: String {
        switch self {
        case .impossible(let why), .unprepared(let why, _): why
        case .unknownService(let name): "No known proxy of \(name)"
        case .rejected(let source, let answer): "\(source)'s proxy refused: \(answer)"
        case .unreachable(let source, let error): "\(source)'s proxy: \(error.summary)"
        }
    }

    /// The request went out and nobody knows what became of it: it may be performed later, after its undo even.
    public var mayArrive: Bool {
        guard case .unreachable(_, let error) = self else { return false }
        return switch error {
        case .timedOut, .closed, .cancelled, .other: true
        default: false
        }
    }

    public var remedy: String? {
        switch self {
        case .impossible: nil
        case .unprepared(_, let remedy): remedy
        case .unknownService: "Check the proxies: a fault acts at the caller, whose proxy must have responded once."
        case .rejected(_, let answer) where answer.contains("admin layer"):
            "Add an admin_layer to layered_runtime in that Envoy's configuration."
        case .rejected: "Check the response of POST /runtime_modify on that Envoy's admin page."
        case .unreachable(_, let error): error.remedy
        }
    }
}
