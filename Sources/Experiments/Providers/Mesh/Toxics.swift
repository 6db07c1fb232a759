internal import MeshClient
internal import MeshModel
internal import Synchronization

/// `chaostoxi` for a mesh that gameday drives. A proxy of a Toxiproxy that is observed is what it is there, and each toxic
/// the fault that it makes. Elsewhere, and without a Toxiproxy in the configuration, a proxy is an edge like `bar>taps`,
/// or a service for all edges into it, and a timeout, as a broken connection, an abort with 503.
final class Toxics: NativeModule {
    private let mesh: ExperimentMesh
    /// The faults of each toxic, by proxy and name.
    private let toxics = Mutex<[String: [String]]>([:])

    init(mesh: ExperimentMesh) {
        self.mesh = mesh
    }

    /// The types of the functions that make a toxic of one type.
    private static let types = [
        "create_latency_toxic": "latency", "create_bandwith_degradation_toxic": "bandwidth",
        "create_timeout_toxic": "timeout", "create_slow_connection_close_toxic": "slow_close",
        "create_slicer_toxic": "slicer", "create_limiter_toxic": "limit_data",
    ]
    /// What an Envoy has something like.
    private static let usual: Set = ["latency", "bandwidth", "timeout"]

    func signature(of call: ActivityCall) -> NativeSignature? {
        call.module.hasPrefix("chaostoxi.") ? NativeExtension.signature(of: call) : nil
    }

    func acts(for call: ActivityCall, isChecking: Bool) async -> Bool {
        guard signature(of: call) != nil, let state = await mesh.state() else { return false }
        let sources = Self.sources(of: call, in: state)
        // Another Toxiproxy than those that are observed is Python's to ask.
        guard sources != [] else { return false }
        guard !isChecking, call.function != "reset" else { return true }
        guard let arguments = try? call.arguments() else { return false }
        let proxy = Self.proxy(arguments)
        if let sources { return sources.contains { $0.name == proxy && $0.callee != nil } }
        if Self.real(proxy, in: state) != nil { return true }
        if let type = Self.types[call.function], !Self.usual.contains(type) { return false }
        return !edges(of: proxy, in: state).isEmpty || call.function == "proxy_exist"
    }

    /// The observed proxies of the Toxiproxy that the configuration names; nil where it names none.
    private static func sources(of call: ActivityCall, in state: MeshState) -> [SourceReport]? {
        func text(_ name: String) -> String? {
            let value = call.substitution.configuration[name]
            return value.map(PythonText.string).flatMap { $0.isEmpty ? nil : $0 }
        }
        let url: String
        if let whole = text("toxiproxy_url") {
            url = whole
        } else if text("toxiproxy_host") != nil || text("toxiproxy_port") != nil {
            url = "http://\(text("toxiproxy_host") ?? ""):\(text("toxiproxy_port") ?? "8474")"
        } else {
            return nil
        }
        return toxiproxies(in: state).filter { $0.endpoint == url || $0.endpoint + "/" == url }
    }

    private static func toxiproxies(in state: MeshState) -> [SourceReport] {
        state.sources.values.map(\.report).filter { $0.kind == .toxiproxy }
    }

    /// The edge of a proxy that a Toxiproxy really has.
    private static func real(_ proxy: String, in state: MeshState) -> Edge? {
        let source = toxiproxies(in: state).first { $0.name == proxy }
        guard let source, let from = source.service, let to = source.callee else { return nil }
        return Edge(from: from, to: to)
    }

    func lack(of call: ActivityCall) async -> String? {
        guard signature(of: call) != nil, !["reset", "proxy_exist"].contains(call.function),
            let state = await mesh.state(),
            Self.sources(of: call, in: state) == nil, let arguments = try? call.arguments()
        else { return nil }
        let proxy = Self.proxy(arguments)
        guard Self.real(proxy, in: state) == nil, edges(of: proxy, in: state).isEmpty else { return nil }
        return "\(proxy) is no proxy, edge or service of this mesh, which has \(IstioFaults.list(state))"
    }

    func mistake(in call: ActivityCall, _ arguments: Value) -> String? {
        guard call.function.hasPrefix("create_") else { return nil }
        return NativeArguments.mistake { () throws(ActivityEnd) in
            // Before a run nobody knows whose the proxy is: what only a Toxiproxy has is then one's.
            _ = try Self.fault(
                call.function, arguments, isReal: !Self.usual.contains(Self.type(call.function, arguments)))
        }
    }

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let arguments: Value
        do { arguments = try call.arguments() ?? .null } catch { throw .crashed(error) }
        guard let state = await mesh.state() else { throw .failed("no control plane answers") }
        let proxy = Self.proxy(arguments)
        let real = Self.real(proxy, in: state)
        let edges = real.map { [$0] } ?? edges(of: proxy, in: state)
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
            let kind = real == nil ? FaultKind.abort(status: 503) : FaultKind("off")
            try await add(kind, share: 1, on: edges, as: Self.key(proxy, ""))
        default:
            let (kind, share) = try Self.fault(call.function, arguments, isReal: real != nil)
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

    private static func type(_ function: String, _ arguments: Value) -> String {
        types[function] ?? arguments["toxic_type"].map(PythonText.string) ?? ""
    }

    private static func fault(
        _ function: String, _ arguments: Value, isReal: Bool
    ) throws(ActivityEnd) -> (kind: FaultKind, share: Double) {
        let type = type(function, arguments)
        // Left out or null it is 1, to the extension and to Toxiproxy.
        let toxicity = arguments["toxicity"].flatMap { $0.isNull ? nil : $0 } ?? 1
        let share = try NativeArguments.share(toxicity, of: 1, "toxicity", by: "chaostoxi")
        let attributes = arguments["attributes"] ?? arguments
        func amount(_ name: String) throws(ActivityEnd) -> Int {
            guard case .integer(let number) = attributes[name], (1...1_000_000_000).contains(number) else {
                throw badAmount(name, of: type, attributes[name], "from 1")
            }
            return number
        }
        if isReal { return (try toxic(type, arguments, attributes), share) }
        switch type {
        case "latency": return (.delay(milliseconds: try amount("latency")), share)
        case "bandwidth": return (.rateLimit(kbps: try amount("rate")), share)
        case "timeout": return (.abort(status: 503), share)
        default: throw .failed("chaostoxi: gameday has no fault like the toxic '\(type)'")
        }
    }

    /// The fault that a toxic makes in a real Toxiproxy.
    private static func toxic(
        _ type: String, _ arguments: Value, _ attributes: Value
    ) throws(ActivityEnd) -> FaultKind {
        var amounts: [String: Int] = [:]
        for name in ["latency", "jitter", "rate", "delay", "timeout", "average_size", "size_variation", "bytes"] {
            guard let value = attributes[name == "bytes" && attributes["bytes"] == nil ? "bytes_limit" : name] else {
                continue
            }
            guard case .integer(let number) = value, (0...1_000_000_000).contains(number) else {
                throw badAmount(name, of: type, value, "from 0")
            }
            amounts[name] = number
        }
        let stream = arguments["stream"].map(PythonText.string) ?? "downstream"
        guard ["upstream", "downstream"].contains(stream) else {
            throw .failed("chaostoxi: stream '\(stream.prefix(40))' is neither upstream nor downstream")
        }
        guard let kind = FaultKind(toxic: type, stream: stream, attributes: amounts) else {
            throw .failed("chaostoxi: a Toxiproxy has no toxic '\(type.prefix(40))'")
        }
        return kind
    }

    private static func badAmount(_ name: String, of type: String, _ value: Value?, _ range: String) -> ActivityEnd {
        .failed(
            "chaostoxi: invalid \(name) \(NativeArguments.shown(value)) of a \(type): write a whole number \(range)")
    }
}
