internal import MeshModel

/// Why a query brought nothing, told so that a person can act on it.
enum PrometheusError: Explained, Equatable {
    case transport(TransportError)
    /// 401 or 403: who asks is not known, or may not.
    case login(status: Int)
    /// The API's own refusal, like `bad_data` (400), `execution` (422) or `timeout` (503).
    case refused(type: String, text: String)
    /// An answer that is none of the query API's.
    case foreign(status: Int)
    case wire(WireError)
    /// A part of a cluster is missing: half a sum is no sum.
    case partial(String)
    /// A file with a secret can't be read; the secret is not in the text.
    case secret(file: String, cause: String)

    var summary: String {
        switch self {
        case .transport(let error): error.summary
        case .login(let status): "The server rejected the credentials (\(status))"
        case .refused(let type, let text): "\(Self.word(type)): \(Self.clipped(text))"
        case .foreign(let status) where status >= 500: "The server is not ready (status \(status))"
        case .foreign(let status): "Not a Prometheus server (status \(status))"
        case .wire(let error): error.summary
        case .partial: "The server returned a partial result"
        case .secret(let file, let cause): "\(file) cannot be read: \(cause)"
        }
    }

    var remedy: String? {
        switch self {
        case .transport(let error): error.remedy
        case .login: "Set bearer-file, basic or tenant under prometheus in gameday.yaml."
        case .refused(let type, _):
            type == "timeout" || type == "execution"
                ? "Raise the server's limits, or shorten window: the query is too large." : nil
        case .foreign(let status) where status >= 500: nil
        case .foreign: "Check url under prometheus in gameday.yaml, including its path: /api/v1/query is added to it."
        case .wire: nil
        case .partial(let text): Self.clipped(text)
        case .secret: "Make it readable for this user."
        }
    }

    /// A server's words, which may be a page long.
    static func clipped(_ text: String) -> String {
        text.count > 200 ? text.prefix(199) + "…" : text
    }

    private static func word(_ type: String) -> String {
        switch type {
        case "bad_data": "The server rejected the query"
        case "timeout": "The query timed out on the server"
        case "execution": "The server cancelled the query"
        default: "The server failed"
        }
    }
}
