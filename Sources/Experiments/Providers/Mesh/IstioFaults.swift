internal import MeshModel

/// `chaosistio.fault` for a mesh that gameday drives: a virtual service is a service of the mesh, and its fault is one
/// on every edge into it. Subsets are not told apart.
struct IstioFaults: NativeModule {
    let mesh: ExperimentMesh

    func signature(of call: ActivityCall) -> NativeSignature? {
        call.module.hasPrefix("chaosistio.") ? NativeExtension.signature(of: call) : nil
    }

    /// Only for services that the mesh has; before a run names may still hold variables.
    func acts(for call: ActivityCall, isChecking: Bool) async -> Bool {
        guard signature(of: call) != nil, let state = await mesh.state() else { return false }
        if isChecking { return true }
        guard let arguments = try? call.arguments() else { return false }
        return Self.hosts(arguments).contains { host in
            state.services.keys.contains(ServiceName(String(host.prefix { $0 != "." })))
        }
    }

    func lack(of call: ActivityCall) async -> String? {
        guard signature(of: call) != nil, let state = await mesh.state(), let arguments = try? call.arguments() else {
            return nil
        }
        let hosts = Self.hosts(arguments).map { ServiceName(String($0.prefix { $0 != "." })) }
        guard let strange = hosts.first, !hosts.contains(where: state.services.keys.contains) else { return nil }
        return "\(strange) is no service of this mesh, which has \(Self.list(state))"
    }

    /// The services of a mesh in a line.
    static func list(_ state: MeshState) -> String {
        let names = state.services.keys.map(\.description).sorted()
        guard !names.isEmpty else { return "none yet" }
        return names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    }

    func mistake(in call: ActivityCall, _ arguments: Value) -> String? {
        guard call.function.hasPrefix("add_") || call.function == "set_fault" else { return nil }
        return NativeArguments.mistake { () throws(ActivityEnd) in
            _ = try IstioFaultBlock(function: call.function, arguments: arguments).faults()
        }
    }

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let arguments: Value
        do { arguments = try call.arguments() ?? .null } catch { throw .crashed(error) }
        guard let state = await mesh.state() else { throw .failed("no control plane answers") }
        let edges = mesh.edges(into: Self.hosts(arguments), in: state)
        let by = "chaosistio"
        switch call.function {
        case "add_delay_fault", "add_abort_fault", "set_fault":
            let faults = try IstioFaultBlock(function: call.function, arguments: arguments).faults()
            try await mesh.stopAll(on: edges, by: by)
            for (kind, share) in faults { _ = try await mesh.start(kind, share: share, on: edges, by: by) }
        case "unset_fault", "remove_delay_fault", "remove_abort_fault":
            try await mesh.stopAll(on: edges, by: by)
        default: break
        }
        return ["status": 200, "body": await description(arguments, edges), "headers": [:]]
    }

    /// The hosts that an activity is about: of its routes, else the virtual service itself.
    private static func hosts(_ arguments: Value) -> [String] {
        let name = arguments["virtual_service_name"].map(PythonText.string) ?? ""
        guard let routes = arguments["routes"]?.list else { return [name] }
        return routes.compactMap { $0["destination"]?["host"]?.text }
    }

    /// The virtual service as Kubernetes would show it, with the faults that the mesh holds now.
    private func description(_ arguments: Value, _ edges: [Edge]) async -> Value {
        let name = arguments["virtual_service_name"].map(PythonText.string) ?? ""
        let faults = await mesh.state()?.activeFaults.filter { edges.contains($0.edge) } ?? []
        var fault = Fields()
        for one in faults {
            let percentage: Value = ["value": .number(one.share * 100)]
            // Istio's fault has these two; what else may be on the edge is none of it.
            if let milliseconds = one.kind.amount("delay") {
                fault["delay"] = ["fixedDelay": .text("\(milliseconds)ms"), "percentage": percentage]
            } else if let status = one.kind.amount("abort") {
                fault["abort"] = ["httpStatus": .integer(status), "percentage": percentage]
            }
        }
        var route = Fields([
            ("route", .list(Self.hosts(arguments).map { ["destination": ["host": .text($0)]] }))
        ])
        if !fault.isEmpty { route["fault"] = .mapping(fault) }
        return [
            "apiVersion": arguments["version"] ?? "networking.istio.io/v1alpha3", "kind": "VirtualService",
            "metadata": ["name": .text(name), "namespace": arguments["ns"] ?? "default"],
            "spec": ["hosts": [.text(name)], "http": [.mapping(route)]],
        ]
    }
}
