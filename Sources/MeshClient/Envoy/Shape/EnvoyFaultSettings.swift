internal import MeshModel

/// The settings of one HTTP fault filter, or of a route that has its own: which faults it can do, and which runtime keys
/// move them (`envoy.extensions.filters.http.fault.v3.HTTPFault`).
struct EnvoyFaultSettings: Equatable, Sendable {
    /// One kind of fault that the settings have a block for; without the block its keys do nothing.
    struct Block: Equatable, Sendable {
        /// The amount in the configuration: a status, milliseconds, KiB/s.
        var amount: Int
        /// True when requests are hit without any runtime key.
        var isOn: Bool
        /// The key of the share, and that of the amount where there is one.
        var shareKey: String
        var amountKey: String?
    }

    var filter: String
    var abort: Block?
    var delay: Block?
    var rateLimit: Block?
    /// It acts on requests to this cluster only.
    var onlyCluster: String?
    /// It acts on requests with certain headers, or from certain nodes, only.
    var isNarrowed = false

    /// The keys of a share.
    var shareKeys: [String] { [abort, delay, rateLimit].compactMap { $0?.shareKey } }

    init(filter: String) {
        self.filter = filter
    }

    /// `caller` is the node's cluster where the filter reads the caller's keys instead of its own.
    init(_ settings: JSON, filter: String, caller: String?) {
        self.filter = filter
        func key(_ member: String, _ standard: String, _ callers: String? = nil) -> String {
            if let caller, let callers { return "fault.http.\(caller).\(callers)" }
            let own = settings[member]?.string ?? ""
            return own.isEmpty ? "fault.http.\(standard)" : own
        }
        if let block = settings["abort"], let status = block["http_status"]?.integer {
            let share = key("abort_percent_runtime", "abort.abort_percent", "abort.abort_percent")
            let amount = key("abort_http_status_runtime", "abort.http_status", "abort.http_status")
            abort = Block(amount: Int(status), isOn: Self.isOn(block), shareKey: share, amountKey: amount)
        }
        if let block = settings["delay"], let fixed = block["fixed_delay"]?.string {
            let share = key("delay_percent_runtime", "delay.fixed_delay_percent", "delay.fixed_delay_percent")
            let amount = key("delay_duration_runtime", "delay.fixed_duration_ms", "delay.fixed_duration_ms")
            delay = Block(
                amount: Self.milliseconds(fixed), isOn: Self.isOn(block), shareKey: share, amountKey: amount)
        }
        if let block = settings["response_rate_limit"], let limit = block["fixed_limit"]?["limit_kbps"],
            let kbps = limit.integer ?? limit.string.flatMap({ Int64($0) })
        {
            let share = key("response_rate_limit_percent_runtime", "rate_limit.response_percent")
            rateLimit = Block(amount: Int(clamping: kbps), isOn: Self.isOn(block), shareKey: share)
        }
        onlyCluster = settings["upstream_cluster"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        isNarrowed =
            settings["headers"]?.array?.isEmpty == false || settings["downstream_nodes"]?.array?.isEmpty == false
    }

    private static func isOn(_ block: JSON) -> Bool {
        (block["percentage"]?["numerator"]?.integer ?? 0) > 0
    }

    /// A duration as JSON writes those of protocol buffers, `0.200s`.
    static func milliseconds(_ text: String) -> Int {
        guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds.isFinite else { return 0 }
        return Int(clamping: Int64(clamping: seconds * 1000))
    }
}
