internal import MeshModel

extension EnvoyShape {
    /// The decisions and their reasons, a line each, for `gameday check`.
    public var lines: [String] {
        var lines = ["service \(service.value): \(service.reason)"]
        if isPrepared {
            return lines + ["uses gameday's own names: its listeners are named after its edges"]
        }
        lines.append("\(role.value.rawValue): \(role.reason)")
        lines.append(
            inbound.value.isEmpty
                ? "no inbound traffic: \(inbound.reason)"
                : "inbound traffic is counted at \(inbound.value.joined(separator: ", ")): \(inbound.reason)")
        for edge in outgoing {
            let kind = edge.isMirror ? "mirrored requests to" : edge.isTCP ? "TCP to" : "calls"
            let versions = edge.clusters.compactMap(\.version)
            let split = versions.isEmpty ? "" : " (\(versions.joined(separator: ", ")))"
            lines.append("\(kind) \(edge.to)\(split), counted at \(edge.measuredAt): \(edge.reason)")
        }
        if asksHosts { lines.append("failures in gRPC responses are counted at the hosts, on /clusters") }
        lines += leftOut.map { "left out: \($0.value), \($0.reason)" }
        return lines
    }
}
