/// Where a fault is in its life. The words come from evidence, not from our own wishes.
public enum FaultPhase: OpenWord {
    /// Its undo is on disk; the proxy was told, and has not confirmed yet.
    case requested
    /// The proxy says that it holds the fault; no request was hit yet.
    case accepted
    /// The proxy's own counters show requests hit by it, or all that should hold it say so and nobody counts.
    case active
    /// The undo is under way, and not proven yet.
    case reverting
    /// Undone and proven: the proxy no longer holds it.
    case reverted
    /// The proxy lost it by itself, by a restart or by another's hand.
    case lost
    /// The undo could not be proven: the proxy did not answer. It is tried again until it does.
    case stuck
    /// Never injected: the proxy refused it.
    case refused
    /// What a later version calls it. It may still be there.
    case other(String)

    public static let known: [FaultPhase] = [
        .requested, .accepted, .active, .reverting, .reverted, .lost, .stuck, .refused,
    ]

    public var rawValue: String {
        switch self {
        case .requested: "requested"
        case .accepted: "accepted"
        case .active: "active"
        case .reverting: "reverting"
        case .reverted: "reverted"
        case .lost: "lost"
        case .stuck: "stuck"
        case .refused: "refused"
        case .other(let word): word
        }
    }

    /// What a person reads; the wire keeps its own words.
    public var word: String {
        switch self {
        case .accepted: "configured"
        case .reverting: "being removed"
        case .reverted: "removed"
        case .requested, .active, .lost, .stuck, .refused, .other: rawValue
        }
    }

    /// True when nothing of it can be left in a proxy.
    public var isOver: Bool {
        switch self {
        case .reverted, .lost, .refused: true
        case .requested, .accepted, .active, .reverting, .stuck, .other: false
        }
    }
}

/// What ended a fault that no proxy was seen to let go of; it stands beside the phase `lost`.
public enum FaultEnding: String, Sendable {
    /// The proxies that held it are not there any more.
    case gone
    /// Somebody gave it up, unproven.
    case forgotten
    /// It was of a kind that nobody can undo: what it did was done, and nothing of it is left to take away.
    case over
}

/// A fault on an edge: what was asked, by whom, until when, and what is known of it.
public struct Fault: Equatable, Sendable, Identifiable {
    /// Short and unique in a session, like `F3`; `X1` for an orphan, which was not started here.
    public var id: String
    public var kind: FaultKind
    public var edge: Edge
    /// The share of the edge's requests it is to hit, 0...1.
    public var share: Double
    /// Who asked for it.
    public var by: String
    public var requestedAt: Timestamp
    /// When the proxies confirmed it; what is seen counts from here.
    public var acceptedAt: Timestamp?
    public var endedAt: Timestamp?
    /// When its lease was last renewed; nil if it never was.
    public var renewedAt: Timestamp?
    /// It ends by itself then.
    public var leaseEnds: Timestamp
    public var phase: FaultPhase
    /// The sources it lives in.
    public var sources: [String]
    /// What it is known by.
    public var evidence = Evidence.counted
    /// Why it ended or is stuck, in words for a person.
    public var explanation: String?
    /// Found in a proxy and not started here.
    public var isOrphan = false
    /// The sources that should hold it and were seen not to, or not as it was asked for.
    public var missing: [String] = []
    /// The run of an experiment that started it, and whose end is its own.
    public var run: String?
    /// How it ended, if its proxies could not show it; nil for one that stands, and for a proven end.
    public var ending: FaultEnding?

    public init(
        id: String, kind: FaultKind, edge: Edge, share: Double, by: String, requestedAt: Timestamp,
        leaseEnds: Timestamp, phase: FaultPhase = .requested, sources: [String] = []
    ) {
        self.id = id
        self.kind = kind
        self.edge = edge
        self.share = share
        self.by = by
        self.requestedAt = requestedAt
        self.leaseEnds = leaseEnds
        self.phase = phase
        self.sources = sources
    }

    /// What it is once every source that should hold it says so. What nobody counts can't be more than held.
    public var phaseOnceHeld: FaultPhase { evidence == .held ? .active : .accepted }

    /// Seconds that its lease was granted for.
    public var leaseLength: Double { max(0, leaseEnds.seconds(since: renewedAt ?? requestedAt)) }

    /// Seconds until it ends by itself; never negative.
    public func leaseRemaining(at now: Timestamp) -> Double {
        max(0, leaseEnds.seconds(since: now))
    }
}

/// A wish for a fault, before anything is known of it.
public struct FaultRequest: Equatable, Sendable {
    public var kind: FaultKind
    public var edge: Edge
    public var share: Double
    /// Seconds until it ends by itself.
    public var lease: Double
    public var by: String
    /// The run of an experiment that asks; only the control plane itself says so.
    public var run: String?

    public init(kind: FaultKind, edge: Edge, share: Double, lease: Double, by: String) {
        self.kind = kind
        self.edge = edge
        self.share = share
        self.lease = lease
        self.by = by
    }
}

/// What is to be different about a fault that stands.
public struct FaultChange: Equatable, Sendable {
    /// The share of requests that it is to hit from now on, 0...1.
    public var share: Double?
    /// Seconds from now until it ends by itself.
    public var lease: Double?

    public init(share: Double? = nil, lease: Double? = nil) {
        self.share = share
        self.lease = lease
    }

    public var json: JSON { ["share": JSON(share), "lease": JSON(lease)] }

    public init(_ fields: WireFields) throws(WireError) {
        share = fields.value("share") == nil ? nil : try fields.double("share")
        lease = fields.value("lease") == nil ? nil : try fields.double("lease")
    }
}

/// How many of the requests that could be hit were hit, by the proxy's own counters.
public struct SeenShare: Equatable, Sendable {
    public var hit: UInt64
    public var requests: UInt64

    public init(hit: UInt64, requests: UInt64) {
        self.hit = hit
        self.requests = requests
    }

    public var ratio: Double? { requests > 0 ? min(1, Double(hit) / Double(requests)) : nil }

    /// The Wilson score interval at 95 %: where the true share lies, given so few requests.
    /// Source: E. B. Wilson, 1927, Journal of the American Statistical Association 22.
    public var interval: ClosedRange<Double>? {
        guard let p = ratio else { return nil }
        let n = Double(requests)
        let z = 1.96
        let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
        // Rounding must not push the share itself out of its interval.
        return min(p, max(0, centre - half))...max(p, min(1, centre + half))
    }
}
