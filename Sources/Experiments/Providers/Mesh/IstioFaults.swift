internal import MeshModel

/// `chaosistio.fault` for a mesh that gameday drives: a virtual service is a service of the mesh, and its fault is one
/// on every edge into it. Subsets are not told apart.
struct IstioFaults: NativeModule {
    let mesh: ExperimentMesh

    private static let shared = ["ns", "version"]
    private static let functions: [String: [NativeSignature]] = [
        "chaosistio.fault.actions": [
            NativeSignature(
                function: "set_fault", required: ["virtual_service_name", "routes", "fault"], optional: shared),
            NativeSignature(
                function: "add_delay_fault", required: ["virtual_service_name", "fixed_delay", "routes"],
                optional: shared + ["percentage"]),
            NativeSignature(
                function: "add_abort_fault", required: ["virtual_service_name", "http_status", "routes"],
                optional: shared + ["percentage"]),
            NativeSignature(function: "unset_fault", required: ["virtual_service_name", "routes"], optional: shared),
            NativeSignature(
                function: "remove_delay_fault", required: ["virtual_service_name", "routes"], optional: shared),
            NativeSignature(
                function: "remove_abort_fault", required: ["virtual_service_name", "routes"], optional: shared),
        ],
        "chaosistio.fault.probes": [
            NativeSignature(function: "get_virtual_service", required: ["virtual_service_name"], optional: shared)
        ],
    ]

    func signature(of call: ActivityCall) -> NativeSignature? {
        Self.functions[call.module]?.first { $0.function == call.function }
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
