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

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let arguments: Value
        do { arguments = try call.arguments() ?? .null } catch { throw .crashed(error) }
        guard let state = await mesh.state() else { throw .failed("no control plane answers") }
        let edges = mesh.edges(into: Self.hosts(arguments), in: state)
        let by = "chaosistio"
        switch call.function {
        case "add_delay_fault", "add_abort_fault", "set_fault":
            let faults = try Self.faults(call.function, arguments)
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

    private static func faults(
        _ function: String, _ arguments: Value
    ) throws(ActivityEnd) -> [(kind: FaultKind, share: Double)] {
        let block: Value =
            switch function {
            case "add_delay_fault":
                ["delay": part("fixedDelay", arguments["fixed_delay"], arguments["percentage"])]
            case "add_abort_fault":
                ["abort": part("httpStatus", arguments["http_status"], arguments["percentage"])]
            default: arguments["fault"] ?? .null
            }
        var faults: [(FaultKind, Double)] = []
        if let delay = block["delay"] {
            let text = delay["fixedDelay"].map(PythonText.string) ?? ""
            guard let seconds = Quantity.seconds(text), seconds >= 0.001 else {
                throw .failed("chaosistio: '\(text)' is no delay, which is written like 5s or 200ms")
            }
            faults.append((.delay(milliseconds: Int(min(seconds, 1e6) * 1_000)), share(delay)))
        }
        if let abort = block["abort"] {
            guard let status = abort["httpStatus"].flatMap({ $0.double ?? $0.text.flatMap(Double.init) }) else {
                throw .failed("chaosistio: an abort needs an http status")
            }
            faults.append((.abort(status: Int(status)), share(abort)))
        }
        guard !faults.isEmpty else { throw .failed("chaosistio: the fault has neither a delay nor an abort") }
        return faults
    }

    private static func part(_ name: String, _ value: Value?, _ percentage: Value?) -> Value {
        var fields = Fields([(name, value ?? .null)])
        if let percentage, !percentage.isNull { fields["percentage"] = ["value": percentage] }
        return .mapping(fields)
    }

    /// Istio's fault without a percentage hits all requests.
    private static func share(_ fault: Value) -> Double {
        let percent = fault["percentage"]?["value"] ?? fault["percent"]
        return min(1, max(0, (percent?.double ?? percent?.text.flatMap(Double.init) ?? 100) / 100))
    }

    /// The virtual service as Kubernetes would show it, with the faults that the mesh holds now.
    private func description(_ arguments: Value, _ edges: [Edge]) async -> Value {
        let name = arguments["virtual_service_name"].map(PythonText.string) ?? ""
        let faults = await mesh.state()?.activeFaults.filter { edges.contains($0.edge) } ?? []
        var fault = Fields()
        for one in faults {
            let percentage: Value = ["value": .number(one.share * 100)]
            switch one.kind {
            case .delay(let milliseconds):
                fault["delay"] = ["fixedDelay": .text("\(milliseconds)ms"), "percentage": percentage]
            case .abort(let status): fault["abort"] = ["httpStatus": .integer(status), "percentage": percentage]
            case .rateLimit: break
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
