internal import MeshClient

/// The first line of a request and its headers (RFC 9112), as far as the API has a use for them.
struct RequestHead: Equatable, Sendable {
    let method: String
    /// Path and query as they came, escapes and all.
    let target: String
    /// HTTP/1.0: it knows no chunks, and hangs up unless told otherwise.
    let isOld: Bool
    /// Names in small letters.
    private let headers: [HTTPHeader]

    /// Reads the lines before the empty one, without their ends. What could be meant in two ways is refused.
    init(lines: [ArraySlice<UInt8>]) throws(Problem) {
        guard let first = lines.first else { throw .notHTTP("missing request line") }
        let words = first.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3 else { throw .notHTTP("a request line must be METHOD /PATH HTTP/1.1") }
        guard words[0].count <= 20, words[0].allSatisfy({ $0 >= 0x41 && $0 <= 0x5A }), !words[0].isEmpty else {
            throw .notHTTP("a method must have capital letters only")
        }
        guard words[1].first == 0x2F, words[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .notHTTP("a path must begin with / and contain printable ASCII only")
        }
        let version = String(decoding: words[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw Problem(
                .badRequest, status: 505, title: "unsupported version", detail: "use HTTP/1.1 or 1.0")
        }
        method = String(decoding: words[0], as: UTF8.self)
        target = String(decoding: words[1], as: UTF8.self)
        isOld = version == "HTTP/1.0"
        var headers: [HTTPHeader] = []
        for line in lines.dropFirst() { headers.append(try Self.header(line)) }
        self.headers = headers
        for name in ["host", "authorization", "content-length", "origin"] where count(of: name) > 1 {
            throw .notHTTP("duplicate header \(name)")
        }
        guard isOld || self["host"] != nil else { throw .notHTTP("missing header Host") }
    }

    /// A header's value; of several the first.
    subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    private func count(of name: String) -> Int { headers.count { $0.name == name } }

    /// Whether another request may follow on the same connection.
    var keepsConnection: Bool {
        let words = headers.filter { $0.name == "connection" }
            .flatMap { $0.value.lowercased().split(separator: ",").map { String($0.filter { $0 != " " }) } }
        return isOld ? words.contains("keep-alive") : !words.contains("close")
    }

    /// True when the client waits for leave before it sends the body.
    var waitsForLeave: Bool { self["expect"]?.lowercased() == "100-continue" }

    /// The bytes of the body.
    func bodyLength(most: Int) throws(Problem) -> Int {
        guard self["transfer-encoding"] == nil else {
            throw Problem(
                .badRequest, status: 411, title: "length required", detail: "a chunked body is not supported",
                remedy: "Send the body with a Content-Length.")
        }
        guard let text = self["content-length"] else { return 0 }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw .notHTTP("Content-Length must be a number of bytes")
        }
        guard let length = Int(text), length <= most else {
            throw Problem(
                .badRequest, status: 413, title: "the body is too large", detail: "the limit is \(most >> 10) KiB")
        }
        return length
    }

    private static func header(_ line: ArraySlice<UInt8>) throws(Problem) -> HTTPHeader {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
            line[..<colon].allSatisfy(\.isTokenCharacter)
        else { throw .notHTTP("a header must be NAME: VALUE") }
        var value = line[(colon + 1)...]
        while let byte = value.first, byte.isBlank { value.removeFirst() }
        while let byte = value.last, byte.isBlank { value.removeLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw .notHTTP("a header's value has control characters")
        }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        return HTTPHeader(name, String(decoding: value, as: UTF8.self))
    }
}

extension Problem {
    static func notHTTP(_ detail: String) -> Problem {
        Problem(.badRequest, status: 400, title: "not an HTTP request", detail: detail)
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// A character of a header's name (RFC 9110 section 5.6.2).
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
