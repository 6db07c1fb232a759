internal import MeshModel

/// Why an API server did not do what it was asked.
enum KubeError: Explained, Equatable {
    /// There was no answer from the server.
    case unreachable(server: String, TransportError)
    /// It answered no.
    case refused(KubeRefusal)
    /// There is nothing to prove with who asks; the words hold no secret.
    case login(what: String, remedy: String)
    /// An answer that no API server gives.
    case malformed(server: String, what: String)
}

/// The API server's no, as its `Status` object tells it.
struct KubeRefusal: Equatable, Sendable {
    /// One of several reasons in one answer.
    struct Cause: Equatable, Sendable {
        var reason = ""
        var message = ""
        var field = ""
    }

    var status: Int
    /// One word of the server's, like `AlreadyExists`; empty where it has none.
    var reason = ""
    var message = ""
    /// When it may be asked again, where the server says so.
    var retryAfter: Duration?
    var causes: [Cause] = []
    /// What was asked, like `GET /api/v1/namespaces/bookinfo/pods`.
    var asked = ""

    /// 401: who asks is not known (any more).
    var isUnknownUser: Bool { status == 401 }
    /// 403: who asks may not.
    var isForbidden: Bool { status == 403 }
    /// 404: there is no such object, or no such kind of object.
    var isMissing: Bool { status == 404 }
    /// 404 without a reason: there is no such kind of object, or not in this version.
    var isOfNoKind: Bool { isMissing && reason.isEmpty }
    /// 409: somebody else was there first, or it exists already.
    var isConflict: Bool { status == 409 }
    /// 410: what was asked for is too old; list again.
    var isExpired: Bool { status == 410 }
    /// A disruption budget forbids the eviction.
    var isBudget: Bool { causes.contains { $0.reason == "DisruptionBudget" } }
}

extension KubeError {
    /// The server's no, if that is what it is.
    var refusal: KubeRefusal? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal
    }

    var summary: String {
        switch self {
        case .unreachable(_, let error): error.summary
        case .refused(let refusal): refusal.summary
        case .login(let what, _): what
        case .malformed: "Unexpected response: not a Kubernetes API server"
        }
    }

    var remedy: String? {
        switch self {
        case .unreachable(let server, let error):
            [error.remedy, "The API server is \(server)."].compactMap { $0 }.joined(separator: " ")
        case .refused(let refusal): refusal.remedy
        case .login(_, let remedy): remedy
        case .malformed(let server, let what):
            "Check the server of this cluster in the kubeconfig: \(server) (\(what))."
        }
    }
}

extension KubeRefusal {
    var summary: String {
        switch status {
        case 401: "The API server rejected the credentials (401)"
        case 403: "Not allowed in this cluster (403)"
        case 404 where reason.isEmpty: "No such kind of object in this cluster (404)"
        case 404: "Object not found (404)"
        case 409 where reason == "AlreadyExists": "Object already exists (409)"
        case 409: "Changed by another client meanwhile (409)"
        case 410: "Version too old (410)"
        case 422: "Content rejected by the API server (422)"
        case 429 where isBudget: "Blocked by a disruption budget (429)"
        case 429: "The API server is overloaded (429)"
        case 500...: "The API server failed (\(status))"
        default: "Request rejected by the API server (\(status))"
        }
    }

    var remedy: String? {
        let said = message.isEmpty ? nil : Self.sentence(message)
        return [said, advice].compactMap { $0 }.joined(separator: " ")
    }

    private var advice: String? {
        switch status {
        case 401: "Sign in again, or renew the token or certificate of this context."
        case 403: "Run `gameday check`: it prints the role to apply."
        case 404 where reason.isEmpty: "Requested: \(asked). Run `kubectl api-resources` to see what is installed."
        case 409 where reason != "AlreadyExists": "Try again."
        case 429 where isBudget: causes.map { Self.sentence($0.message) }.joined(separator: " ")
        case 422, 400: causes.isEmpty ? "Requested: \(asked)." : nil
        case 500...: "Requested: \(asked)."
        default: nil
        }
    }

    /// The server's words, which may be a page long, as a sentence.
    private static func sentence(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let short = line.count > 300 ? line.prefix(299) + "…" : line
        return short.hasSuffix(".") || short.hasSuffix("…") ? short : short + "."
    }
}
