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
    /// `GET /v1/faults`; with `?open` only those that are not over.
    case faults(onlyOpen: Bool = false)
    /// The body is a `FaultRequest`; the answer is 201 with the `Fault`. `POST /v1/faults`
    case startFault
    /// `DELETE /v1/faults/ID`
    case stopFault(id: String)
    /// Gives a fault up whose end can't be proven; the body is `{"by": …}`. `POST /v1/faults/ID/forget`
    case forgetFault(id: String)
    /// Changes a fault that stands; the body is a `FaultChange` with `by`. `PATCH /v1/faults/ID`
    case changeFault(id: String)
    /// Takes back what is on an edge, or everything without one; the answer lists it. A run takes back only its own.
    /// `DELETE /v1/faults?from=A&to=B`
    case stopFaults(from: String?, to: String?)
    /// One objective with its value; `met` is null while nothing is known. `GET /v1/slos/NAME`
    case objective(name: String)
    /// `GET /v1/services/NAME`
    case service(name: String)
    /// `GET /v1/edges/FROM/TO`
    case edge(from: String, to: String)
    /// What protects the edge, asked of the caller's proxies: their reports, and the same in sentences.
    /// `GET /v1/edges/FROM/TO/protection`
    case protection(from: String, to: String)
    /// What the caller's proxies logged of the edge last, or of what failed: an `EdgeLog`. It is never recorded.
    /// `GET /v1/edges/FROM/TO/log?failing`
    case log(from: String, to: String, onlyFailing: Bool = false)
    /// What can be injected there: a list of `FaultAbility`. `GET /v1/edges/FROM/TO/abilities`
    case abilities(from: String, to: String)
    /// The catalogue, the runs of the session, and the id of the one that is on. `GET /v1/experiments`
    case experiments
    /// The body is an `ExperimentRequest`; the answer is 201 with the run. `POST /v1/experiments`
    case startExperiment
    /// Stops the run that is on, if it has this id. `DELETE /v1/experiments/ID`, or without an id whichever is on.
    case abortExperiment(id: String?)
    /// The journal of a run, as far as it has come. `GET /v1/experiments/ID/journal`
    case journal(id: String)
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
        case .health, .status, .events, .faults, .metrics, .objective, .service, .edge, .abilities, .protection,
            .log, .experiments, .journal:
            "GET"
        case .startFault, .halt, .rearm, .note, .shutdown, .startExperiment, .forgetFault: "POST"
        case .stopFault, .stopFaults, .leave, .abortExperiment: "DELETE"
        case .changeFault: "PATCH"
        }
    }

    /// Path and query, as they go out.
    public var path: String {
        switch self {
        case .health: "/v1/health"
        case .status: "/v1/status"
        case .events(let after, let watcher):
            "/v1/events" + Self.query([("after", after.map { String($0) }), ("watcher", watcher)])
        case .faults(let onlyOpen): "/v1/faults" + (onlyOpen ? "?open" : "")
        case .startFault: "/v1/faults"
        case .stopFault(let id), .changeFault(let id): "/v1/faults/" + Self.escaped(id)
        case .forgetFault(let id): "/v1/faults/" + Self.escaped(id) + "/forget"
        case .stopFaults(let from, let to): "/v1/faults" + Self.query([("from", from), ("to", to)])
        case .objective(let name): "/v1/slos/" + Self.escaped(name)
        case .service(let name): "/v1/services/" + Self.escaped(name)
        case .edge(let from, let to): "/v1/edges/" + Self.escaped(from) + "/" + Self.escaped(to)
        case .abilities(let from, let to):
            "/v1/edges/" + Self.escaped(from) + "/" + Self.escaped(to) + "/abilities"
        case .protection(let from, let to):
            "/v1/edges/" + Self.escaped(from) + "/" + Self.escaped(to) + "/protection"
        case .log(let from, let to, let onlyFailing):
            "/v1/edges/" + Self.escaped(from) + "/" + Self.escaped(to) + "/log" + (onlyFailing ? "?failing" : "")
        case .experiments, .startExperiment: "/v1/experiments"
        case .abortExperiment(let id): "/v1/experiments" + (id.map { "/" + Self.escaped($0) } ?? "")
        case .journal(let id): "/v1/experiments/" + Self.escaped(id) + "/journal"
        case .halt: "/v1/halt"
        case .rearm: "/v1/rearm"
        case .note: "/v1/notes"
        case .leave(let watcher): "/v1/watchers/" + Self.escaped(watcher)
        case .metrics: "/v1/metrics"
        case .shutdown: "/v1/shutdown"
        }
    }

    /// The route of a request; nil when there is none of this method and path. The target is path and query as they
    /// came, with their escapes, so that a name may hold any character.
    public init?(method: String, target: String) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = (halves.count > 1 ? halves[1] : "").split(separator: "&").map { field in
            let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: Self.unescaped(sides[0]), value: sides.count > 1 ? Self.unescaped(sides[1]) : "")
        }
        func asked(_ name: String) -> String? { query.first { $0.name == name }?.value }
        let parts = (halves.first ?? "").split(separator: "/").map { Self.unescaped($0) }
        guard parts.first == "v1", parts.count < 6 else { return nil }
        switch (method, parts.dropFirst().first, parts.count) {
        case ("GET", "health", 2): self = .health
        case ("GET", "status", 2): self = .status
        case ("GET", "events", 2):
            self = .events(after: asked("after").flatMap { UInt64($0) }, watcher: asked("watcher"))
        case ("GET", "faults", 2): self = .faults(onlyOpen: query.contains { $0.name == "open" })
        case ("POST", "faults", 2): self = .startFault
        case ("DELETE", "faults", 3): self = .stopFault(id: parts[2])
        case ("PATCH", "faults", 3): self = .changeFault(id: parts[2])
        case ("POST", "faults", 4) where parts[3] == "forget": self = .forgetFault(id: parts[2])
        case ("DELETE", "faults", 2): self = .stopFaults(from: asked("from"), to: asked("to"))
        case ("GET", "slos", 3): self = .objective(name: parts[2])
        case ("GET", "services", 3): self = .service(name: parts[2])
        case ("GET", "edges", 4): self = .edge(from: parts[2], to: parts[3])
        case ("GET", "edges", 5) where parts[4] == "abilities": self = .abilities(from: parts[2], to: parts[3])
        case ("GET", "edges", 5) where parts[4] == "protection": self = .protection(from: parts[2], to: parts[3])
        case ("GET", "edges", 5) where parts[4] == "log":
            self = .log(from: parts[2], to: parts[3], onlyFailing: query.contains { $0.name == "failing" })
        case ("GET", "experiments", 2): self = .experiments
        case ("POST", "experiments", 2): self = .startExperiment
        case ("DELETE", "experiments", 2): self = .abortExperiment(id: nil)
        case ("DELETE", "experiments", 3): self = .abortExperiment(id: parts[2])
        case ("GET", "experiments", 4) where parts[3] == "journal": self = .journal(id: parts[2])
        case ("POST", "halt", 2): self = .halt
        case ("POST", "rearm", 2): self = .rearm
        case ("POST", "notes", 2): self = .note
        case ("DELETE", "watchers", 3): self = .leave(watcher: parts[2])
        case ("GET", "metrics", 2): self = .metrics
        case ("POST", "shutdown", 2): self = .shutdown
        default: return nil
        }
    }

    private static func query(_ given: [(String, String?)]) -> String {
        let fields = given.compactMap { name, value in value.map { "\(name)=" + escaped($0) } }
        return fields.isEmpty ? "" : "?" + fields.joined(separator: "&")
    }

    /// Undoes percent escapes; what is none stays as it is.
    private static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).map { Character(Unicode.Scalar($0)).hexDigitValue }
            if byte == UInt8(ascii: "%"), digits.count == 2, let high = digits[0], let low = digits[1] {
                let value = UInt8(high << 4 | low)
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
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
