internal import MeshClient

/// The body of an answer as a value: JSON only under exactly that content type, else a text.
struct HTTPBody {
    private let bytes: [UInt8]
    private let type: String?
    private let isStrict: Bool

    init(_ response: HTTPResponse, isStrict: Bool) {
        bytes = response.body
        type = response.header("content-type")
        self.isStrict = isStrict
    }

    func value() throws(Crash) -> Value {
        guard type == "application/json" else { return .text(text) }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        do {
            var reader = JSONReader(body)
            return try reader.document()
        } catch {
            throw Crash(
                "requests.exceptions.JSONDecodeError",
                "\(error.message): line \(error.position.line) column \(error.position.column)")
        }
    }

    private var text: String {
        switch charset {
        case "iso-8859-1", "iso8859-1", "latin-1", "latin1", "iso_8859-1": return latin1
        case nil: return String(validating: bytes, as: UTF8.self) ?? latin1
        default: return String(decoding: bytes, as: UTF8.self)
        }
    }

    private var charset: String? {
        guard let type else { return nil }
        let parts = type.split(separator: ";").map { Conversion.trimmed(String($0)) }
        for part in parts.dropFirst() where part.lowercased().hasPrefix("charset=") {
            return part.dropFirst(8).lowercased().filter { $0 != "\"" && $0 != "'" }
        }
        // RFC 2616 said so, and Python's requests still does.
        return isStrict && parts.first?.contains("text") == true ? "iso-8859-1" : nil
    }

    private var latin1: String {
        var scalars = String.UnicodeScalarView()
        for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
        return String(scalars)
    }
}
