internal import MeshModel

/// A fault in the runtime of one sidecar: nothing of Kubernetes is changed, and it works while istiod is down.
struct SidecarRuntime: Sendable {
    private let part: IstioPart
    private let reach: IstioReach

    init(_ part: IstioPart, _ reach: IstioReach) {
        self.part = part
        self.reach = reach
    }

    private var pod: IstioDirectory.Pod {
        IstioDirectory.Pod(namespace: part.namespace, name: part.name, uid: part.uid ?? "", source: part.source)
    }

    func set(_ share: Double) async throws(InjectionError) {
        try await modify("\(Self.percent(share))")
    }

    func state(_ share: Double) async throws(InjectionError) -> FaultEvidence.State {
        let values = try await values()
        let there = part.keys.filter { values[$0] != nil }
        if there.isEmpty { return .gone }
        return part.keys.allSatisfy { values[$0] == "\(Self.percent(share))" } ? .held : .changed
    }

    /// Takes it away and looks whether it is gone.
    func clear() async throws(InjectionError) -> Halt.Proof {
        do throws(InjectionError) {
            try await modify("")
            let values = try await values()
            let left = part.keys.filter { values[$0] != nil }
            return Halt.Proof(
                source: part.source, isClean: left.isEmpty,
                explanation: left.isEmpty ? nil : "Still there: \(left.joined(separator: ", "))")
        } catch {
            guard await isGone() else { throw error }
            return Halt.Proof(
                source: part.source, isClean: true, explanation: "the pod is gone, and its sidecar's runtime with it")
        }
    }

    func sight() async throws(InjectionError) -> ProxySight {
        do throws(InjectionError) {
            let values = try await values()
            let left = part.keys.filter { values[$0] != nil }
            return ProxySight(
                source: part.source, state: left.isEmpty ? .clean : .holds,
                explanation: "\(part.source): \(left.isEmpty ? "verified clean" : "still shows \(left[0])")")
        } catch {
            guard await isGone() else { throw error }
            return ProxySight(source: part.source, state: .replaced, explanation: "\(part.source): the pod is gone")
        }
    }

    /// What of this kind a sidecar holds.
    static func survey(
        _ pod: IstioDirectory.Pod, _ directory: IstioDirectory, _ reach: IstioReach
    ) async -> FaultSurvey {
        var part = IstioPart(
            way: .runtime, source: pod.source, namespace: pod.namespace, name: pod.name, keys: [])
        part.uid = pod.uid
        guard pod.hasSidecar else { return FaultSurvey(source: pod.source, faults: []) }
        do throws(InjectionError) {
            let values = try await SidecarRuntime(part, reach).values()
            let found = values.filter { $0.key.hasPrefix(EnvoySetting.maintenance) }
            let byHost = Dictionary(grouping: found) { $0.key.split(separator: "|").last.map(String.init) ?? $0.key }
            let held = byHost.sorted { $0.key < $1.key }.compactMap { host, entries -> FaultSurvey.Held? in
                guard let share = entries.compactMap({ EnvoyRuntime.share($0.value) }).max(), share > 0 else {
                    return nil
                }
                part.keys = entries.map(\.key).sorted()
                let from = directory.service(of: pod)
                let to = directory.service(host: host)?.name ?? ServiceName(host)
                return FaultSurvey.Held(
                    kind: .abort(status: 503), share: share,
                    scope: from.map { .edge(Edge(from: $0, to: to)) } ?? .service(to),
                    undo: FaultUndo(parts: [part.undo(in: directory.cluster)]), evidence: .held)
            }
            return FaultSurvey(source: pod.source, faults: held)
        } catch {
            return FaultSurvey(source: pod.source, faults: nil, explanation: error.summary)
        }
    }

    private static func percent(_ share: Double) -> Int { max(1, Int((share * 100).rounded())) }

    private func modify(_ value: String) async throws(InjectionError) {
        let settings = part.keys.map { "\(KubeRequest.escaped($0))=\(KubeRequest.escaped(value))" }
        let answer = try await ask("POST", "/runtime_modify?" + settings.joined(separator: "&"))
        guard answer.status == 200 else {
            let text = String(decoding: answer.body.prefix(120), as: UTF8.self)
            throw .rejected(source: part.source, answer: "status \(answer.status), \(text)")
        }
    }

    private func values() async throws(InjectionError) -> [String: String] {
        let answer = try await ask("GET", "/runtime")
        guard answer.status == 200 else { throw .rejected(source: part.source, answer: "status \(answer.status)") }
        do { return try EnvoyRuntime(answer.body).values } catch {
            throw .rejected(source: part.source, answer: error.summary)
        }
    }

    private func ask(_ method: String, _ path: String) async throws(InjectionError) -> HTTPResponse {
        guard let admin = reach.admin else {
            throw .unprepared("no access to the admin page of \(part.source)", remedy: "Grant pods/portforward.")
        }
        do throws(TransportError) { return try await admin(pod, method, path) } catch {
            throw .unreachable(source: part.source, error)
        }
    }

    /// The pod is not there any more, or another has its name.
    private func isGone() async -> Bool {
        do throws(KubeError) {
            let now = try await reach.cluster.ask(.get(.pods, part.name, in: part.namespace)).object
            return part.uid.map { !$0.isEmpty && $0 != now.uid } ?? false
        } catch {
            return error.refusal?.isMissing == true
        }
    }
}
