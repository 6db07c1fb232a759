/// What protects an edge and what acts on it, in sentences: for `gameday explain` and the details of the screen.
public enum EdgeSentences {
    /// Without full stops at the end; none when nothing is known of the edge.
    public static func lines(of edge: Edge, in mesh: MeshState, at now: Timestamp) -> [String] {
        let known = mesh.knowledge[edge]
        var lines = (known?.protection).map(words(of:)) ?? []
        if known?.differs == true { lines.append("Proxies of \(edge.from) are configured in different ways") }
        lines += identity(known)
        lines += known?.policy?.sentences ?? []
        if let certificate = known?.certificate {
            let word = certificate.state == .expired ? "EXPIRED: " : ""
            lines.append("Certificate of \(edge.from): \(word)\(certificate.words(at: now))")
        }
        lines += parts(known?.parts ?? [])
        if let serving = known?.serving {
            lines.append(
                serving.isAway
                    ? "Failover: \(serving.words(to: edge.to.text))" : "Zones: served from zone \(serving.zone)")
        }
        if let ejected = known?.ejected, !ejected.isEmpty {
            lines.append("Left out by outlier detection: \(ejected.joined(separator: ", "))")
        }
        let acting = mesh.mechanisms(on: edge, at: now).map { words(of: $0.mechanism, $0.amount) }
        if !acting.isEmpty { lines.append("Acting now: \(acting.joined(separator: "; "))") }
        return lines
    }

    /// What is known of a service by its callers' edges, without full stops: how it takes connections, and its waypoint.
    public static func lines(of service: ServiceName, in mesh: MeshState) -> [String] {
        let edges = mesh.knowledge.keys.filter { $0.to == service }.sorted()
        return edges.lazy.compactMap { mesh.knowledge[$0]?.policy }.first?.calleeSentences ?? []
    }

    private static func words(of protection: EdgeProtection) -> [String] {
        var lines: [String] = []
        switch protection.timeout {
        case 0?: lines.append("Timeout: none")
        case let limit?: lines.append("Timeout: \(PlainWords.latency(Double(limit)))")
        case nil: break
        }
        if let retries = protection.retries {
            let each = retries.tryTimeout.map { ", \(PlainWords.latency(Double($0))) for each attempt" } ?? ""
            let times = retries.count == 1 ? "1 retry" : "\(retries.count) retries"
            lines.append("Retries: \(times) on \(retries.on.split(separator: ",").joined(separator: ", "))\(each)")
        } else if protection.timeout != nil {
            lines.append("Retries: none")
        }
        lines.append("Circuit breaker: \(protection.breaker.map(words(of:)) ?? "not configured")")
        if let outliers = protection.outliers {
            lines.append(
                "Outlier detection: a host is ejected for \(PlainWords.latency(Double(outliers.ejection))) after "
                    + "\(outliers.failures) failures in a row, at most \(outliers.mostPercent)% of the hosts")
        } else {
            lines.append("Outlier detection: not configured")
        }
        if !protection.split.isEmpty {
            let total = Double(max(1, protection.split.reduce(0) { $0 + $1.weight }))
            let shares = protection.split.map { "\($0.name) \(PlainWords.percent(Double($0.weight) / total))" }
            lines.append("Traffic split: \(shares.joined(separator: ", "))")
        }
        return lines
    }

    private static func words(of breaker: EdgeProtection.Breaker) -> String {
        let limits = [
            (breaker.connections, "connections"), (breaker.pending, "pending requests"),
            (breaker.requests, "concurrent requests"), (breaker.retries, "concurrent retries"),
        ].compactMap { limit, what in limit.map { "\($0) \(what)" } }
        return limits.isEmpty ? "no limits" : "opens above \(limits.joined(separator: ", "))"
    }

    /// What was observed counts more than what is configured.
    private static func identity(_ known: EdgeKnowledge?) -> [String] {
        if let share = known?.mutualShare {
            return [
                share >= 1
                    ? "Identity: mutual TLS on every request"
                    : share <= 0
                        ? "Identity: none, requests arrive in plain text"
                        : "Identity: mutual TLS on \(PlainWords.percent(share)) of requests"
            ]
        }
        return switch known?.protection?.security {
        case .mutual: ["Identity: mutual TLS is configured"]
        case .tls: ["Identity: TLS is configured, the caller shows no certificate"]
        case .plain: ["Identity: none, requests are sent in plain text"]
        case nil: []
        }
    }

    private static func parts(_ parts: [EdgeReport.Part]) -> [String] {
        let total = parts.reduce(0.0) { $0 + Double($1.sample.completed) }
        return parts.map { part in
            guard part.sample.completed > 0, let success = part.sample.successRatio else {
                return "\(part.name): no requests"
            }
            let share = PlainWords.number(100 * Double(part.sample.completed) / max(1, total), places: 1) + "%"
            let p99 = part.sample.latency?.quantile(0.99).map { ", p99 \(PlainWords.latency($0))" } ?? ""
            return "\(part.name): \(share) of requests, \(PlainWords.percent(success)) success\(p99)"
        }
    }

    private static func words(of mechanism: Mechanism, _ amount: Double?) -> String {
        let amount = amount.map { PlainWords.number($0) }
        return switch mechanism {
        case .breaker: "breaker open" + (amount.map { ", \($0) requests/s rejected" } ?? "")
        case .ejection: (amount ?? "some") + " hosts ejected"
        case .retries: "retries"
        case .timeouts: "timeouts" + (amount.map { ", \($0)/s" } ?? "")
        }
    }
}
