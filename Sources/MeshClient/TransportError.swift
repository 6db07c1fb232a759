public import MeshModel

/// Why there was no answer. The cases are the ones somebody branches on; their texts name the endpoint or the cause.
public enum TransportError: Error, Equatable, Sendable {
    case badURL(String)
    /// A method or a header which must not go out, for example one with a line break in it.
    case badRequest(String)
    case unresolved(String)
    case refused(String)
    /// A Unix socket, or its folder, that is another user's and closed to us.
    case denied(path: String, owner: String)
    /// A Unix socket that was to be ours, and is another user's; nothing was said to it.
    case foreign(path: String, owner: String)
    /// A folder into which others could put a socket of theirs; nothing was said.
    case exposed(path: String)
    case timedOut
    case tls(String)
    case tooLarge(limit: Int)
    /// The peer hung up before the answer was whole.
    case closed(String)
    /// There is no way into the pod: what the API server answered, or its node.
    case tunnel(status: Int?, String)
    /// Something answered, and it was not HTTP.
    case notHTTP(String)
    case cancelled
    case other(String)

    /// Nobody is there at all, which is more than that nobody answers.
    var isAbsence: Bool {
        switch self {
        case .refused, .unresolved: true
        case .tunnel(let status, _): status == 404
        default: false
        }
    }
}

extension TransportError: Explained {
    public var summary: String {
        switch self {
        case .badURL: "Invalid address"
        case .badRequest(let part): "The request cannot be sent: its \(part)"
        case .unresolved: "Unknown host name"
        case .refused: "Connection refused"
        case .denied(_, let owner): "Permission denied: the socket belongs to \(owner)"
        case .foreign(_, let owner): "Not trusted: the socket belongs to \(owner), not to you"
        case .exposed: "Not trusted: others can write to the socket's folder"
        case .timedOut: "Timed out"
        case .tls: "TLS handshake failed"
        case .tooLarge(let limit): "The response is larger than \(limit) bytes"
        case .closed: "Connection closed before the response was complete"
        case .tunnel(let status, _): Self.tunnelSummary(status)
        case .notHTTP: "The response is not HTTP"
        case .cancelled: "Cancelled"
        case .other: "The request failed"
        }
    }

    public var remedy: String? {
        switch self {
        case .badURL(let url): "Use an http:// or https:// address instead of “\(url)”."
        case .badRequest: "Remove line breaks and other control characters from it."
        case .unresolved(let cause): "Check the host's name and this machine's DNS (\(cause))."
        case .refused(let place): "Check that the program runs and listens there (\(place))."
        case .denied(let path, let owner):
            "Run this as \(owner), or use your own socket with --socket. (\(path))"
        case .foreign(let path, let owner):
            "Nothing was sent. Set XDG_RUNTIME_DIR or --socket to your own folder, or run this as \(owner). (\(path))"
        case .exposed(let path): "Nothing was sent. Run `chmod go-w \(path)`, or choose another folder with --socket."
        case .timedOut: "Check whether the program is stopped or overloaded, or allow more time."
        case .tls(let cause): "Check the certificate, its authority and the host's name (\(cause))."
        case .tooLarge: "Request less, for example with a filter."
        case .closed(let cause): "The program may have been stopped; try again (\(cause))."
        case .tunnel(let status, let cause): Self.tunnelRemedy(status, cause)
        case .notHTTP(let cause): "Check the port: another program may own it (\(cause))."
        case .cancelled: nil
        case .other(let cause): "\(cause)."
        }
    }

    private static func tunnelSummary(_ status: Int?) -> String {
        switch status {
        case 401: "Not authenticated at the API server"
        case 403: "No permission to access the pod"
        case 404: "The pod does not exist"
        default: "Cannot connect to the pod"
        }
    }

    private static func tunnelRemedy(_ status: Int?, _ cause: String) -> String {
        switch status {
        case 401: "Log in to the cluster again (\(cause))."
        case 403: "Grant the verbs get and create on pods/portforward (\(cause))."
        case 404: "It was deleted, or replaced by another (\(cause))."
        default: "Check the pod, its node and the API server (\(cause))."
        }
    }
}
