/// A kind of program that is observed; each has one adapter in MeshClient. One that is not known here is kept as it is.
public struct SourceKind: RawRepresentable, Hashable, Sendable {
    public static let envoy = SourceKind(rawValue: "envoy")
    public static let toxiproxy = SourceKind(rawValue: "toxiproxy")
    public static let prometheus = SourceKind(rawValue: "prometheus")
    /// A list of other sources.
    public static let list = SourceKind(rawValue: "list")

    /// One word, as settings, ledgers and recordings spell it.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// True where every version of gameday can read it: the first ones take no other.
    var isEverKnown: Bool { self == .envoy }

    /// From the nearest to the traffic to the farthest: where several kinds tell of the same, the first of them is right.
    private static let order: [SourceKind] = [.envoy, .toxiproxy, .prometheus]

    /// How far from the traffic it stands; a kind that is not known here comes last.
    public var distance: Int { Self.order.firstIndex(of: self) ?? Self.order.count }
}

/// How current what we know of a source is.
public enum SourceState: String, CaseIterable, Sendable {
    case fresh, stale, unreachable
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
        let word = allSatisfy { $0.state == .unreachable } ? "unreachable" : "not heard"
        return "\(names) \(count == 1 ? "is" : "are") \(word) and left out"
    }
}
