internal import MeshModel

/// What `GET /clusters?format=json` of one sidecar says of everybody it calls, and of the program beside it: totals of
/// attempts at each endpoint, whatever the statistics' matcher hides, and who is left out for its failures. Read as Envoy
/// 1.40 writes it.
struct IstioClusters: Equatable {
    /// One endpoint of one cluster.
    struct Host: Equatable {
        /// Where it is, like `10.244.0.13:9080`.
        var address = ""
        /// Running totals of attempts: a request that was tried again counts twice. Envoy leaves out what is zero.
        var attempts: UInt64 = 0
        var successes: UInt64 = 0
        /// With those that were never sent: overflows, and connections that failed.
        var errors: UInt64 = 0
        var timeouts: UInt64 = 0
        var connectFailures: UInt64 = 0
        /// Under way at this moment.
        var active: UInt64 = 0
        /// Left out because of its failures.
        var isEjected = false
        var isHealthy = true
    }

    /// One cluster, which Istio makes of each port of a service, and of each subset of it.
    struct Cluster: Equatable {
        var name: String
        var hosts: [Host] = []
    }

    private static let page = "/clusters"
    /// A page that names more is none of a sidecar.
    static let mostClusters = 65536

    private(set) var clusters: [Cluster] = []

    init(_ bytes: [UInt8]) throws(WireError) {
        // A typed throw does not pass through the closure, a result does.
        let outcome = bytes.withUnsafeBufferPointer { buffer in
            var scanner = ByteScanner(buffer, page: Self.page)
            do throws(WireError) {
                return Result<[Cluster], WireError>.success(try Self.document(&scanner))
            } catch {
                return .failure(error)
            }
        }
        clusters = try outcome.get()
    }

    private static func document(_ scanner: inout ByteScanner) throws(WireError) -> [Cluster] {
        var clusters: [Cluster]?
        try scanner.eachMember("") { name, scanner throws(WireError) in
            guard name == "cluster_statuses" else { return try scanner.skipValue("") }
            var found: [Cluster] = []
            try scanner.eachItem("cluster_statuses") { scanner throws(WireError) in
                guard found.count < mostClusters else { return try scanner.skipValue("cluster_statuses") }
                found.append(try cluster(&scanner))
            }
            clusters = found
        }
        scanner.skipSpace()
        guard scanner.next == nil else { throw scanner.error("") }
        guard let clusters else { throw WireError(page: page, path: "cluster_statuses", found: "missing") }
        return clusters
    }

    private static func cluster(_ scanner: inout ByteScanner) throws(WireError) -> Cluster {
        var cluster = Cluster(name: "")
        try scanner.eachMember("cluster_statuses") { name, scanner throws(WireError) in
            switch name {
            case "name": cluster.name = try scanner.text("cluster_statuses.name")
            case "host_statuses":
                try scanner.eachItem("host_statuses") { scanner throws(WireError) in
                    cluster.hosts.append(try host(&scanner))
                }
            default: try scanner.skipValue("cluster_statuses")
            }
        }
        return cluster
    }

    private static func host(_ scanner: inout ByteScanner) throws(WireError) -> Host {
        var host = Host()
        try scanner.eachMember("host_statuses") { name, scanner throws(WireError) in
            switch name {
            case "address": host.address = try address(&scanner)
            case "stats":
                try scanner.eachItem("stats") { scanner throws(WireError) in try take(&scanner, into: &host) }
            case "health_status":
                try scanner.eachMember("health_status") { name, scanner throws(WireError) in
                    try takeHealth(name, &scanner, into: &host)
                }
            default: try scanner.skipValue("host_statuses")
            }
        }
        return host
    }

    /// A socket's address and port, the path of a Unix socket, or the name of a listener inside the proxy.
    private static func address(_ scanner: inout ByteScanner) throws(WireError) -> String {
        var parts: [String] = []
        try scanner.eachMember("address") { _, scanner throws(WireError) in
            try scanner.eachMember("address") { name, scanner throws(WireError) in
                switch name {
                case "address": parts.insert(try scanner.text("address"), at: 0)
                case "port_value": parts.append("\(try scanner.count("port_value") ?? 0)")
                case "path", "server_listener_name", "endpoint_id": parts.append(try scanner.text("address"))
                default: try scanner.skipValue("address")
                }
            }
        }
        return parts.joined(separator: ":")
    }

    private static func take(_ scanner: inout ByteScanner, into host: inout Host) throws(WireError) {
        var stat = ""
        var value: UInt64 = 0
        try scanner.eachMember("stats") { name, scanner throws(WireError) in
            switch name {
            case "name": stat = try scanner.text("stats.name")
            case "value":
                scanner.skipSpace()
                // 64 bits stand in quotes, as protobuf's JSON has them.
                value =
                    scanner.next == 0x22
                    ? UInt64(try scanner.text("stats.value")) ?? 0 : try scanner.count("stats.value") ?? 0
            default: try scanner.skipValue("stats")
            }
        }
        switch stat {
        case "rq_total": host.attempts = value
        case "rq_success": host.successes = value
        case "rq_error": host.errors = value
        case "rq_timeout": host.timeouts = value
        case "cx_connect_fail": host.connectFailures = value
        case "rq_active": host.active = value
        default: break
        }
    }

    private static func takeHealth(
        _ name: String, _ scanner: inout ByteScanner, into host: inout Host
    ) throws(WireError) {
        switch name {
        case "failed_outlier_check": host.isEjected = try scanner.truth()
        case "failed_active_health_check", "failed_active_degraded_check", "pending_dynamic_removal":
            if try scanner.truth(), name != "failed_active_degraded_check" { host.isHealthy = false }
        case "eds_health_status":
            let status = try scanner.text("eds_health_status")
            if ["UNHEALTHY", "DRAINING", "TIMEOUT"].contains(status) { host.isHealthy = false }
        default: try scanner.skipValue("health_status")
        }
    }
}

extension ByteScanner {
    /// Goes through the members of an object; the closure has to move past each value.
    mutating func eachMember(
        _ member: StaticString, _ take: (String, inout ByteScanner) throws(WireError) -> Void
    ) throws(WireError) {
        try expect(0x7B, member)
        while !self.take(0x7D) {
            let name = try text(member)
            try expect(0x3A, member)
            try take(name, &self)
            if !self.take(0x2C), next != 0x7D { throw error(member) }
        }
    }

    /// Goes through the items of an array; the closure has to move past each.
    mutating func eachItem(
        _ member: StaticString, _ take: (inout ByteScanner) throws(WireError) -> Void
    ) throws(WireError) {
        try expect(0x5B, member)
        if self.take(0x5D) { return }
        repeat { try take(&self) } while self.take(0x2C)
        try expect(0x5D, member)
    }

    /// `true`; anything else is not.
    mutating func truth() throws(WireError) -> Bool {
        skipSpace()
        if take("true") { return true }
        try skipValue("")
        return false
    }
}
