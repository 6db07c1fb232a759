internal import MeshModel

/// What the admin pages of one Envoy say of how it is configured: who it is, what it listens to and where that leads.
/// It holds what was read and decides nothing: that is for `EnvoyShape`.
struct EnvoyOutline: Equatable, Sendable {
    /// Who an Envoy says that it is, in `/server_info`.
    struct Node: Equatable, Sendable {
        var id = ""
        var cluster = ""
        var zone: String?
        /// The version of the program, like `1.40.0`.
        var version: String?
        /// Which version of the service is beside it, where its labels tell.
        var serviceVersion: String?
    }

    /// One endpoint of a cluster.
    struct Host: Hashable, Sendable {
        /// An IP address, or the path of a Unix socket.
        var address: String
        var port: Int
        var hostname = ""

        var isLoopback: Bool {
            address == "::1" || address.hasPrefix("127.") || address == "localhost" || address.hasPrefix("/")
                || address.hasPrefix("@")
        }
    }

    /// Where requests may go.
    struct Cluster: Equatable, Sendable {
        var name: String
        /// How its statistics call it.
        var statName: String
        /// STATIC, STRICT_DNS, EDS, ORIGINAL_DST, or the name of an extension.
        var type = ""
        /// The name by which its endpoints are asked for, where it is another.
        var endpointsName: String?
        var hosts: [Host] = []
        var speaksHTTP2 = false
    }

    var node = Node()
    var gates: [EnvoyGate] = []
    var clusters: [Cluster] = []
    /// Where the admin page itself is served.
    var admin: Host?
    /// Whether runtime settings can be changed by the admin page; nil when no page told.
    var hasAdminLayer: Bool?
    /// True when the statistics of some things are left out on purpose.
    var hidesStatistics = false
    /// Names of route configurations that a listener uses and no page shows.
    var missingRoutes: [String] = []

    func cluster(_ name: String) -> Cluster? {
        clusters.first { $0.name == name }
    }

    /// Names as Envoy's statistics write them (`Stats::Utility::sanitizeStatsName`).
    static func statName(_ name: String) -> String {
        var result = ""
        var rest = name[...]
        while let colon = rest.firstIndex(of: ":") {
            result += rest[..<colon] + "_"
            rest = rest[colon...].dropFirst()
            if rest.hasPrefix("//") { rest = rest.dropFirst(2) } else if rest.hasPrefix("/") { rest = rest.dropFirst() }
        }
        return result + rest
    }
}

/// One way through an Envoy: an HTTP connection manager or a TCP proxy of a listener, and where it leads.
struct EnvoyGate: Equatable, Sendable {
    /// `traffic_direction` of the listener.
    enum Direction: Equatable, Sendable {
        case inbound, outbound, unspecified
    }

    /// One route of the gate.
    struct Route: Equatable, Sendable {
        var clusters: [String] = []
        /// Clusters that get a copy of each request, whose answers nobody waits for.
        var mirrors: [String] = []
        var isGRPC = false
        /// True when a header of each request names the cluster.
        var choosesByHeader = false
        /// The fault settings of the route, its virtual host or one of its clusters, which stand for the filter's.
        var faults: [EnvoyFaultSettings] = []
    }

    var listener: String
    var address: EnvoyOutline.Host?
    var direction = Direction.unspecified
    /// What its statistics begin with, after `http.` or `tcp.`.
    var prefix: String
    var isHTTP = true
    var routes: [Route] = []
    /// True when some requests are answered here, without any cluster.
    var answersItself = false
    var faults: [EnvoyFaultSettings] = []
    /// True when requests get the header that makes fault filters read the caller's keys only.
    var namesCaller = false
    var countsGRPC = false

    var clusters: Set<String> { Set(routes.flatMap(\.clusters)) }
}
