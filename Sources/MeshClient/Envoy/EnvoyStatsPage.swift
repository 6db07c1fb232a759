internal import MeshModel

/// A number that a page of statistics holds for a listener and the cluster behind it.
enum EnvoyStat: Int, CaseIterable, Sendable {
    case completed, answers2xx, answers3xx, answers4xx, answers5xx, resets, active
    case aborts, delays, rateLimits
    case timeouts, retries, activeOverflows, pendingOverflows, connectFailures
    case healthyHosts, totalHosts
    case maintenance, grpcFailures, grpcTotal, connections, bytesReceived, bytesSent, ejectedHosts

    /// The counters of the listener start anew together, and so do those of the cluster.
    static let ofListener: [EnvoyStat] = [
        .completed, .answers2xx, .answers3xx, .answers4xx, .answers5xx, .resets, .aborts, .delays, .rateLimits,
    ]
    static let ofCluster: [EnvoyStat] = [.timeouts, .retries, .activeOverflows, .pendingOverflows, .connectFailures]
    /// With what only Envoys are asked whose names are their own.
    static let ofPlainCluster: [EnvoyStat] =
        ofCluster + [.maintenance, .grpcFailures, .grpcTotal, .connections, .bytesReceived, .bytesSent]

    init?(listener name: some StringProtocol) {
        switch name {
        case "downstream_rq_completed": self = .completed
        case "downstream_rq_2xx": self = .answers2xx
        case "downstream_rq_3xx": self = .answers3xx
        case "downstream_rq_4xx": self = .answers4xx
        case "downstream_rq_5xx": self = .answers5xx
        case "downstream_rq_rx_reset": self = .resets
        case "downstream_rq_active": self = .active
        case "fault.aborts_injected": self = .aborts
        case "fault.delays_injected": self = .delays
        case "fault.response_rl_injected": self = .rateLimits
        default: return nil
        }
    }

    init?(cluster name: some StringProtocol) {
        switch name {
        case "upstream_rq_timeout": self = .timeouts
        case "upstream_rq_retry": self = .retries
        case "upstream_rq_active_overflow": self = .activeOverflows
        case "upstream_rq_pending_overflow": self = .pendingOverflows
        case "upstream_cx_connect_fail": self = .connectFailures
        case "membership_healthy": self = .healthyHosts
        case "membership_total": self = .totalHosts
        case "outlier_detection.ejections_active": self = .ejectedHosts
        default: return nil
        }
    }

    /// What a cluster says of its requests, where they are counted there.
    init?(requestsOfCluster name: some StringProtocol) {
        switch name {
        case "upstream_rq_completed": self = .completed
        case "upstream_rq_2xx": self = .answers2xx
        case "upstream_rq_3xx": self = .answers3xx
        case "upstream_rq_4xx": self = .answers4xx
        case "upstream_rq_5xx": self = .answers5xx
        case "upstream_rq_cancelled": self = .resets
        case "upstream_rq_active": self = .active
        default: return nil
        }
    }

    /// What only Envoys are asked whose names are their own.
    init?(othersOfCluster name: some StringProtocol) {
        switch name {
        case "upstream_rq_maintenance_mode": self = .maintenance
        case "upstream_cx_total": self = .connections
        case "upstream_cx_rx_bytes_total": self = .bytesReceived
        case "upstream_cx_tx_bytes_total": self = .bytesSent
        default: return nil
        }
    }
}

/// What one page of statistics says, flat, so that reading the next one into the same memory allocates nothing.
/// A scope is a number that the reader of the pages gave out.
struct EnvoyStatsPage {
    static let width = EnvoyStat.allCases.count

    private(set) var scopes = 0
    private var values: [UInt64] = []
    /// A bit for each statistic that the page holds, for each scope.
    private var presence: [UInt32] = []
    /// Ordered running totals; meaningful where `hasLatency`.
    private(set) var latencies: [[LatencyHistogram.Bin]] = []
    private var latencyPresence: [Bool] = []
    /// Seconds since the proxy started by the clock on its wall: a clock that is set back may make it anything.
    var uptime: UInt64?
    /// How many requests the admin page itself has answered.
    var asked: UInt64?
    /// 0 is live, 1 draining, 2 and 3 starting.
    var state: UInt64?
    /// How often its configuration changed: any other number means another one.
    var changes: UInt64?

    /// What is worth saying of a proxy that answers; nil when it is live, or does not say.
    var health: String? {
        switch state {
        case 1: "draining"
        case 2, 3: "starting"
        default: nil
        }
    }

    /// Forgets what the page said, and makes room for so many scopes.
    mutating func clear(scopes count: Int) {
        uptime = nil
        asked = nil
        state = nil
        changes = nil
        for scope in 0..<scopes {
            presence[scope] = 0
            latencyPresence[scope] = false
        }
        grow(to: count)
    }

    mutating func grow(to count: Int) {
        guard count > scopes else { return }
        let more = count - scopes
        values.append(contentsOf: repeatElement(0, count: more * Self.width))
        presence.append(contentsOf: repeatElement(0, count: more))
        latencies.append(contentsOf: repeatElement([], count: more))
        latencyPresence.append(contentsOf: repeatElement(false, count: more))
        scopes = count
    }

    /// Nil when the page did not say.
    subscript(scope: Int, stat: EnvoyStat) -> UInt64? {
        guard scope < scopes, presence[scope] & (1 << UInt32(stat.rawValue)) != 0 else { return nil }
        return values[scope &* Self.width &+ stat.rawValue]
    }

    mutating func set(slot: Int, to value: UInt64) {
        values[slot] = value
        presence[slot / Self.width] |= 1 << UInt32(slot % Self.width)
    }

    /// Adds to a number that several statistics make.
    mutating func add(slot: Int, _ value: UInt64) {
        let bit: UInt32 = 1 << UInt32(slot % Self.width)
        values[slot] = presence[slot / Self.width] & bit == 0 ? value : values[slot] &+ value
        presence[slot / Self.width] |= bit
    }

    /// Takes the bins by swapping, so that both sides keep their memory.
    mutating func swapLatency(_ scope: Int, with bins: inout [LatencyHistogram.Bin]) {
        swap(&latencies[scope], &bins)
        latencyPresence[scope] = true
    }

    func hasLatency(_ scope: Int) -> Bool {
        scope < scopes && latencyPresence[scope]
    }

    /// True when the page said anything of the scope.
    func mentions(_ scope: Int) -> Bool {
        scope < scopes && (presence[scope] != 0 || latencyPresence[scope])
    }
}
