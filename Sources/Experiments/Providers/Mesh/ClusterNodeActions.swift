internal import MeshClient
internal import MeshModel

/// `chaosk8s.node.actions`: nodes are cordoned and drained at the API server, and what a run cordoned and did not
/// uncordon is uncordoned at its end. What can't be undone at all is refused.
struct ClusterNodeActions {
    private let asking: ClusterAsking
    private let mesh: ExperimentMesh

    init(_ asking: ClusterAsking, _ mesh: ExperimentMesh) {
        (self.asking, self.mesh) = (asking, mesh)
    }

    func act(_ function: String) async throws(ActivityEnd) -> Value {
        switch function {
        case "cordon_node":
            let nodes = try await chosen()
            for node in nodes { try await cordon(node) }
            return .list(nodes.map { .text($0) })
        case "uncordon_node":
            let nodes = try await chosen()
            for node in nodes { try await uncordon(node) }
            return .list(nodes.map { .text($0) })
        case "drain_nodes": return try await drain()
        default:
            throw ClusterAsking.failed(
                "a deleted node cannot be restored, so gameday does not delete nodes: use drain_nodes, "
                    + "or run it with --strict, where nothing removes it")
        }
    }

    /// The names of nodes, by name, label, or the pods that run there.
    private func chosen(count: Int? = nil) async throws(ActivityEnd) -> [String] {
        let name = asking.text("name").flatMap { $0.isEmpty ? nil : $0 }
        let found = try await asking.items(
            .nodes, labels: asking.labels, fields: name.map { "metadata.name=\($0)" })
        var nodes = found.compactMap { $0["metadata"]?["name"]?.string }
        if let labels = asking.text("pod_label_selector"), !labels.isEmpty,
            let namespace = asking.text("pod_namespace"), !namespace.isEmpty
        {
            let pods = try await pods(in: namespace, labels: labels)
            let homes = Set(pods.compactMap { $0["spec"]?["nodeName"]?.string })
            nodes = nodes.filter(homes.contains)
        }
        guard !nodes.isEmpty else { throw ClusterAsking.failed("failed to find a node that matches selector") }
        guard let count else { return nodes }
        return Array(nodes.shuffled().prefix(max(0, count)))
    }

    private func pods(
        in namespace: String?, labels: String? = nil, fields: String? = nil
    ) async throws(ActivityEnd) -> [JSON] {
        do {
            return try await asking.door.list(.pods, in: namespace, labels: labels, fields: fields)["items"]?.array
                ?? []
        } catch { throw ClusterAsking.crash(error) }
    }

    private func cordon(_ node: String) async throws(ActivityEnd) {
        try await checkHalt("no node is cordoned")
        do {
            guard try await asking.door.cordon(node) else { return }
        } catch {
            throw ClusterAsking.failed("Failed to unschedule node '\(node)': \(error.message)")
        }
        let door = asking.door
        mesh.owe("node \(node)") {
            do throws(ClusterDoor.Refusal) {
                return try await door.uncordonIfOurs(node)
                    ? "Node \(node) was still cordoned and was uncordoned." : nil
            } catch {
                return "Node \(node) is still cordoned (\(error.message)): run `kubectl uncordon \(node)`."
            }
        }
    }

    /// To uncordon a node is no harm: that is done while everything is halted, too.
    private func uncordon(_ node: String) async throws(ActivityEnd) {
        do { try await asking.door.uncordon(node) } catch {
            throw ClusterAsking.failed("Failed to schedule node '\(node)': \(error.message)")
        }
        mesh.settle("node \(node)")
    }

    private func checkHalt(_ what: String) async throws(ActivityEnd) {
        guard let state = await mesh.state() else { throw .failed("chaosk8s: no control plane answers") }
        guard !state.isHalted else { throw .failed("chaosk8s: everything is halted, so that \(what)") }
    }

    /// How many nodes are meant; nil for all.
    private func wantedCount() throws(ActivityEnd) -> Int? {
        guard asking["count"] != nil else { return nil }
        return try asking.count("count", usual: 1)
    }

    /// As `kubectl drain --ignore-daemonsets` does. All nodes are looked at before the first is cordoned.
    private func drain() async throws(ActivityEnd) -> Value {
        let timeout = try asking.count("timeout", usual: 120)
        let nodes = try await chosen(count: wantedCount())
        var candidates: [(pod: NodePod, node: String)] = []
        for node in nodes {
            for pod in try await pods(in: nil, fields: "spec.nodeName=\(node)").map(NodePod.init) {
                guard try isEvicted(pod, from: node) else { continue }
                try await checkProtection(of: pod)
                candidates.append((pod, node))
            }
        }
        for node in nodes { try await cordon(node) }
        for node in nodes { try await empty(candidates.filter { $0.node == node }.map(\.pod), timeout) }
        return .list(nodes.map { .text($0) })
    }

    private func isEvicted(_ pod: NodePod, from node: String) throws(ActivityEnd) -> Bool {
        if pod.isMirror { return false }
        if pod.hasLocalStorage { return asking.isTrue("delete_pods_with_local_storage", unlessSaid: false) }
        if pod.hasEnded { return true }
        switch pod.owner {
        case "DaemonSet"?: return false
        case .some: return true
        case nil:
            throw ClusterAsking.failed(
                "Pod '\(pod.name)' on node '\(node)' is unmanaged, cannot drain this node. Delete it manually first?")
        }
    }

    private func checkProtection(of pod: NodePod) async throws(ActivityEnd) {
        guard let state = await mesh.state() else { throw .failed("chaosk8s: no control plane answers") }
        guard let service = state.sources["\(pod.name).\(pod.namespace)"]?.report.service,
            state.session?.protected.contains(service) == true
        else { return }
        throw .failed("chaosk8s: \(service) is protected in gameday.yaml, and \(pod.name) is a pod of it")
    }

    private func empty(_ pods: [NodePod], _ timeout: Int) async throws(ActivityEnd) {
        for pod in pods {
            try await checkHalt("no pod is evicted")
            do { try await asking.door.evictPod(pod.name, uid: pod.uid, in: pod.namespace) } catch {
                if error.status == 404 { continue }
                throw ClusterAsking.failed("Failed to evict pod \(pod.name): \(error.message)")
            }
        }
        var left = pods
        let end = ContinuousClock.now + .seconds(max(0, timeout))
        while true {
            var still: [NodePod] = []
            for pod in left {
                let isThere = try? await asking.door.hasPod(pod.name, uid: pod.uid, in: pod.namespace)
                if isThere ?? true { still.append(pod) }
            }
            left = still
            if left.isEmpty { return }
            guard ContinuousClock.now < end else {
                let names = left.map(\.name).joined(separator: "\n")
                throw ClusterAsking.failed(
                    "Draining nodes did not completed within \(timeout)s. Remaining pods are:\n\(names)")
            }
            do { try await Task.sleep(for: asking.pace) } catch { throw .interrupted }
        }
    }
}

/// What a drain asks of a pod.
private struct NodePod {
    var name: String
    var namespace: String
    var uid: String
    /// Its kubelet made it from a file, and would make it again.
    var isMirror: Bool
    var hasLocalStorage: Bool
    var hasEnded: Bool
    /// The kind of what controls it; nil where nothing would make it anew.
    var owner: String?

    init(_ json: JSON) {
        let metadata = json["metadata"]
        name = metadata?["name"]?.string ?? ""
        namespace = metadata?["namespace"]?.string ?? ""
        uid = metadata?["uid"]?.string ?? ""
        isMirror = metadata?["annotations"]?["kubernetes.io/config.mirror"] != nil
        hasLocalStorage = (json["spec"]?["volumes"]?.array ?? []).contains { volume in
            volume["emptyDir"].map { $0 != .null } ?? false
        }
        hasEnded = ["Succeeded", "Failed"].contains(json["status"]?["phase"]?.string)
        let owners = metadata?["ownerReferences"]?.array ?? []
        owner =
            owners.first { $0["controller"]?.bool == true || $0["kind"]?.string == "DaemonSet" }?["kind"]?.string
    }
}
