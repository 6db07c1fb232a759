/// A mesh on paper: its services, who calls whom, how each behaves. The real bar and the simulator are built from it.
public struct MeshPlan: Sendable {
    public var name: String
    /// The service that customers reach first.
    public var entrance: String
    public var services: [ServicePlan]

    public init(name: String, entrance: String, services: [ServicePlan]) {
        self.name = name
        self.entrance = entrance
        self.services = services
    }

    /// The service of this name.
    public func service(_ name: String) -> ServicePlan? {
        services.first { $0.name == name }
    }

    /// How many edges the mesh has.
    public var edgeCount: Int {
        services.reduce(0) { $0 + $1.calls.count }
    }
}

/// One service on paper.
public struct ServicePlan: Sendable {
    public var name: String
    /// How many requests it works on at a time; the others queue.
    public var workers: Int
    /// How long its own work takes, without those it calls.
    public var work: WorkTime
    /// The share of requests it fails by itself, with a 500.
    public var failing: Double
    /// The share of requests it refuses with a 4xx because of what they ask.
    public var refusing: Double
    /// The size of its usual answer.
    public var answerBytes: Int
    public var calls: [CallPlan]
    /// The services it looks in on past its sidecar, so that no graph shows it; it closes while one of them fails.
    public var glances: [String]
    /// Those who do its work, each a process with a sidecar of its own. A model has one of each service.
    public var instances: [InstancePlan]

    public init(
        _ name: String, workers: Int, work: WorkTime, failing: Double = 0, refusing: Double = 0,
        answerBytes: Int = 600, calls: [CallPlan] = [], glances: [String] = [],
        instances: [InstancePlan] = [InstancePlan()]
    ) {
        self.name = name
        self.workers = workers
        self.work = work
        self.failing = failing
        self.refusing = refusing
        self.answerBytes = answerBytes
        self.calls = calls
        self.glances = glances
        self.instances = instances
    }

    /// The plan of the calls to this service.
    public func call(to name: String) -> CallPlan? {
        calls.first { $0.to == name }
    }
}

/// One instance of a service on paper.
public struct InstancePlan: Equatable, Sendable {
    public var version: String?
    public var zone: String?
    /// The share of requests that this one fails with a 500: the bug of a new version.
    public var failing: Double

    public init(version: String? = nil, zone: String? = nil, failing: Double = 0) {
        self.version = version
        self.zone = zone
        self.failing = failing
    }
}

/// One edge on paper: how a service calls another.
public struct CallPlan: Sendable {
    public var to: String
    /// The share of the caller's requests which make this call.
    public var chance: Double
    /// The caller's sidecar answers 504 after this time.
    public var timeout: Duration
    /// How often the caller's sidecar tries again after a 5xx.
    public var retries: Int
    /// The deadline of one try, when there are several.
    public var tryTimeout: Duration?
    /// Whether the caller fails when this call fails; otherwise it does without.
    public var isNeeded: Bool
    /// Whether it is made at the same time as the call before it.
    public var isTogether: Bool
    /// How many requests may be under way at a time before the circuit breaker refuses more.
    public var mostAtOnce: Int
    /// Whether instances that fail are left out for some seconds, and whether a request that met one is tried at another.
    public var leavesOut: Bool

    public init(
        _ to: String, chance: Double = 1, timeout: Duration, retries: Int = 0, tryTimeout: Duration? = nil,
        isNeeded: Bool = true, isTogether: Bool = false, mostAtOnce: Int = 64, leavesOut: Bool = false
    ) {
        self.to = to
        self.chance = chance
        self.timeout = timeout
        self.retries = retries
        self.tryTimeout = tryTimeout
        self.isNeeded = isNeeded
        self.isTogether = isTogether
        self.mostAtOnce = mostAtOnce
        self.leavesOut = leavesOut
    }
}

extension Duration {
    /// The seconds, fractions included.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// The whole milliseconds.
    var inMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
