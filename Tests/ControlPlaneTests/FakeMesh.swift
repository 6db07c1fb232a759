import Logging
import MeshClient
import MeshModel
import Synchronization
import TestKit

@testable import ControlPlane

/// A mesh of proxies that hold faults in memory and count what they hit, in a time that only a test moves.
final class FakeMesh: Injector {
    /// How a proxy behaves.
    enum Mood: Equatable, Sendable {
        case well
        case silent
        /// Says no to every fault.
        case refusing
        /// Says yes, and holds nothing.
        case lying
        /// Performs what it is asked, and its answer is lost.
        case deaf
        /// Nobody listens there.
        case absent
    }

    struct Held: Equatable, Sendable {
        var kind: FaultKind
        var share: Double
        var scope: Scope
    }

    struct Proxy: Sendable {
        var mood = Mood.well
        /// What it holds, by its name for it.
        var held: [String: Held] = [:]
        var hits: [String: UInt64] = [:]
        var applied = 0
        /// Who took what is gone, as some meshes can tell.
        var taker: String?
        /// What its faults did has passed, as it was to.
        var isOver = false
        var undone = 0
    }

    struct State: Sendable {
        var proxies: [String: Proxy] = [:]
        var milliseconds: Int64 = 1_764_000_000_000
        var elapsed = Duration.zero
        /// How far the clock on the wall was set forward since.
        var step = 0.0
        /// What its faults are known by.
        var evidence = Evidence.counted
        /// Hits show, though its faults are known by something else.
        var flagsHits = false
        /// The places that the settings name.
        var named: Set<String>?
        /// Called before a proxy performs a fault; a test's place to look or to interfere.
        var beforeApply: (@Sendable (FaultPlan) async -> Void)?
        /// Called before a proxy is asked to let go.
        var beforeUndo: (@Sendable (FaultUndo.Part) async -> Void)?
    }

    private let state = Mutex(State())

    init(_ sources: [String]) {
        state.withLock { state in for source in sources { state.proxies[source] = Proxy() } }
    }

    func change<Answer: Sendable>(_ body: (inout State) -> Answer) -> Answer { state.withLock { body(&$0) } }

    func proxy<Answer: Sendable>(_ source: String, _ body: (inout Proxy) -> Answer) -> Answer {
        change { body(&$0.proxies[source, default: Proxy()]) }
    }

    /// Everything that any proxy holds.
    var held: [String] { change { $0.proxies.values.flatMap { $0.held.keys }.sorted() } }

    var clock: DayClock {
        DayClock(
            now: { Timestamp(milliseconds: self.change { $0.milliseconds }) }, elapsed: { self.change { $0.elapsed } },
            wall: { self.change { Timestamp(milliseconds: $0.milliseconds).advanced(bySeconds: $0.step) } },
            sleep: { self.advance($0) })
    }

    /// Time passes; every fault that is held hits some requests.
    func advance(_ duration: Duration) {
        change { state in
            state.elapsed += duration
            state.milliseconds += Int64(duration / .milliseconds(1))
            for source in state.proxies.keys {
                for key in state.proxies[source]?.held.keys.sorted() ?? [] {
                    state.proxies[source]?.hits[key, default: 0] += 5
                }
            }
        }
    }

    /// The sources of a service: those after the first have a number, like `bar 2`.
    func replicas(of service: ServiceName) -> [String] {
        [service.text] + change { $0.proxies.keys.filter { $0.hasPrefix(service.text + " ") }.sorted() }
    }

    static func key(_ kind: FaultKind, _ to: ServiceName) -> String { "edge.\(to).\(kind.word)" }

    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        guard case .edge(let edge) = scope else { throw .impossible("only edges") }
        let key = Self.key(kind, edge.to)
        let parts = replicas(of: edge.from).map {
            FaultUndo.Part(injector: "envoy", source: $0, place: "http://\($0)", keys: [key])
        }
        return FaultPlan(
            kind: kind, share: share, scope: scope, evidence: change { $0.evidence }, undo: FaultUndo(parts: parts),
            work: ["share": .double(share)])
    }

    let kind = SourceKind.envoy

    func abilities(at scope: Scope) async -> [FaultAbility] {
        ["abort", "delay", "rate-limit", "delete-pod"].map { FaultAbility(injector: name, word: $0) }
    }

    func isNamed(_ part: FaultUndo.Part) -> Bool? { change { $0.named?.contains(part.place) } }

    func look(at undo: FaultUndo) async -> [ProxySight] {
        undo.parts.map { part in
            let (mood, holds) = proxy(part.source) { state in (state.mood, part.keys.contains { state.held[$0] != nil })
            }
            let state: ProxySight.State =
                switch mood {
                case .absent: .absent
                case .silent, .deaf: .silent
                case .well, .refusing, .lying: holds ? .holds : .clean
                }
            return ProxySight(source: part.source, state: state, explanation: "\(part.source): \(state)")
        }
    }

    func apply(_ plan: FaultPlan) async throws(InjectionError) {
        await change { $0.beforeApply }?(plan)
        for part in plan.undo.parts {
            let mood = proxy(part.source) { state in
                state.applied += 1
                if state.mood == .well || state.mood == .deaf {
                    for key in part.keys {
                        state.held[key] = Held(kind: plan.kind, share: plan.share, scope: plan.scope)
                    }
                }
                return state.mood
            }
            if mood == .refusing { throw .rejected(source: part.source, answer: "503") }
            if !answers(part.source) { throw .unreachable(source: part.source, .timedOut) }
        }
    }

    func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        plan.undo.parts.map { part in
            guard answers(part.source) else { return FaultEvidence(source: part.source, state: .unknown) }
            let isHeld = proxy(part.source) { state in part.keys.allSatisfy { state.held[$0] != nil } }
            let taker = isHeld ? nil : proxy(part.source) { $0.taker }
            let isOver = proxy(part.source) { $0.isOver }
            return FaultEvidence(
                source: part.source, state: isHeld ? .held : .gone, explanation: isOver ? "2 pods are ready" : taker,
                isOver: isOver)
        }
    }

    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        let parts = undos.flatMap(\.parts)
        if let beforeUndo = change({ $0.beforeUndo }) { for part in parts { await beforeUndo(part) } }
        return parts.map { part in
            guard answers(part.source) else {
                return Halt.Proof(source: part.source, isClean: false, explanation: "timed out")
            }
            proxy(part.source) { state in
                for key in part.keys { state.held[key] = nil }
                state.undone += 1
            }
            return Halt.Proof(source: part.source, isClean: true)
        }
    }

    func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        change { $0.proxies.keys.sorted() }.filter { sources?.contains($0) ?? true }.map { source in
            guard answers(source) else { return FaultSurvey(source: source, faults: nil, explanation: "timed out") }
            let held = proxy(source) { $0.held }
            let faults = held.sorted { $0.key < $1.key }.map { key, fault in
                let part = FaultUndo.Part(injector: "envoy", source: source, place: "http://\(source)", keys: [key])
                return FaultSurvey.Held(
                    kind: fault.kind, share: fault.share, scope: fault.scope, undo: FaultUndo(parts: [part]),
                    isOthers: key.hasPrefix("theirs"))
            }
            return FaultSurvey(source: source, faults: faults)
        }
    }

    func hits(of kind: FaultKind, at scope: Scope, in undo: FaultUndo) async -> UInt64? {
        guard undo.parts.allSatisfy({ answers($0.source) }) else { return nil }
        return undo.parts.reduce(0) { sum, part in
            sum + proxy(part.source) { state in part.keys.reduce(0) { $0 + (state.hits[$1] ?? 0) } }
        }
    }

    private func answers(_ source: String) -> Bool {
        let mood = proxy(source) { $0.mood }
        return mood != .silent && mood != .deaf && mood != .absent
    }
}

/// A desk over a fake mesh whose edges are all known and steady.
struct DeskStage {
    let mesh: FakeMesh
    let log: EventLog
    let desk: FaultDesk
    let ledgerPath: String
    let edges: [Edge]

    static let edges = [
        Edge(from: "bar", to: "taps"), Edge(from: "bar", to: "kitchen"), Edge(from: "taps", to: "cellar"),
        Edge(from: "kitchen", to: "cellar"),
    ]

    init(
        ledger: String, description: MeshDescription = MeshDescription(name: "the bar"),
        mesh: FakeMesh = FakeMesh(["bar", "taps", "kitchen"]), edges: [Edge] = edges
    ) {
        self.mesh = mesh
        self.edges = edges
        ledgerPath = ledger
        log = EventLog(clock: mesh.clock)
        log.append([
            .session(Session(id: "s", name: "the bar", mode: .live, startedAt: mesh.clock.now()))
        ])
        desk = FaultDesk(
            FaultDesk.Tools(
                description: description, injector: InjectorRouter([mesh]), log: log, poll: { _ in },
                ledger: Ledger(path: ledger, mesh: LedgerMesh(name: description.name, file: description.file)),
                clock: mesh.clock, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        hear()
    }

    /// Every proxy that is well is heard, with the traffic of the last second.
    func hear(restarted: Set<String> = []) {
        for service in Set(edges.map(\.from)).sorted() {
            for source in mesh.replicas(of: service) { hear(source, of: service, restarted) }
        }
    }

    private func hear(_ source: String, of service: ServiceName, _ restarted: Set<String>) {
        let mood = mesh.proxy(source) { $0.mood }
        if mood != .silent {
            let report = SourceReport(
                name: source, kind: .envoy, endpoint: "http://\(source)", service: service,
                state: mood == .absent ? .unreachable : .fresh)
            guard mood != .absent else { return log.append([.source(report)]) }
            let outbound = edges.filter { $0.from == service }.map {
                TrafficReport.Outbound(to: $0.to, sample: sample(of: $0))
            }
            log.append([
                .source(report),
                .traffic(
                    TrafficReport(
                        source: source, service: service, inbound: nil, outbound: outbound,
                        restarted: restarted.contains(source))),
            ])
        }
    }

    private func sample(of edge: Edge) -> TrafficSample {
        var sample = TrafficSample(seconds: 1)
        sample.completed = 100
        guard mesh.change({ $0.evidence == .counted || $0.flagsHits }) else { return sample }
        let held = mesh.proxy(edge.from.text) { Set($0.held.keys) }
        sample.abortsInjected = held.contains(FakeMesh.key(.abort(status: 503), edge.to)) ? 50 : 0
        sample.delaysInjected = held.contains(FakeMesh.key(.delay(milliseconds: 1), edge.to)) ? 50 : 0
        return sample
    }

    /// Some seconds of life: time passes, proxies are heard, the desk looks after its faults.
    func live(seconds: Int) async {
        for _ in 0..<seconds {
            mesh.advance(.seconds(1))
            hear()
            await desk.tick()
        }
    }

    func request(
        _ kind: FaultKind = .abort(status: 503), on edge: Edge = edges[0], share: Double = 0.5, lease: Double = 60,
        by: String = "anna"
    ) -> FaultRequest {
        FaultRequest(kind: kind, edge: edge, share: share, lease: lease, by: by)
    }

    func fault(_ id: String) -> Fault? { log.read { $0.faults.last { $0.id == id } } }
}

extension Halt {
    /// Every proxy was seen clean.
    var isProven: Bool { proofs.allSatisfy { $0.isClean } }
}
