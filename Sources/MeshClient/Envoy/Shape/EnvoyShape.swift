public import MeshModel

/// What one Envoy is taken for, and why: which service it stands beside, what comes in, what goes out to whom, and what
/// can be broken there. Every decision has its reason, for people who wonder.
public struct EnvoyShape: Equatable, Sendable {
    /// How a proxy stands in the mesh.
    public enum Role: String, Sendable {
        /// It stands beside a service, whose requests it takes in.
        case sidecar
        /// It takes requests in and leads them to other services.
        case frontProxy = "front proxy"
        /// It only leads requests of its service to others.
        case egress
    }

    /// Something that was decided, and by what.
    public struct Reasoned<Value: Equatable & Sendable>: Equatable, Sendable {
        public var value: Value
        public var reason: String

        public init(_ value: Value, _ reason: String) {
            self.value = value
            self.reason = reason
        }
    }

    /// An edge that leaves the proxy.
    public struct Outgoing: Equatable, Sendable {
        public var to: ServiceName
        /// The clusters that lead there, each with its version of the callee where the name tells one.
        public var clusters: [Part]
        /// What the figures are read from, like `http.upstream.db.default.dc1` or `cluster.db`.
        public var measuredAt: String
        /// True when connections and bytes is all that can be seen.
        public var isTCP: Bool
        /// True when it only gets copies of requests.
        public var isMirror: Bool
        public var reason: String

        /// One cluster of it.
        public struct Part: Equatable, Sendable {
            public var cluster: String
            public var statName: String
            public var version: String?
        }
    }

    public var service: Reasoned<ServiceName>
    public var role: Reasoned<Role>
    /// What the figures of everything that comes in are read from; empty when nothing does.
    public var inbound: Reasoned<[String]>
    public var outgoing: [Outgoing]
    /// Clusters and listeners that were left out.
    public var leftOut: [Reasoned<String>]
    /// True when the proxy has the names that gameday gives to things: then it is read as ever.
    public var isPrepared: Bool
    public var hasAdminLayer: Bool?
    /// Zone, version of the program, version of the service.
    public var zone: String?
    public var version: String?
    /// Which statistic belongs to what.
    var names = EnvoyStatNames()
    /// Where faults can be had, by runtime keys.
    var faultPoints: [EnvoyFaultPoint] = []
    /// The clusters of the service itself.
    var locals: [Outgoing.Part] = []
    /// What it calls proxies that have no name of their own, by source.
    var called: [String: Reasoned<ServiceName>] = [:]
    /// True when failures inside gRPC answers are seen at its hosts only.
    var asksHosts = false
    /// True when somebody hides statistics, so that one that is missing is not at zero.
    var hidesStatistics = false
}

/// Which of an Envoy's statistics belong to which scope.
struct EnvoyStatNames: Equatable, Sendable {
    /// What a cluster's statistics tell.
    struct Cluster: Hashable, Sendable {
        var scope: EnvoyStatsWire.Scope
        /// True when its requests are counted there, and not at a listener before it.
        var isMeasure: Bool
    }

    /// By the prefix of a connection manager.
    var listeners: [String: EnvoyStatsWire.Scope] = [:]
    /// By the cluster's name in statistics.
    var clusters: [String: Cluster] = [:]
    /// The edge whose faults alone are counted at a connection manager that counts requests of others as well.
    var faults: [String: EnvoyStatsWire.Scope] = [:]
    /// True when nothing is known of the listeners, so that those named like entrances are what comes in.
    var guessesInbound = false
}

/// One place where requests can be hit by runtime keys, and whom it hits.
struct EnvoyFaultPoint: Equatable, Sendable {
    var settings: EnvoyFaultSettings
    /// The statistics prefix of the connection manager, where hits are counted.
    var prefix: String
    /// The callees whose requests pass it; the service itself stands for what comes in.
    var serves: Set<ServiceName>
    /// True for what comes in, false for what goes out.
    var isInbound: Bool
}
