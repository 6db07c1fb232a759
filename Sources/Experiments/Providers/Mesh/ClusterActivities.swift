internal import MeshClient
internal import MeshModel

/// `chaosk8s` for a cluster that gameday observes. Probes ask the API server as the extension does and say the same of
/// what it answers. Scaling and rollouts are faults, so that their undo is on disk first; pods are deleted and nodes are
/// cordoned at the server, never while everything is halted or for a protected service.
struct ClusterActivities: NativeModule {
    let mesh: ExperimentMesh
    /// The cluster of a context, as the user of the experiment's environment; nil for the current context.
    let door: @Sendable (_ context: String?) throws(ClusterDoor.Refusal) -> ClusterDoor
    let environment: [String: String]
    /// Between two looks at what a probe waits for.
    var pace = Duration.milliseconds(500)

    func signature(of call: ActivityCall) -> NativeSignature? {
        call.module.hasPrefix("chaosk8s.") ? NativeExtension.signature(of: call) : nil
    }

    /// Only for the cluster that is observed; whatever else the secrets tell of one is Python's to read.
    func acts(for call: ActivityCall, isChecking: Bool) async -> Bool {
        guard signature(of: call) != nil, let state = await mesh.state() else { return false }
        let known = state.sources.values.map(\.report).filter { $0.kind == .workload }.map(\.endpoint)
        guard !known.isEmpty else { return false }
        if isChecking { return true }
        guard Self.secret("KUBERNETES_HOST", of: call) == nil, let door = try? self.door(context(of: call)) else {
            return false
        }
        return known.contains { $0.hasPrefix(door.server + "/") }
    }

    private func context(of call: ActivityCall) -> String? {
        Self.secret("KUBERNETES_CONTEXT", of: call) ?? environment["KUBERNETES_CONTEXT"]
    }

    /// One of the secrets that the activity asks for, by its name.
    private static func secret(_ name: String, of call: ActivityCall) -> String? {
        (call.provider["secrets"]?.list ?? []).compactMap(\.text)
            .compactMap { call.substitution.secrets[$0]?[name]?.text }.last
    }

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let arguments: Value
        do { arguments = try call.arguments() ?? .null } catch { throw .crashed(error) }
        let door: ClusterDoor
        do { door = try self.door(context(of: call)) } catch { throw .failed("chaosk8s: \(error.message)") }
        let asking = ClusterAsking(door, arguments, pace: pace)
        switch call.module {
        case "chaosk8s.node.probes": return try await ClusterNodes(asking).probe(call.function)
        case "chaosk8s.node.actions": return try await ClusterNodeActions(asking, mesh).act(call.function)
        case "chaosk8s.probes" where ClusterWorkloads.retired[call.function] != nil:
            return try await ClusterWorkloads(asking, .deployments).probe(retired: call.function)
        case "chaosk8s.actions":
            return try await ClusterWorkloads(asking, .deployments).act("scale_deployment", in: mesh)
        case "chaosk8s.service.probes": return try await ClusterPods(asking).isServiceThere()
        case "chaosk8s.pod.probes", "chaosk8s.probes": return try await ClusterPods(asking).probe(call.function)
        case "chaosk8s.pod.actions": return try await ClusterPods(asking).terminate(in: mesh)
        case "chaosk8s.deployment.probes":
            return try await ClusterWorkloads(asking, .deployments).probe(call.function)
        case "chaosk8s.statefulset.probes":
            return try await ClusterWorkloads(asking, .statefulSets).probe(call.function)
        case "chaosk8s.deployment.actions":
            return try await ClusterWorkloads(asking, .deployments).act(call.function, in: mesh)
        default: return try await ClusterWorkloads(asking, .statefulSets).act(call.function, in: mesh)
        }
    }
}
