internal import MeshClient
public import MeshModel
internal import Synchronization

/// A mesh that gameday drives itself, as native modules need it: what is observed of it, and its faults. Every fault
/// goes through the control plane, so that its undo is on disk first.
public struct ExperimentMesh: Sendable {
    /// Why the mesh did not do what it was asked, in words for a journal.
    public struct Refusal: Error, Sendable {
        public var message: String

        public init(_ message: String) { self.message = message }

        /// What the control plane said, and what to do about it.
        public init(_ error: some Explained) {
            message = error.summary + (error.remedy.map { ". " + $0 } ?? "")
        }
    }

    /// What is known now; nil when nobody answers.
    public var state: @Sendable () async -> MeshState?
    public var start: @Sendable (FaultRequest) async throws(Refusal) -> Fault
    public var stop: @Sendable (_ id: String) async throws(Refusal) -> Fault
    /// Notes what the run has to clean up at its end, under a name of its own. The work says in a sentence what it did;
    /// nil for nothing.
    var owe: @Sendable (_ name: String, _ work: @escaping @Sendable () async -> String?) -> Void = { _, _ in }
    /// What goes by this name is cleaned up already.
    var settle: @Sendable (_ name: String) -> Void = { _ in }

    public init(
        state: @escaping @Sendable () async -> MeshState?,
        start: @escaping @Sendable (FaultRequest) async throws(Refusal) -> Fault,
        stop: @escaping @Sendable (_ id: String) async throws(Refusal) -> Fault
    ) {
        self.state = state
        self.start = start
        self.stop = stop
    }

    /// The mesh of the control plane at a socket, which is asked at the first need.
    public init(socket: String, network: HTTPDoor) {
        let client = { @Sendable () throws(Refusal) -> ControlPlaneClient in
            do throws(TransportError) {
                return ControlPlaneClient(socket: socket, transport: try network.open())
            } catch {
                throw Refusal([error.summary, error.remedy ?? ""].joined(separator: ". "))
            }
        }
        self.init(
            state: {
                guard let client = try? client(), let events = try? await client.events() else { return nil }
                // The first event of a feed is a key frame.
                guard let first = try? await events.first(where: { _ in true }) else { return nil }
                var state = MeshState()
                state.apply(first)
                return state
            },
            start: { request throws(Refusal) in
                let client = try client()
                do throws(ControlPlaneError) { return try await client.start(request) } catch {
                    throw Refusal(error)
                }
            },
            stop: { id throws(Refusal) in
                let client = try client()
                do throws(ControlPlaneError) { return try await client.stop(id) } catch {
                    throw Refusal(error)
                }
            })
    }
}

/// The faults that a run started by native modules, and what else these left to clean up.
final class StartedFaults: Sendable {
    private let ids = Mutex<[String]>([])
    private let debts = Mutex<[(name: String, work: @Sendable () async -> String?)]>([])

    func add(_ id: String) { ids.withLock { $0.append(id) } }

    func owe(_ name: String, _ work: @escaping @Sendable () async -> String?) {
        debts.withLock { debts in
            if !debts.contains(where: { $0.name == name }) { debts.append((name, work)) }
        }
    }

    func settle(_ name: String) { debts.withLock { $0.removeAll { $0.name == name } } }

    /// Takes back those that are still there, and tells each in words.
    func end(in mesh: ExperimentMesh) async -> [String] {
        var words = await endFaults(in: mesh)
        let left = debts.withLock { debts in
            defer { debts = [] }
            return debts
        }
        for debt in left.reversed() { if let done = await debt.work() { words.append(done) } }
        return words
    }

    private func endFaults(in mesh: ExperimentMesh) async -> [String] {
        let started = ids.withLock { $0 }
        guard !started.isEmpty, let state = await mesh.state() else { return [] }
        let left = state.activeFaults.filter { started.contains($0.id) }
        for fault in left { _ = try? await mesh.stop(fault.id) }
        return left.map { "\($0.kind.label) on \($0.edge) was still active and was removed." }
    }
}

extension ExperimentMesh {
    /// The same mesh, with a note of every fault that is started.
    func noting(in started: StartedFaults) -> ExperimentMesh {
        let begin = start
        var mesh = ExperimentMesh(
            state: state,
            start: { request throws(Refusal) in
                let fault = try await begin(request)
                started.add(fault.id)
                return fault
            }, stop: stop)
        mesh.owe = { started.owe($0, $1) }
        mesh.settle = { started.settle($0) }
        return mesh
    }

    /// What a fault by a module lives at most, when nothing takes it back; its rollback is expected long before.
    static let lease = 300.0

    /// The edges that lead into services, by the first label of host names like `taps.default.svc.cluster.local`.
    func edges(into hosts: [String], in state: MeshState) -> [Edge] {
        let names = Set(hosts.map { ServiceName(String($0.prefix { $0 != "." })) })
        return state.edges.keys.filter { names.contains($0.to) }.sorted()
    }

    /// Puts a fault on each edge. When one is refused, those before it are taken back.
    func start(_ kind: FaultKind, share: Double, on edges: [Edge], by: String) async throws(ActivityEnd) -> [String] {
        guard !edges.isEmpty else { throw .failed("\(by): no edge of this mesh leads there") }
        var begun: [String] = []
        for edge in edges {
            do {
                begun.append(
                    try await start(FaultRequest(kind: kind, edge: edge, share: share, lease: Self.lease, by: by)).id)
            } catch {
                for id in begun { _ = try? await stop(id) }
                throw .failed("\(by): \(error.message)")
            }
        }
        return begun
    }

    /// Takes back every fault on the edges.
    func stopAll(on edges: [Edge], by: String) async throws(ActivityEnd) {
        guard let state = await state() else { throw .failed("\(by): no control plane answers") }
        for fault in state.activeFaults where edges.contains(fault.edge) && !fault.isOrphan {
            do { _ = try await stop(fault.id) } catch { throw .failed("\(by): \(error.message)") }
        }
    }
}
