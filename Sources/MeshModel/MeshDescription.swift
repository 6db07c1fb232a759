/// A mesh as the settings describe it: where to look, what to hold it to, when to stop.
public struct MeshDescription: Equatable, Sendable {
    /// One sidecar to poll.
    public struct Proxy: Equatable, Sendable {
        /// The service beside it; nil to ask the proxy itself.
        public var service: ServiceName?
        /// The base URL of its admin page, without a slash at the end.
        public var admin: String
        /// Files for an https page, by path: whom to believe, and what to show it. Nil for the system's own.
        public var authorityFile: String?
        public var certificateFile: String?
        public var keyFile: String?

        public init(
            service: ServiceName?, admin: String, authorityFile: String? = nil, certificateFile: String? = nil,
            keyFile: String? = nil
        ) {
            self.service = service
            self.admin = admin
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    public var name: String
    public var entrance: ServiceName?
    /// Seconds between two polls of a proxy.
    public var pollInterval: Double
    public var proxies: [Proxy]
    public var objectives: [Objective]
    public var guards: [Guard]
    /// Services that no fault may touch, neither as caller nor as callee.
    public var protected: Set<ServiceName>
    /// The longest lease that is granted, in seconds.
    public var longestLease: Double

    public init(
        name: String, entrance: ServiceName? = nil, pollInterval: Double = 1, proxies: [Proxy],
        objectives: [Objective] = [], guards: [Guard] = [], protected: Set<ServiceName> = [],
        longestLease: Double = 3600
    ) {
        self.name = name
        self.entrance = entrance
        self.pollInterval = pollInterval
        self.proxies = proxies
        self.objectives = objectives
        self.guards = guards
        self.protected = protected
        self.longestLease = longestLease
    }
}

/// A condition which halts everything by itself while faults are active.
public enum Guard: Hashable, Sendable {
    /// The objective of this name is broken for so many seconds without a break.
    case broken(objective: String, seconds: Double)
    /// The newest data is older than so many seconds: blind is a reason to stop.
    case stale(seconds: Double)
}
