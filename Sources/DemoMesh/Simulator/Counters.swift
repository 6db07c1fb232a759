/// What a listener of a sidecar counts; the names are Envoy's, below `http.<listener>.`.
enum ListenerCounter: Int, CaseIterable {
    case informed, succeeded, redirected, refused, failed, active, completed, reset, total
    case aborts, delays, limits, activeFaults, faultsOverflow

    var name: String {
        switch self {
        case .informed: "downstream_rq_1xx"
        case .succeeded: "downstream_rq_2xx"
        case .redirected: "downstream_rq_3xx"
        case .refused: "downstream_rq_4xx"
        case .failed: "downstream_rq_5xx"
        case .active: "downstream_rq_active"
        case .completed: "downstream_rq_completed"
        case .reset: "downstream_rq_rx_reset"
        case .total: "downstream_rq_total"
        case .aborts: "fault.aborts_injected"
        case .delays: "fault.delays_injected"
        case .limits: "fault.response_rl_injected"
        case .activeFaults: "fault.active_faults"
        case .faultsOverflow: "fault.faults_overflow"
        }
    }

    var isGauge: Bool { self == .active || self == .activeFaults }
}

/// What a sidecar counts of the cluster of a callee; the names are Envoy's, below `cluster.<callee>.`.
enum ClusterCounter: Int, CaseIterable {
    case breakerOpen, breakerRemaining, healthy, members, ejected, connectFailures, noneHealthy
    case succeeded, refused, failed, active, overflow, completed, pendingOverflow, tryTimeouts
    case retries, retriesSucceeded, timeouts, total

    var name: String {
        switch self {
        case .breakerOpen: "circuit_breakers.default.rq_open"
        case .breakerRemaining: "circuit_breakers.default.remaining_rq"
        case .healthy: "membership_healthy"
        case .members: "membership_total"
        case .ejected: "outlier_detection.ejections_active"
        case .connectFailures: "upstream_cx_connect_fail"
        case .noneHealthy: "upstream_cx_none_healthy"
        case .succeeded: "upstream_rq_2xx"
        case .refused: "upstream_rq_4xx"
        case .failed: "upstream_rq_5xx"
        case .active: "upstream_rq_active"
        case .overflow: "upstream_rq_active_overflow"
        case .completed: "upstream_rq_completed"
        case .pendingOverflow: "upstream_rq_pending_overflow"
        case .tryTimeouts: "upstream_rq_per_try_timeout"
        case .retries: "upstream_rq_retry"
        case .retriesSucceeded: "upstream_rq_retry_success"
        case .timeouts: "upstream_rq_timeout"
        case .total: "upstream_rq_total"
        }
    }

    var isGauge: Bool {
        switch self {
        case .breakerOpen, .breakerRemaining, .healthy, .members, .ejected, .active: true
        default: false
        }
    }
}

/// What a sidecar tells of itself, below `server.`.
enum ServerCounter: Int, CaseIterable {
    case concurrency, live, state, uptime

    var name: String {
        switch self {
        case .concurrency: "concurrency"
        case .live: "live"
        case .state: "state"
        case .uptime: "uptime"
        }
    }
}
