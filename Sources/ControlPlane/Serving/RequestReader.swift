internal import Glibc
internal import MeshClient

/// Cuts the bytes of one connection into requests, and never holds more of them than a request may have.
///
/// It does no I/O and knows no time: bytes go in as they come, heads and bodies come out, and each byte is looked at once
/// however slowly they come.
struct RequestReader {
    /// The most that is read before it is known who asks, in bytes.
    struct Limits: Sendable {
        var requestLine = 4 << 10
        var head = 16 << 10
        var headers = 64
    }

    private let limits: Limits
    private var bytes: [UInt8] = []
    /// The lines of the head so far; their places in `bytes`.
    private var lines: [Range<Int>] = []
    private var lineStart = 0
    /// Up to here there is no line's end.
    private var searched = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Nothing of a request has come yet.
    var isEmpty: Bool { bytes.isEmpty }

    /// Takes what has come.
    mutating func take(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

    /// Takes what has come.
    mutating func take(_ more: [UInt8]) { bytes += more }

    /// The head of the next request, once it is whole. Throws as soon as it can't become one.
    mutating func nextHead() throws(Problem) -> RequestHead? {
        while let end = lineEnd() {
            var line = lineStart..<end
            let length = line.count
            if length > 0, bytes[end - 1] == 0x0D { line = lineStart..<end - 1 }
            searched = end + 1
            lineStart = end + 1
            // An empty line before a request is let pass (RFC 9112 section 2.2).
            if line.isEmpty, lines.isEmpty {
                drop(end + 1)
                continue
            }
            if line.isEmpty {
                try check(length)
                let head = try RequestHead(lines: lines.map { bytes[$0] })
                drop(end + 1)
                return head
            }
            lines.append(line)
            try check(length)
        }
        searched = bytes.count
        try check(bytes.count - lineStart, isOpen: true)
        return nil
    }

    /// The body of the request whose head came last, once so many bytes are there.
    mutating func nextBody(_ count: Int) -> [UInt8]? {
        guard bytes.count >= count else { return nil }
        let body = Array(bytes[..<count])
        drop(count)
        return body
    }

    private func check(_ line: Int, isOpen: Bool = false) throws(Problem) {
        // Judged alike whether its end has come or not.
        if lines.count == (isOpen ? 0 : 1), line > limits.requestLine {
            throw Problem(
                .badRequest, status: 414, title: "the request line is too long",
                detail: "the limit is \(limits.requestLine) bytes")
        }
        guard lineStart <= limits.head, lineStart + (isOpen ? line : 0) <= limits.head,
            lines.count <= limits.headers + 1
        else {
            throw Problem(
                .badRequest, status: 431, title: "the headers are too large",
                detail: "the limit is \(limits.headers) headers and \(limits.head) bytes")
        }
    }

    private func lineEnd() -> Int? {
        bytes.withUnsafeBytes { all in
            guard searched < all.count, let start = all.baseAddress else { return nil }
            guard let found = memchr(start + searched, 0x0A, all.count - searched) else { return nil }
            return UnsafeRawPointer(found) - start
        }
    }

    private mutating func drop(_ count: Int) {
        bytes.removeSubrange(..<count)
        if bytes.isEmpty { bytes = [] }
        lines = []
        lineStart = 0
        searched = 0
    }
}
