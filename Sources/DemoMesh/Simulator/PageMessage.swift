/// A request for a page of a simulated proxy.
struct PageRequest: Equatable, Sendable {
    struct Field: Equatable, Sendable {
        var name: String
        var value: String
    }

    var method: String
    var path: String
    var query: [Field]
    var body: [UInt8]

    init(method: String, target: ArraySlice<UInt8>, body: [UInt8] = []) {
        self.method = method
        self.body = body
        let parts = target.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(Self.decoded) ?? "/"
        query = parts.count > 1 ? Self.fields(of: parts[1]) : []
    }

    /// The fields of a query or of a form.
    static func fields(of bytes: ArraySlice<UInt8>) -> [Field] {
        bytes.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return Field(name: parts.first.map(decoded) ?? "", value: parts.count > 1 ? decoded(parts[1]) : "")
        }
    }

    /// Undoes percent encoding; a percent sign without two hexadecimal digits stands for itself, as in Envoy.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// A page of a simulated proxy.
struct PageAnswer: Equatable, Sendable {
    var status: Int
    var type: String
    var body: [UInt8]

    init(_ status: Int, _ type: String, bytes: [UInt8]) {
        self.status = status
        self.type = type
        body = bytes
    }

    init(_ status: Int, _ type: String, _ text: String) {
        self.init(status, type == "text/plain" ? "text/plain; charset=UTF-8" : type, bytes: Array(text.utf8))
    }

    var phrase: String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        default: "Status"
        }
    }
}
