internal import CCurl

extension TransportError {
    /// What libcurl's code and message mean to us.
    init(_ code: CURLcode, message: String, request: HTTPRequest) {
        let cause = message.isEmpty ? String(cString: curl_easy_strerror(code)) : message
        switch code {
        // libcurl says so of a scheme in the address, and of a version in the answer.
        case CURLE_UNSUPPORTED_PROTOCOL where request.url.lowercased().hasPrefix("http"), CURLE_WEIRD_SERVER_REPLY,
            CURLE_BAD_CONTENT_ENCODING:
            self = .notHTTP(cause)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: self = .badURL(request.url)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .unresolved(cause)
        case CURLE_COULDNT_CONNECT: self = .refused(request.unixSocket ?? cause)
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
            self = .tls(cause)
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            self = .closed(cause)
        case CURLE_ABORTED_BY_CALLBACK: self = .cancelled
        default: self = .other(cause)
        }
    }
}
