internal import MeshModel
internal import Synchronization

/// `chaostoxi` for a mesh that gameday drives and without a Toxiproxy in the configuration: a proxy is an edge like
/// `bar>taps`, or a service for all edges into it. A timeout, as a broken connection, is an abort with 503.
final class Toxics: NativeModule {
    private let mesh: ExperimentMesh
    /// The faults of each toxic, by proxy and name.
    private let toxics = Mutex<[String: [String]]>([:])

    init(mesh: ExperimentMesh) {
        self.mesh = mesh
    }

    private static let toxic = ["for_proxy", "toxic_name"]
    private static let functions: [String: [NativeSignature]] = [
        "chaostoxi.toxic.actions": [
            NativeSignature(
                function: "create_toxic", required: toxic + ["toxic_type"],
                optional: ["stream", "toxicity", "attributes"]),
            NativeSignature(function: "create_latency_toxic", required: toxic + ["latency"], optional: ["jitter"]),
            NativeSignature(function: "create_bandwith_degradation_toxic", required: toxic + ["rate"]),
            NativeSignature(function: "create_timeout_toxic", required: toxic + ["timeout"]),
            NativeSignature(function: "delete_toxic", required: toxic),
        ],
        "chaostoxi.proxy.actions": [
            NativeSignature(function: "disable_proxy", required: ["proxy_name"]),
            NativeSignature(function: "enable_proxy", required: ["proxy_name"]),
            NativeSignature(function: "reset", required: []),
        ],
        "chaostoxi.proxy.probes": [NativeSignature(function: "proxy_exist", required: ["proxy_name"])],
    ]

    func signature(of call: ActivityCall) -> NativeSignature? {
        Self.functions[call.module]?.first { $0.function == call.function }
    }

    func acts(for call: ActivityCall, isChecking: Bool) async -> Bool {
        let own = ["toxiproxy_host", "toxiproxy_url", "toxiproxy_port"]
        guard signature(of: call) != nil, !own.contains(where: { call.substitution.configuration.has($0) }),
            let state = await mesh.state()
        else { return false }
        guard !isChecking, call.function != "reset" else { return true }
        guard let arguments = try? call.arguments() else { return false }
        return !edges(of: Self.proxy(arguments), in: state).isEmpty || call.function == "proxy_exist"
    }

    func mistake(in call: ActivityCall, _ arguments: Value) -> String? {
        guard call.function.hasPrefix("create_") else { return nil }
        return NativeArguments.mistake { () throws(ActivityEnd) in _ = try Self.fault(call.function, arguments) }
    }

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let arguments: Value
        do { arguments = try call.arguments() ?? .null } catch { throw .crashed(error) }
        guard let state = await mesh.state() else { throw .failed("no control plane answers") }
        let proxy = Self.proxy(arguments)
        let edges = edges(of: proxy, in: state)
        let name = arguments["toxic_name"].map(PythonText.string) ?? ""
        switch call.function {
        case "proxy_exist": return .bool(!edges.isEmpty)
        case "reset":
            try await end { _ in true }
        case "delete_toxic":
            try await end { $0 == Self.key(proxy, name) }
        case "enable_proxy":
            try await end { $0 == Self.key(proxy, "") }
        case "disable_proxy":
            try await add(.abort(status: 503), share: 1, on: edges, as: Self.key(proxy, ""))
        default:
            let (kind, share) = try Self.fault(call.function, arguments)
            try await add(kind, share: share, on: edges, as: Self.key(proxy, name))
        }
        return true
    }

    private static func proxy(_ arguments: Value) -> String {
        (arguments["for_proxy"] ?? arguments["proxy_name"]).map(PythonText.string) ?? ""
    }

    private static func key(_ proxy: String, _ toxic: String) -> String { proxy + "\n" + toxic }

    /// An edge by its two ends, with any of the signs that people put between; else all edges into a service.
    private func edges(of proxy: String, in state: MeshState) -> [Edge] {
        let named = state.edges.keys.filter { edge in
            [">", "-", "_", ":", "_to_", "-to-"].contains { "\(edge.from)\($0)\(edge.to)" == proxy }
        }
        return named.isEmpty ? mesh.edges(into: [proxy], in: state) : named.sorted()
    }

    private func add(
        _ kind: FaultKind, share: Double, on edges: [Edge], as key: String
    ) async throws(ActivityEnd) {
        let begun = try await mesh.start(kind, share: share, on: edges, by: "chaostoxi")
        toxics.withLock { $0[key, default: []] += begun }
    }

    private func end(_ isMeant: (String) -> Bool) async throws(ActivityEnd) {
        let ending = toxics.withLock { toxics in
            let ending = toxics.filter { isMeant($0.key) }
            for key in ending.keys { toxics[key] = nil }
            return ending.values.flatMap(\.self)
        }
        for id in ending.sorted() {
            do { _ = try await mesh.stop(id) } catch { throw .failed("chaostoxi: \(error.message)") }
        }
    }

    private static func fault(
        _ function: String, _ arguments: Value
    ) throws(ActivityEnd) -> (kind: FaultKind, share: Double) {
        let attributes = arguments["attributes"] ?? arguments
        let type: String =
            switch function {
            case "create_latency_toxic": "latency"
            case "create_bandwith_degradation_toxic": "bandwidth"
            case "create_timeout_toxic": "timeout"
            default: arguments["toxic_type"].map(PythonText.string) ?? ""
            }
        // Left out or null it is 1, to the extension and to Toxiproxy.
        let toxicity = arguments["toxicity"].flatMap { $0.isNull ? nil : $0 } ?? 1
        let share = try NativeArguments.share(toxicity, of: 1, "toxicity", by: "chaostoxi")
        func amount(_ name: String) throws(ActivityEnd) -> Int {
            guard case .integer(let number) = attributes[name], (1...1_000_000_000).contains(number) else {
                let shown = NativeArguments.shown(attributes[name])
                throw .failed("chaostoxi: invalid \(name) \(shown) of a \(type): write a whole number from 1")
            }
            return number
        }
        switch type {
        case "latency": return (.delay(milliseconds: try amount("latency")), share)
        case "bandwidth": return (.rateLimit(kbps: try amount("rate")), share)
        case "timeout": return (.abort(status: 503), share)
        default: throw .failed("chaostoxi: gameday has no fault like the toxic '\(type)'")
        }
    }
}
