public import MeshModel

/// How a mesh names things inside its Envoys: which listener is whose, and which runtime keys carry faults.
public struct EnvoyNaming: Equatable, Sendable {
    /// The statistics prefix of the listener that leads into the service.
    public var inbound = "in"
    /// What stands before the callee's name in the statistics prefix of the listener of an edge.
    public var outbound = "to_"
    /// The cluster of the service itself, behind its own sidecar.
    public var localCluster = "local_app"
    /// Clusters whose names begin so are no services.
    public var ignoredClusters = "local_"
    /// The runtime keys of an edge, with `{to}` for the callee.
    public var edgeKeys = "edge.{to}."
    /// The runtime keys of everything that comes in.
    public var inboundKeys = "in."

    public init() {}

    /// What the runtime keys of an edge begin with.
    public func keyPrefix(to callee: ServiceName) -> String {
        guard let place = edgeKeys.firstRange(of: "{to}") else { return edgeKeys }
        return edgeKeys[..<place.lowerBound] + callee.text + edgeKeys[place.upperBound...]
    }

    /// The edge's callee, or nil for everything that comes in, and the rest of a key that is one of a fault; nil else.
    func split(key: String) -> (to: ServiceName?, rest: String)? {
        if key.hasPrefix(inboundKeys) { return (nil, String(key.dropFirst(inboundKeys.count))) }
        guard let place = edgeKeys.firstRange(of: "{to}") else { return nil }
        let before = edgeKeys[..<place.lowerBound]
        let after = edgeKeys[place.upperBound...]
        guard key.hasPrefix(before), let end = key.dropFirst(before.count).lastRange(of: after) else { return nil }
        return (
            ServiceName(String(key[key.index(key.startIndex, offsetBy: before.count)..<end.lowerBound])),
            String(key[end.upperBound...])
        )
    }

    /// The smallest page of Envoy's statistics that says everything we show, as path and query.
    var statsPath: String {
        let listeners = "\(escaped(inbound))|\(escaped(outbound)).+"
        let expression =
            "^(http\\.(\(listeners))\\.(downstream_rq_(completed|[2-5]xx|active|time|rx_reset)"
            + "|fault\\.(aborts|delays|response_rl)_injected)"
            + "|cluster\\..+\\.(upstream_rq_(timeout|retry|active_overflow|pending_overflow)"
            + "|upstream_cx_connect_fail|membership_(healthy|total)|outlier_detection\\.ejections_active)"
            + "|http\\.admin\\.downstream_rq_completed|server\\.(uptime|state))$"
        return "/stats?format=json&usedonly&histogram_buckets=detailed&filter=" + ControlPlaneRoute.escaped(expression)
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += "\\.+*?()|[]{}^$".contains($1) ? "\\\($1)" : "\($1)" }
    }
}

extension Collection where Element: Equatable {
    /// The first place where `part` stands.
    func firstRange(of part: some Collection<Element>) -> Range<Index>? {
        indices.first { self[$0...].starts(with: part) }.map { $0..<index($0, offsetBy: part.count) }
    }
}

extension BidirectionalCollection where Element: Equatable {
    fileprivate func lastRange(of part: some Collection<Element>) -> Range<Index>? {
        indices.last { self[$0...].starts(with: part) }.map { $0..<index($0, offsetBy: part.count) }
    }
}
