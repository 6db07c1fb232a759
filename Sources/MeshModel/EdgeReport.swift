/// What a caller's proxy tells of an edge beside its traffic: the parts of the callee with their own figures, the hosts
/// that are left out, how the two sides know each other, and what protects the edge.
///
/// It is told when it changes, and each few seconds while the parts have figures. A member that is nil or empty is not
/// told by this report: what an earlier one told of it stands.
public struct EdgeReport: Equatable, Sendable {
    /// The requests to one part of the callee: a version, or a zone.
    public struct Part: Equatable, Sendable {
        public var version: String?
        public var zone: String?
        /// The last seconds; its interval says how many.
        public var sample: TrafficSample

        public init(version: String? = nil, zone: String? = nil, sample: TrafficSample) {
            self.version = version
            self.zone = zone
            self.sample = sample
        }

        /// Its version, zone or both, in a word: `v2`, `v2/b`.
        public var name: String { [version, zone].compactMap(\.self).joined(separator: "/") }
    }

    /// The name of the source that tells it.
    public var source: String
    public var edge: Edge
    /// Empty unless the callee has several.
    public var parts: [Part] = []
    /// The addresses of hosts that outlier detection leaves out; nil when it is not told.
    public var ejected: [String]?
    /// Of requests under which both sides proved who they are, how large a share of all; nil when nobody tells.
    public var mutualShare: Double?
    public var protection: EdgeProtection?
    /// What the caller shows who it is with; nil when it is not told, or it shows none.
    public var certificate: EdgeCertificate?
    /// Where the callee's hosts answer from; nil when it is not told, or they are in one place.
    public var serving: EdgeServing?
    /// What objects of its cluster say of it; nil when it is not told.
    public var policy: EdgePolicy?

    public init(source: String, edge: Edge) {
        self.source = source
        self.edge = edge
    }

    /// True when it tells nothing at all.
    public var isEmpty: Bool {
        parts.isEmpty && ejected == nil && mutualShare == nil && protection == nil && certificate == nil
            && serving == nil && policy == nil
    }

    /// Takes in what a later report of the same source tells.
    public mutating func add(_ later: EdgeReport) {
        if !later.parts.isEmpty { parts = later.parts }
        ejected = later.ejected ?? ejected
        mutualShare = later.mutualShare ?? mutualShare
        protection = later.protection ?? protection
        certificate = later.certificate ?? certificate
        serving = later.serving ?? serving
        policy = later.policy ?? policy
    }
}

/// What a caller's proxy is configured to do about trouble on an edge; nil for what it does not say.
public struct EdgeProtection: Equatable, Sendable {
    public struct Retries: Equatable, Sendable {
        public var count: Int
        /// When a request is sent again, in Envoy's words: `5xx`, `connect-failure`.
        public var on: String
        /// The longest that one attempt takes, in milliseconds; nil for as long as the whole request may.
        public var tryTimeout: Int?

        public init(count: Int, on: String, tryTimeout: Int? = nil) {
            self.count = count
            self.on = on
            self.tryTimeout = tryTimeout
        }
    }

    /// The most that a circuit breaker lets through at a time; nil where it is not configured.
    public struct Breaker: Equatable, Sendable {
        public var connections: Int?
        public var pending: Int?
        public var requests: Int?
        public var retries: Int?

        public init(connections: Int? = nil, pending: Int? = nil, requests: Int? = nil, retries: Int? = nil) {
            self.connections = connections
            self.pending = pending
            self.requests = requests
            self.retries = retries
        }
    }

    /// When a host is left out: after so many failures in a row, for how long at first, and how many percent at most.
    public struct Outliers: Equatable, Sendable {
        public var failures: Int
        /// Milliseconds.
        public var ejection: Int
        public var mostPercent: Int

        public init(failures: Int, ejection: Int, mostPercent: Int) {
            self.failures = failures
            self.ejection = ejection
            self.mostPercent = mostPercent
        }
    }

    /// How the connection is secured.
    public enum Security: String, CaseIterable, Sendable {
        case plain, tls, mutual
    }

    /// One part of the callee and its weight among the others, as the route has them.
    public struct Share: Equatable, Sendable {
        public var name: String
        public var weight: Int

        public init(name: String, weight: Int) {
            self.name = name
            self.weight = weight
        }
    }

    /// How requests are split between parts of the callee; empty when they are not.
    public var split: [Share] = []
    /// The longest that a request takes, in milliseconds; 0 for no limit.
    public var timeout: Int?
    public var retries: Retries?
    public var breaker: Breaker?
    public var outliers: Outliers?
    public var security: Security?

    public init() {}
}

/// What is known of an edge beside its traffic, of all the proxies that tell it.
public struct EdgeKnowledge: Equatable, Sendable {
    /// The reports by their source.
    public var reports: [String: EdgeReport] = [:]

    public init(_ reports: [EdgeReport] = []) {
        for report in reports { self.reports[report.source] = report }
    }

    private var ordered: [EdgeReport] { reports.sorted { $0.key < $1.key }.map(\.value) }

    /// The parts of the callee over all callers' proxies, by name.
    public var parts: [EdgeReport.Part] {
        var samples: [String: (part: EdgeReport.Part, samples: [TrafficSample])] = [:]
        for part in ordered.flatMap(\.parts) {
            samples[part.name, default: (part, [])].samples.append(part.sample)
        }
        return samples.sorted { $0.key < $1.key }.map { _, known in
            var part = known.part
            part.sample = known.samples.count == 1 ? known.samples[0] : TrafficSample(across: known.samples)
            return part
        }
    }

    /// The addresses that any caller's proxy leaves out.
    public var ejected: [String] { Set(ordered.compactMap(\.ejected).flatMap(\.self)).sorted() }

    /// The least that any of them tells: one caller without identity is the news.
    public var mutualShare: Double? { ordered.compactMap(\.mutualShare).min() }

    /// What the first of them says; nil when none does.
    public var protection: EdgeProtection? { ordered.lazy.compactMap(\.protection).first }

    /// True when proxies of the caller are configured in different ways.
    public var differs: Bool {
        let all = ordered.compactMap(\.protection)
        return all.dropFirst().contains { $0 != all[0] }
    }
}

extension MeshState {
    /// Takes what a proxy tells of an edge.
    mutating func learn(_ report: EdgeReport) {
        if knowledge[report.edge]?.reports[report.source] != nil {
            knowledge[report.edge]?.reports[report.source]?.add(report)
        } else if !report.isEmpty {
            knowledge[report.edge, default: EdgeKnowledge()].reports[report.source] = report
        }
    }

    /// A proxy that left tells no more.
    mutating func forgetKnowledge(of source: String) {
        for edge in knowledge.keys where knowledge[edge]?.reports[source] != nil {
            knowledge[edge]?.reports[source] = nil
            if knowledge[edge]?.reports.isEmpty ?? false { knowledge[edge] = nil }
        }
    }
}
