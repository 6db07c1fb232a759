/// Everything the control plane's API can do. Server and client both switch over it, so they can not drift apart.
/// It speaks HTTP/1.1 with JSON over a Unix socket; errors are problem documents (RFC 9457).
public enum ControlPlaneRoute: Equatable, Sendable {
    /// Who serves: process, version, session. `GET /v1/health`
    case health
    /// The whole state as one object. `GET /v1/status`
    case status
    /// The events after a number, one JSON a line, without an end. `GET /v1/events?after=N&watcher=ID`
    /// Without `after`, or when N is no longer held, the first line is a key frame. A watcher is a dashboard: when the
    /// last one is lost without a word, every fault is undone.
    case events(after: UInt64?, watcher: String?)
    /// `GET /v1/faults`
    case faults
    /// The body is a `FaultRequest`; the answer is 201 with the `Fault`. `POST /v1/faults`
    case startFault
    /// `DELETE /v1/faults/ID`
    case stopFault(id: String)
    /// Changes a fault that stands; the body is a `FaultChange` with `by`. `PATCH /v1/faults/ID`
    case changeFault(id: String)
    /// Undoes everything and latches; the answer is the `Halt` with its proofs. `POST /v1/halt`
    case halt
    /// Takes the latch back. `POST /v1/rearm`
    case rearm
    /// The body is `{"by": …, "text": …}`. `POST /v1/notes`
    case note
    /// A dashboard leaves on purpose, so that its going is no loss. `DELETE /v1/watchers/ID`
    case leave(watcher: String)
    /// The control plane's own numbers, as Prometheus reads them. `GET /v1/metrics`
    case metrics
    /// Undoes everything and ends the control plane. `POST /v1/shutdown`
    case shutdown

    public var method: String {
        switch self {
        case .health, .status, .events, .faults, .metrics: "GET"
        case .startFault, .halt, .rearm, .note, .shutdown: "POST"
        case .stopFault, .leave: "DELETE"
        case .changeFault: "PATCH"
        }
    }

    /// Path and query, as they go out.
    public var path: String {
        switch self {
        case .health: "/v1/health"
        case .status: "/v1/status"
        case .events(let after, let watcher): "/v1/events" + Self.query(after, watcher)
        case .faults, .startFault: "/v1/faults"
        case .stopFault(let id), .changeFault(let id): "/v1/faults/" + Self.escaped(id)
        case .halt: "/v1/halt"
        case .rearm: "/v1/rearm"
        case .note: "/v1/notes"
        case .leave(let watcher): "/v1/watchers/" + Self.escaped(watcher)
        case .metrics: "/v1/metrics"
        case .shutdown: "/v1/shutdown"
        }
    }

    /// The route of a request; nil when there is none of this method and path.
    /// `path` is without its query, percent escapes already undone.
    public init?(method: String, path: String, query: [(name: String, value: String)]) {
        func asked(_ name: String) -> String? { query.first { $0.name == name }?.value }
        let parts = path.split(separator: "/").map(String.init)
        guard parts.first == "v1" else { return nil }
        switch (method, parts.dropFirst().first, parts.count) {
        case ("GET", "health", 2): self = .health
        case ("GET", "status", 2): self = .status
        case ("GET", "events", 2):
            self = .events(after: asked("after").flatMap { UInt64($0) }, watcher: asked("watcher"))
        case ("GET", "faults", 2): self = .faults
        case ("POST", "faults", 2): self = .startFault
        case ("DELETE", "faults", 3): self = .stopFault(id: parts[2])
        case ("PATCH", "faults", 3): self = .changeFault(id: parts[2])
        case ("POST", "halt", 2): self = .halt
        case ("POST", "rearm", 2): self = .rearm
        case ("POST", "notes", 2): self = .note
        case ("DELETE", "watchers", 3): self = .leave(watcher: parts[2])
        case ("GET", "metrics", 2): self = .metrics
        case ("POST", "shutdown", 2): self = .shutdown
        default: return nil
        }
    }

    private static func query(_ after: UInt64?, _ watcher: String?) -> String {
        let fields = [after.map { "after=\($0)" }, watcher.map { "watcher=" + escaped($0) }].compactMap { $0 }
        return fields.isEmpty ? "" : "?" + fields.joined(separator: "&")
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986 section 2.3.
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}
