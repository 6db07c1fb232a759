public import MeshModel

/// An error of the API as RFC 9457 (problem details) has it: `application/problem+json`.
public struct Problem: Explained, Equatable {
    /// What kind of problem, as a path under `https://gameday.invalid/problems/`; stable, so that a script can branch on it.
    public enum Kind: String, CaseIterable, Sendable {
        case badRequest = "bad-request"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case unknownEdge = "unknown-edge"
        case halted
        case refusedByGuardRail = "refused-by-guard-rail"
        case proxyRefused = "proxy-refused"
        case proxyUnreachable = "proxy-unreachable"
        case ledgerUnwritable = "ledger-unwritable"
        case notProven = "not-proven"
        case notAllowed = "not-allowed"
        case experimentRunning = "experiment-running"
        case badExperiment = "bad-experiment"
        case gateShut = "gate-shut"
        case busy
        case `internal`
    }

    public var kind: Kind
    /// The HTTP status.
    public var status: Int
    /// What is wrong in a line.
    public var title: String
    /// What exactly, with names and numbers.
    public var detail: String?
    /// What to do, as a sentence; an extension member of ours.
    public var remedy: String?

    public init(_ kind: Kind, status: Int, title: String, detail: String? = nil, remedy: String? = nil) {
        self.kind = kind
        self.status = status
        self.title = title
        self.detail = detail
        self.remedy = remedy
    }

    public var summary: String { detail.map { "\(title): \($0)" } ?? title }

    public static let contentType = "application/problem+json"
    static let base = "https://gameday.invalid/problems/"

    public var json: JSON {
        [
            "type": .string(Self.base + kind.rawValue), "title": .string(title), "status": .integer(Int64(status)),
            "detail": JSON(detail), "remedy": JSON(remedy),
        ]
    }

    public init(_ fields: WireFields) throws(WireError) {
        let type = try fields.string("type")
        let word = type.hasPrefix(Self.base) ? String(type.dropFirst(Self.base.count)) : type
        self.init(
            Kind(rawValue: word) ?? .internal, status: try fields.integer("status"),
            title: try fields.string("title"), detail: fields.value("detail")?.string,
            remedy: fields.value("remedy")?.string)
    }
}
