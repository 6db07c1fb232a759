internal import MeshClient
internal import MeshModel

/// `chaosk8s.deployment` and `chaosk8s.statefulset`.
struct ClusterWorkloads {
    private let asking: ClusterAsking
    private let kind: ClusterDoor.Kind

    init(_ asking: ClusterAsking, _ kind: ClusterDoor.Kind) {
        (self.asking, self.kind) = (asking, kind)
    }

    private var name: String { asking.text("name") ?? "" }
    private var isDeployment: Bool { kind == .deployments }

    /// What functions of `chaosk8s.probes` were called before they moved, which published experiments still name.
    static let retired = [
        "microservice_available_and_healthy": "deployment_available_and_healthy",
        "deployment_is_fully_available": "deployment_fully_available",
        "deployment_is_not_fully_available": "deployment_not_fully_available",
    ]

    /// By its old name; the first of them forgets to answer.
    func probe(retired function: String) async throws(ActivityEnd) -> Value {
        let answer = try await probe(Self.retired[function] ?? function)
        return function == "microservice_available_and_healthy" ? .null : answer
    }

    func probe(_ function: String) async throws(ActivityEnd) -> Value {
        switch function {
        case "deployment_available_and_healthy":
            return try await judge("raise_on_unavailable") { available, wanted throws(ActivityEnd) in
                available == wanted
            }
        case "deployment_partially_available":
            return try await judge("raise_on_not_partially_available") { available, _ throws(ActivityEnd) in
                guard let available else {
                    let words = "'>=' not supported between instances of 'NoneType' and 'int'"
                    throw .failed("TypeError: \(words)")
                }
                return available >= 1
            }
        case "deployment_fully_available", "statefulset_fully_available":
            return try await wait(untilReady: true, "failed to recover", "raise_on_not_fully_available")
        default: return try await wait(untilReady: false, "failed to stop running", "raise_on_fully_available")
        }
    }

    private func judge(
        _ argument: String, _ isMet: (Int64?, Int64?) throws(ActivityEnd) -> Bool
    ) async throws(ActivityEnd) -> Value {
        let found = try await items(labels: asking.labels)
        if found.isEmpty { return try asking.unmet("Deployment '\(name)' was not found", argument) }
        for object in found {
            let available = object["status"]?["availableReplicas"]?.integer
            guard try isMet(available, object["spec"]?["replicas"]?.integer) else {
                return try asking.unmet("Deployment '\(name)' is not healthy", argument)
            }
        }
        return .bool(true)
    }

    private func items(labels: String?) async throws(ActivityEnd) -> [JSON] {
        try await asking.items(kind, labels: labels, fields: "metadata.name=\(name)")
    }

    /// Looks again and again, since the original's patience, too, begins anew with each change.
    private func wait(
        untilReady isReady: Bool, _ words: String, _ argument: String
    ) async throws(ActivityEnd) -> Value {
        let timeout = try asking.count("timeout", usual: 30)
        let labels = asking.text("label_selector").map {
            $0.split(separator: "{name}", omittingEmptySubsequences: false).joined(separator: name)
        }
        var waited = Duration.zero
        var last: [String?] = []
        while waited <= .seconds(timeout) {
            let found = try await items(labels: labels)
            for object in found {
                let ready = object["status"]?["readyReplicas"]?.integer
                if (ready == object["spec"]?["replicas"]?.integer) == isReady { return .bool(true) }
            }
            let versions = found.map { $0["metadata"]?["resourceVersion"]?.string }
            waited = versions == last ? waited + asking.pace : .zero
            last = versions
            do { try await Task.sleep(for: asking.pace) } catch { throw .interrupted }
        }
        let noun = isDeployment ? "deployment" : "microservice"
        return try asking.unmet("\(noun) '\(name)' \(words) within \(timeout)s", argument)
    }

    /// Scaling and rollouts are faults of the mesh: their undo is on disk before they are done.
    func act(_ function: String, in mesh: ExperimentMesh) async throws(ActivityEnd) -> Value {
        let source = "\(asking.namespace)/\(isDeployment ? "deployment" : "statefulset")/\(name)"
        let isScaling = function.hasPrefix("scale_")
        let wanted = isScaling ? try asking.count("replicas", usual: 0) : 0
        func refusal(_ why: String) -> ActivityEnd {
            isScaling
                ? ClusterAsking.failed("failed to scale '\(name)' to \(wanted) replicas: \(why)")
                : ClusterAsking.failed("failed to rollout the deployment '\(name)'! Error: \(why)")
        }
        guard let state = await mesh.state() else { throw refusal("no control plane answers") }
        guard state.sources[source] != nil else { throw refusal("\(source) is not observed") }
        var edges = edges(in: state)
        if isScaling {
            // What was scaled before is scaled back first: the original number is what the ledger has.
            for fault in state.activeFaults where fault.kind.word == "scale" && fault.sources == [source] {
                edges = [fault.edge]
                do { _ = try await mesh.stop(fault.id) } catch { throw refusal(error.message) }
            }
            let now = try await items(labels: nil).first?["spec"]?["replicas"]?.integer
            if now == Int64(wanted) { return .null }
        }
        guard let edge = edges.first else { throw refusal("no edge of this mesh leads to it") }
        let only: FaultCondition
        do { only = try FaultCondition(name) } catch { throw refusal(error.words) }
        let kind = (isScaling ? FaultKind("scale", ["scale": wanted]) : FaultKind("restart")).only(only)
        do {
            _ = try await mesh.start(
                FaultRequest(kind: kind, edge: edge, share: 1, lease: ExperimentMesh.lease, by: "chaosk8s"))
        } catch { throw refusal(error.message) }
        return .null
    }

    /// The edges into the service whose sidecars stand in pods of the workload: pods have its name before their own.
    private func edges(in state: MeshState) -> [Edge] {
        let parts = isDeployment ? 2 : 1
        let services = state.sources.values.compactMap { status -> ServiceName? in
            guard status.report.kind == .sidecar, status.report.name.hasSuffix("." + asking.namespace) else {
                return nil
            }
            let pod = status.report.name.dropLast(asking.namespace.count + 1)
            let owner = pod.split(separator: "-", omittingEmptySubsequences: false).dropLast(parts).joined(
                separator: "-")
            return owner == name ? status.report.service : nil
        }
        return state.edges.keys.filter { services.contains($0.to) }.sorted()
    }
}
