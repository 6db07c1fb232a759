public import MeshModel

/// Puts faults into Envoys at run time, through the runtime keys that their fault filters listen to.
///
/// A fault on an edge lives in the sidecar of the caller: in the filter of the listener that leads to the callee. Envoy
/// needs an admin layer in its layered runtime for it, and forgets all of it when it restarts.
public struct EnvoyFaultInjector: FaultInjector {
    /// The rate limits that a sidecar has a filter for, in KiB a second: Envoy takes the rate from configuration only.
    public static let rateSteps = [8, 16, 32, 64, 128, 256, 512, 1024]

    private let transport: any HTTPTransport
    private let naming: EnvoyNaming

    public init(transport: any HTTPTransport, naming: EnvoyNaming = EnvoyNaming()) {
        self.transport = transport
        self.naming = naming
    }

    /// Rate limits go in steps; the nearest by proportion is taken.
    public func nearest(to kind: FaultKind) -> FaultKind {
        guard case .rateLimit(let kbps) = kind else { return kind }
        func gap(_ step: Int) -> Double {
            step > kbps ? Double(step) / Double(max(1, kbps)) : Double(kbps) / Double(step)
        }
        return .rateLimit(kbps: Self.rateSteps.min { gap($0) < gap($1) } ?? kbps)
    }

    public func undo(of fault: Fault, at proxy: ProxyAddress) -> FaultUndo {
        FaultUndo(proxy: proxy, keys: values(of: fault).map(\.key))
    }

    public func apply(
        _ fault: Fault, at proxy: ProxyAddress, within deadline: Duration
    ) async throws(InjectionError) {
        try await modify(values(of: fault), at: proxy, within: deadline)
    }

    public func held(at proxy: ProxyAddress, within deadline: Duration) async throws(InjectionError) -> [HeldFault] {
        let page = try await ask("GET", "/runtime", at: proxy, within: deadline)
        do {
            return try EnvoyRuntimeWire(naming: naming).faults(in: page)
        } catch {
            throw .unreachable(source: proxy.source, why: error.summary)
        }
    }

    public func hits(
        of kind: FaultKind, on edge: Edge, at proxy: ProxyAddress, within deadline: Duration
    ) async throws(InjectionError) -> UInt64 {
        let counter =
            switch kind {
            case .abort: "aborts_injected"
            case .delay: "delays_injected"
            case .rateLimit: "response_rl_injected"
            }
        let filter = ControlPlaneRoute.escaped("^http\\..*\\.fault\\.\(counter)$")
        let page = try await ask("GET", "/stats?format=json&filter=\(filter)", at: proxy, within: deadline)
        guard let stats = (try? JSON(parsing: page))?["stats"]?.array else {
            throw .unreachable(source: proxy.source, why: "its statistics can't be read")
        }
        let name = "http.\(naming.outbound)\(edge.to).fault.\(counter)"
        let value = stats.first { $0["name"]?.string == name }?["value"]?.double ?? 0
        return UInt64(max(0, Int64(clamping: value)))
    }

    public func recover(
        _ keys: [String], at proxy: ProxyAddress, within deadline: Duration
    ) async throws(InjectionError) {
        try await modify(keys.map { ($0, "") }, at: proxy, within: deadline)
    }

    private func values(of fault: Fault) -> [(key: String, value: String)] {
        let prefix = naming.keyPrefix(to: fault.edge.to)
        let share = "{\"numerator\":\(Int64(clamping: fault.share * 10_000)),\"denominator\":\"TEN_THOUSAND\"}"
        return switch fault.kind {
        case .abort(let status): [(prefix + "abort_pct", share), (prefix + "abort_status", "\(status)")]
        case .delay(let milliseconds): [(prefix + "delay_pct", share), (prefix + "delay_ms", "\(milliseconds)")]
        case .rateLimit(let kbps): [(prefix + "rl_\(kbps)_pct", share)]
        }
    }

    /// All keys in one request, so that Envoy never works with half a fault.
    private func modify(
        _ values: [(key: String, value: String)], at proxy: ProxyAddress, within deadline: Duration
    ) async throws(InjectionError) {
        let query = values.map { ControlPlaneRoute.escaped($0.key) + "=" + ControlPlaneRoute.escaped($0.value) }
        let path = "/runtime_modify?" + query.joined(separator: "&")
        _ = try await ask("POST", path, at: proxy, within: deadline)
    }

    private func ask(
        _ method: String, _ path: String, at proxy: ProxyAddress, within deadline: Duration
    ) async throws(InjectionError) -> [UInt8] {
        let request = EnvoyEndpoint(admin: proxy.endpoint).request(method, path, deadline: deadline)
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw .unreachable(source: proxy.source, why: error.summary)
        }
        guard response.status == 200 else {
            let said = String(decoding: response.body.prefix(200), as: UTF8.self)
            throw .refused(source: proxy.source, why: "status \(response.status): \(said)")
        }
        return response.body
    }
}
