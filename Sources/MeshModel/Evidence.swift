/// What a fault is known by. One that is not known here is kept as it is.
public struct Evidence: RawRepresentable, Hashable, Sendable {
    /// Counters tell how many requests it hit.
    public static let counted = Evidence(rawValue: "counted")
    /// Whoever holds it says so; nobody counts what it hits.
    public static let held = Evidence(rawValue: "held")
    /// It was asked for, and nothing confirms it.
    public static let asked = Evidence(rawValue: "asked")

    /// One word, as the wire spells it.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// What a person may make of it, as the end of a sentence: `hits are counted`.
    public var words: String {
        switch self {
        case .counted: "hits are counted"
        case .held: "confirmed by its source, not by counted hits"
        case .asked: "requested; nothing confirms it"
        default: "evidence '\(rawValue)' is unknown to this version"
        }
    }
}
