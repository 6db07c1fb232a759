/// A mesh as the settings describe it: what to hold it to, and when to stop.
public struct MeshDescription: Equatable, Sendable {
    public var name: String
    /// The path of the settings that describe it, from the root; nil where there are none.
    public var file: String?
    public var entrance: ServiceName?
    /// Seconds between two looks at a source that has no pace of its own.
    public var pollInterval: Double
    public var objectives: [Objective]
    public var guards: [Guard]
    /// Services that no fault may touch, neither as caller nor as callee.
    public var protected: Set<ServiceName>
    /// The longest lease that is granted, in seconds.
    public var longestLease: Double
    /// The folder of experiments, as the settings name it.
    public var experiments: String?
    public var recording = Recording()
    /// How many seconds before its end a certificate is told as near; nil for a tenth of its life.
    public var certificateWarning: Double?
    /// Where traces and services can be looked at.
    public var links: [MeshLink] = []

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
        name: String, entrance: ServiceName? = nil, pollInterval: Double = 1, objectives: [Objective] = [],
        guards: [Guard] = [], protected: Set<ServiceName> = [],
        longestLease: Double = Session.usualLongestLease
    ) {
        self.name = name
        self.entrance = entrance
        self.pollInterval = pollInterval
        self.objectives = objectives
        self.guards = guards
        self.protected = protected
        self.longestLease = longestLease
    }
}
