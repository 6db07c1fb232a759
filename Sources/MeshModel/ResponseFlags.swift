/// What Envoy's response flags mean, in words for people who read them once.
///
/// The list is that of Envoy 1.40: `%RESPONSE_FLAGS%` in its documentation of access logs
/// (https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage) and
/// `ResponseFlagUtils` in `source/common/stream_info/utility.h`. A filter may register flags of its own.
public enum ResponseFlags {
    /// What happened to the request; nil for a flag that Envoy itself does not have.
    public static func words(for flag: String) -> String? { known[flag] }

    /// Whether the request failed for it. A delay and an answer out of a cache are no failures.
    public static func isFailure(_ flag: String) -> Bool { flag != "DI" && flag != "RFCF" }

    private static let known = [
        "DC": "the caller closed the connection before the response",
        "DF": "the callee's name could not be resolved",
        "DI": "delayed by an injected fault",
        "DO": "dropped by the control plane's overload policy",
        "DPE": "the caller's request broke the HTTP protocol",
        "DR": "the caller reset the request",
        "DT": "the connection reached its maximum duration",
        "FI": "aborted by an injected fault",
        "IH": "rejected: an Envoy header has an invalid value",
        "LH": "rejected: the proxy's own health check fails",
        "LR": "the proxy reset the connection",
        "NC": "the route leads to a cluster that the proxy does not have",
        "NFCF": "the configuration of a filter has not arrived",
        "NR": "no route matches the request",
        "OM": "ended by the overload manager: the proxy is short of resources",
        "RFCF": "answered from a cache",
        "RL": "rejected by a rate limit",
        "RLSE": "rejected: the rate limit service failed",
        "SI": "the request was idle for too long",
        "UAEX": "denied by the authorization service",
        "UC": "the callee closed the connection before the response",
        "UDO": "dropped: the control plane's overload policy drops all requests",
        "UF": "the connection to the callee failed",
        "UH": "no healthy host of the callee is left",
        "UMSDR": "the request reached its maximum duration",
        "UO": "circuit breaker open: the request was not sent",
        "UPE": "the callee's response broke the HTTP protocol",
        "UR": "the callee reset the request",
        "URX": "all retries are used up",
        "UT": "timeout: the callee did not answer in time",
    ]
}
