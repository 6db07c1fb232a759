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
    /// The path of the settings that describe it, from the root; nil where there are none.
    public var file: String?
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
    /// The folder of experiments, as the settings name it.
    public var experiments: String?
    public var recording = Recording()

    /// Whether sessions are recorded, and how many recordings are kept.
    public struct Recording: Equatable, Sendable {
        public var isOn = true
        /// At most so many recordings.
        public var keep = 100
        /// All of them together at most so many bytes.
        public var bytes = 1 << 30

        public init() {}
    }

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
