internal import MeshClient
internal import MeshModel

/// What one activity of `chaosk8s` asks a cluster, with its arguments as Python would take them.
struct ClusterAsking: Sendable {
    let door: ClusterDoor
    let pace: Duration
    private let arguments: Value

    init(_ door: ClusterDoor, _ arguments: Value, pace: Duration) {
        (self.door, self.arguments, self.pace) = (door, arguments, pace)
    }

    subscript(_ name: String) -> Value? { arguments[name].flatMap { $0.isNull ? nil : $0 } }

    func text(_ name: String) -> String? { self[name].map(PythonText.string) }

    var namespace: String { text("ns") ?? "default" }

    /// An argument that is true unless it says otherwise.
    func isTrue(_ name: String, unlessSaid usual: Bool) -> Bool { self[name]?.isTruthy ?? usual }

    func count(_ name: String, usual: Int) throws(ActivityEnd) -> Int {
        guard let value = self[name] else { return usual }
        guard case .integer(let count) = value else {
            throw .failed(
                "chaosk8s: invalid \(name) \(NativeArguments.shown(value)): write a whole number, without quotes")
        }
        return count
    }

    /// What the label selector is; nil for one that means all.
    var labels: String? { text("label_selector").flatMap { $0.isEmpty ? nil : $0 } }

    func list(
        _ kind: ClusterDoor.Kind, labels: String? = nil, fields: String? = nil
    ) async throws(ActivityEnd) -> JSON {
        do {
            return try await door.list(
                kind, in: kind == .nodes ? nil : namespace, labels: labels, fields: fields)
        } catch { throw Self.crash(error) }
    }

    func items(
        _ kind: ClusterDoor.Kind, labels: String? = nil, fields: String? = nil
    ) async throws(ActivityEnd) -> [JSON] {
        try await list(kind, labels: labels, fields: fields)["items"]?.array ?? []
    }

    /// What the extension itself says when something is not as it should be, as Chaos Toolkit hands it on.
    static func failed(_ message: String) -> ActivityEnd {
        .failed("chaoslib.exceptions.ActivityFailed: \(message)")
    }

    /// As the extension's client has it.
    static func crash(_ refusal: ClusterDoor.Refusal) -> ActivityEnd {
        guard let status = refusal.status else {
            return .failed("urllib3.exceptions.MaxRetryError: \(refusal.message)")
        }
        return .failed("kubernetes.client.exceptions.ApiException: (\(status))\nReason: \(refusal.message)")
    }

    /// A probe that is not met: it fails, or says no where `raise_on_…` asks for that.
    func unmet(_ message: String, _ argument: String) throws(ActivityEnd) -> Value {
        if isTrue(argument, unlessSaid: true) { throw Self.failed(message) }
        return .bool(false)
    }
}

/// `chaosk8s.node.probes`.
struct ClusterNodes {
    private let asking: ClusterAsking

    init(_ asking: ClusterAsking) {
        self.asking = asking
    }

    func probe(_ function: String) async throws(ActivityEnd) -> Value {
        let list = try await asking.list(.nodes, labels: asking.labels)
        if function == "get_nodes" { return (try? JSONReader.value(of: list.text)) ?? .null }
        let nodes = (list["items"]?.array ?? []).map { node -> (String, [(String, String)]) in
            let conditions = (node["status"]?["conditions"]?.array ?? []).compactMap { condition -> (String, String)? in
                guard let type = condition["type"]?.string, let status = condition["status"]?.string else { return nil }
                return (type, status)
            }
            return (node["metadata"]?["name"]?.string ?? "", conditions)
        }
        let wanted: [(String, String)]
        switch function {
        case "get_all_node_status_conditions":
            return .list(
                nodes.map { name, conditions in
                    .mapping(Fields([("name", .text(name))] + conditions.map { ($0.0, Value.text($0.1)) }))
                })
        case "all_nodes_must_be_ready_to_schedule": wanted = [("Ready", "True")]
        case "verify_nodes_condition":
            wanted = [
                (asking.text("condition_type") ?? "PIDPressure", asking.text("condition_value") ?? "False")
            ]
        default:
            // Those that a node does not tell are no reason to call it ill.
            return .bool(
                nodes.allSatisfy { _, conditions in
                    conditions.allSatisfy { type, status in Self.healthy[type].map { $0 == status } ?? true }
                })
        }
        return .bool(
            nodes.allSatisfy { _, conditions in
                wanted.allSatisfy { type, status in conditions.contains { $0 == (type, status) } }
            })
    }

    private static let healthy: [String: String] = {
        let troubles = [
            "FrequentKubeletRestart", "FrequentDockerRestart", "FrequentContainerdRestart", "ReadonlyFilesystem",
            "KernelDeadlock", "CorruptDockerOverlay2", "FrequentUnregisterNetDevice", "NetworkUnavailable",
            "MemoryPressure", "DiskPressure", "PIDPressure",
        ]
        return Dictionary(uniqueKeysWithValues: troubles.map { ($0, "False") } + [("Ready", "True")])
    }()
}
