import MeshModel
import TerminalCanvas

/// What the mesh does by itself on an edge, in a few letters for its line.
enum MechanismWords {
    /// What acts on one edge at the time that is shown; empty where nothing does.
    static func line(on edge: Edge, in state: DashboardState, to columns: Int) -> String {
        let acting = state.shown.mechanisms(on: edge, at: state.shownAt)
        let standing = standing(state.shown.standing(on: edge), at: state.shownAt)
        guard !acting.isEmpty || !standing.isEmpty else { return "" }
        let hosts = state.shown.edges[edge]?.sample(until: state.shownAt)?.totalHosts
        return line(acting, standing, hosts: hosts, to: columns)
    }

    /// The first of what acts that fits, with as many of the others as there is room for.
    static func line(
        _ acting: [(mechanism: Mechanism, amount: Double?)], _ standing: [(word: String, short: String)] = [],
        hosts: UInt64?, to columns: Int
    ) -> String {
        let words = standing.map { ($0.word, $0.short) } + acting.map { (word($0, $1, hosts), name($0)) }
        var line = ""
        for (word, short) in words {
            let longer = line.isEmpty ? word : "\(line), \(word)"
            if Text.width(longer) <= columns {
                line = longer
            } else if line.isEmpty {
                line = EdgeWords.fitting([short], columns)
            }
        }
        return line
    }

    /// A certificate that ends, and a zone that stands in for another.
    static func standing(
        _ standing: (serving: EdgeServing?, certificate: EdgeCertificate?), at now: Timestamp
    ) -> [(word: String, short: String)] {
        let certificate = standing.certificate.map { certificate in
            certificate.state == .expired
                ? ("cert EXPIRED", "EXPIRED") : ("cert \(certificate.short(at: now))", "cert")
        }
        let zone = standing.serving.map { ("zone \($0.zone)", "failover") }
        return [certificate, zone].compactMap(\.self).map { (word: $0.0, short: $0.1) }
    }

    private static func word(_ mechanism: Mechanism, _ amount: Double?, _ hosts: UInt64?) -> String {
        guard let amount else { return name(mechanism) }
        switch mechanism {
        case .breaker, .timeouts: return "\(name(mechanism)) \(Format.rate(amount))"
        case .retries: return "\(name(mechanism)) \(Format.share(amount))"
        case .ejection: return "\(name(mechanism)) \(Int(amount))" + (hosts.map { " of \($0)" } ?? "")
        }
    }

    private static func name(_ mechanism: Mechanism) -> String {
        switch mechanism {
        case .breaker: "breaker"
        case .ejection: "ejected"
        case .retries: "retries"
        case .timeouts: "timeouts"
        }
    }
}
