/// The programs we can observe; each has one adapter in MeshClient.
public enum SourceKind: String, CaseIterable, Sendable {
    case envoy
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
    public var state: SourceState
    /// Why it is not fresh, in words for a person.
    public var explanation: String?

    public init(
        name: String, kind: SourceKind, endpoint: String, service: ServiceName?, state: SourceState,
        explanation: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.endpoint = endpoint
        self.service = service
        self.state = state
        self.explanation = explanation
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
