/// A kind of program that is observed; each has one adapter in MeshClient. One that is not known here is kept as it is.
public struct SourceKind: RawRepresentable, Hashable, Sendable {
    public static let envoy = SourceKind(rawValue: "envoy")
    /// A VirtualService of Istio's, which holds faults for the sidecars of all callers.
    public static let istio = SourceKind(rawValue: "istio")
    /// A Deployment or a StatefulSet, whose pods faults are done to.
    public static let workload = SourceKind(rawValue: "workload")
    /// A sidecar of Istio's.
    public static let sidecar = SourceKind(rawValue: "sidecar")
    /// An object of Chaos Mesh, which does something to pods.
    public static let chaosMesh = SourceKind(rawValue: "chaos-mesh")
    public static let toxiproxy = SourceKind(rawValue: "toxiproxy")
    public static let prometheus = SourceKind(rawValue: "prometheus")
    /// What runs a demo and its mesh, and holds what is done to them.
    public static let box = SourceKind(rawValue: "box")
    /// A list of other sources.
    public static let list = SourceKind(rawValue: "list")

    /// One word, as settings, ledgers and recordings spell it.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// True where every version of gameday can read it: the first ones take no other.
    var isEverKnown: Bool { self == .envoy }

    /// Whether it tells of requests. A list tells of other sources, and what holds faults for others
    /// of these alone.
    public var tellsTraffic: Bool { ![.list, .istio, .workload, .chaosMesh, .box].contains(self) }

    /// From the nearest to the traffic to the farthest: where several kinds tell of the same, the first of them is right.
    private static let order: [SourceKind] = [.envoy, .sidecar, .istio, .toxiproxy, .workload, .chaosMesh, .box]

    /// How far from the traffic it stands. A kind that is not known here comes after those that are, and before a
    /// Prometheus, which only keeps what others told it.
    public var distance: Int {
        Self.order.firstIndex(of: self) ?? (self == .prometheus ? Self.order.count + 1 : Self.order.count)
    }
}

/// How current what we know of a source is.
public enum SourceState: OpenWord {
    case fresh, stale, unreachable
    /// What a later version calls it. Nothing is taken for current then.
    case other(String)

    public static let known: [SourceState] = [.fresh, .stale, .unreachable]

    public var rawValue: String {
        switch self {
        case .fresh: "fresh"
        case .stale: "stale"
        case .unreachable: "unreachable"
        case .other(let word): word
        }
    }
}

/// One place that observations come from: one proxy's admin page, say.
public struct SourceReport: Equatable, Sendable {
    /// Unique in a session; for a sidecar it is the name of its service, with a number where a service has several.
    public var name: String
    public var kind: SourceKind
    /// The address as a URL, without secrets.
    public var endpoint: String
    public var service: ServiceName?
    /// The callee, of a source that stands for one edge of that service and no more.
    public var callee: ServiceName?
    public var state: SourceState
    /// Why it is not fresh, in words for a person.
    public var explanation: String?
    /// Seconds between two looks at it, where it has a pace of its own; nil for the session's.
    public var interval: Double?
    /// Of the instance that it stands for: which version of its service, where it runs, and how it is.
    public var version: String?
    public var zone: String?
    public var health: String?

    /// The health of one that was not there when the day began, and of one that nothing names any more.
    public static let new = "new"
    public static let gone = "gone"
    /// It is no part of the mesh any more; what it still holds is told by the ledger.
    public var isGone: Bool { health == Self.gone }

    public init(
        name: String, kind: SourceKind, endpoint: String, service: ServiceName?, state: SourceState,
        explanation: String? = nil, interval: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.endpoint = endpoint
        self.service = service
        self.state = state
        self.explanation = explanation
        self.interval = interval
    }
}

extension [SourceReport] {
    /// Says of proxies that a fault does without them; nil when there are none.
    public var leftOut: String? {
        guard !isEmpty else { return nil }
        let names = prefix(3).map(\.name).joined(separator: ", ") + (count > 3 ? " and \(count - 3) more" : "")
        let word = allSatisfy { $0.state == .unreachable } ? "unreachable" : "stale"
        return "\(names) \(count == 1 ? "is" : "are") \(word) and left out"
    }
}
