/// The certificate by which a caller shows who it is on an edge.
public struct EdgeCertificate: Equatable, Sendable {
    public enum State: String, CaseIterable, Sendable {
        case valid
        /// It ends soon, by the settings or by a tenth of its life.
        case near
        case expired
    }

    public var ends: Timestamp
    public var state: State

    public init(ends: Timestamp, state: State) {
        self.ends = ends
        self.state = state
    }

    /// In words for a sentence: `expires in 49 minutes`.
    public func words(at now: Timestamp) -> String {
        let left = ends.seconds(since: now)
        return left > 0 ? "expires in \(Self.length(left))" : "expired \(Self.length(-left)) ago"
    }

    /// In a few letters: `49m`, `12d`.
    public func short(at now: Timestamp) -> String {
        let left = max(0, ends.seconds(since: now))
        if left >= 172_800 { return "\(Int64(clamping: left) / 86_400)d" }
        return left >= 7_200 ? "\(Int64(clamping: left) / 3_600)h" : "\(Int64(clamping: left) / 60)m"
    }

    /// Days where there are several, else as people say shorter times.
    static func length(_ seconds: Double) -> String {
        if seconds >= 172_800 { return "\(Int64(clamping: seconds) / 86_400) days" }
        return seconds >= 120 ? PlainWords.time((seconds / 60).rounded(.down) * 60) : PlainWords.time(seconds)
    }
}

/// Where the hosts are that answer on an edge, of a callee that has hosts in several zones.
public struct EdgeServing: Equatable, Sendable {
    /// The zone that is meant to answer.
    public var home: String
    /// The zone that does.
    public var zone: String

    public init(home: String, zone: String) {
        self.home = home
        self.zone = zone
    }

    public var isAway: Bool { zone != home }
}

extension EdgeKnowledge {
    /// The certificate that is nearest to its end.
    public var certificate: EdgeCertificate? {
        reports.values.compactMap(\.certificate).min { $0.ends < $1.ends }
    }

    /// What the first of them says who is served from elsewhere, or else the first.
    public var serving: EdgeServing? {
        let all = reports.sorted { $0.key < $1.key }.compactMap(\.value.serving)
        return all.first(where: \.isAway) ?? all.first
    }
}

extension MeshState {
    /// Tells what changed of zone and certificate, and learns it.
    mutating func learn(_ report: EdgeReport, at: Timestamp) {
        let before = knowledge[report.edge]
        let wasAway = report.serving.map { _ in isAway(report.edge.to) }
        learn(report)
        let after = knowledge[report.edge]
        // Callers of one callee fail over together: that is one thing to tell.
        if let serving = after?.serving, let wasAway, wasAway != isAway(report.edge.to), wasAway != serving.isAway {
            tell(.mesh, serving.isAway ? .warn : .good, .served(serving), at: at, about: .edge(report.edge))
        }
        if let certificate = after?.certificate, certificate.state != (before?.certificate?.state ?? .valid) {
            let tone: TimelineEntry.Tone =
                switch certificate.state {
                case .valid: .good
                case .near: .warn
                case .expired: .bad
                }
            tell(.mesh, tone, .certificate(certificate), at: at, about: .edge(report.edge))
        }
    }

    /// Whether any caller is served from another zone than is meant.
    private func isAway(_ callee: ServiceName) -> Bool {
        knowledge.contains { $0.key.to == callee && $0.value.serving?.isAway == true }
    }

    /// Zone and certificate as they need a mark: nothing where all is as it should be.
    public func standing(on edge: Edge) -> (serving: EdgeServing?, certificate: EdgeCertificate?) {
        let known = knowledge[edge]
        return (
            known?.serving.flatMap { $0.isAway ? $0 : nil },
            known?.certificate.flatMap { $0.state == .valid ? nil : $0 }
        )
    }
}
