internal import MeshClient
internal import MeshModel

/// What goes back for a request.
struct Answer: Sendable {
    enum Body: Sendable {
        case bytes([UInt8])
        /// Events without an end.
        case feed(EventFeed)
    }

    var status: Int
    var contentType: String?
    var body: Body

    static let noContent = Answer(status: 204, contentType: nil, body: .bytes([]))

    static func json(_ json: JSON, status: Int = 200) -> Answer {
        Answer(status: status, contentType: "application/json", body: .bytes(json.bytes + [0x0A]))
    }

    static func problem(_ problem: Problem) -> Answer {
        Answer(status: problem.status, contentType: Problem.contentType, body: .bytes(problem.json.bytes + [0x0A]))
    }

    /// The status line and the headers, as they go out. An old client gets a feed as it is, till the connection ends.
    func head(keepsConnection: Bool, isOld: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Problem")\r\n"
        if let contentType { text += "Content-Type: \(contentType)\r\n" }
        switch body {
        case .bytes(let bytes): if status != 204 { text += "Content-Length: \(bytes.count)\r\n" }
        case .feed: if !isOld { text += "Transfer-Encoding: chunked\r\n" }
        }
        if !keepsConnection { text += "Connection: close\r\n" } else if isOld { text += "Connection: keep-alive\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// A piece of a body without a length; an empty one ends it.
    static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [0x0D, 0x0A]
    }

    private static let phrases = [
        200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
        413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content",
        431: "Request Header Fields Too Large", 500: "Internal Server Error", 502: "Bad Gateway",
        503: "Service Unavailable", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]
}
