internal import MeshClient

/// The request that an http activity describes.
struct HTTPCall {
    let method: String
    /// The address as the document has it after substitution, for messages.
    let shownURL: String
    let url: String
    let headers: [HTTPHeader]
    let body: [UInt8]?
    /// Until the whole answer must be there; a year stands for the original's "as long as it takes".
    let timeout: Duration
    let verifiesTLS: Bool
    let retries: Int

    init(_ call: ActivityCall) throws(Crash) {
        let provider = call.provider
        guard let verb = (provider["method"] ?? "GET").text else {
            let type = provider["method"]?.pythonType ?? ""
            throw Crash("AttributeError", "'\(type)' object has no attribute 'upper'")
        }
        method = verb.uppercased()
        let given = try call.substitution(provider["url"] ?? .null)
        shownURL = PythonText.string(given)
        var arguments = try call.arguments() ?? .null
        if !arguments.isTruthy && method == "GET" { arguments = .null }
        var headers = try Self.headers(try call.substitution(provider["headers"] ?? .null))
        timeout = try Self.timeout(try call.substitution(provider["timeout"] ?? .null))
        verifiesTLS = provider["verify_tls"]?.isTruthy ?? true
        retries = provider["max_retries"]?.double.map { Int(max(0, min($0, 100))) } ?? 0
        let prepared = try PreparedURL(shownURL)
        url = prepared.text(adding: method == "GET" ? try Self.encoded(arguments) : nil)
        body =
            method == "GET"
            ? nil : try Self.body(arguments, try call.substitution(provider["headers"] ?? .null), &headers, method)
        if headers.allSatisfy({ $0.name.lowercased() != "accept" }) { headers.append(HTTPHeader("Accept", "*/*")) }
        self.headers = headers
    }

    private static func headers(_ value: Value) throws(Crash) -> [HTTPHeader] {
        guard value.isTruthy else { return [] }
        guard let fields = value.fields else {
            throw Crash("ValueError", "cannot encode objects that are not 2-tuples")
        }
        var headers: [HTTPHeader] = []
        for (name, value) in fields.entries where !value.isNull {
            guard let text = value.text else {
                throw Crash(
                    "requests.exceptions.InvalidHeader",
                    "Header part (\(PythonText.representation(value))) from ('\(name)', "
                        + "\(PythonText.representation(value))) must be of type str or bytes, "
                        + "not <class '\(value.pythonType)'>")
            }
            let isClean = !text.unicodeScalars.contains { "\r\n\0".unicodeScalars.contains($0) }
            guard isClean, text.unicodeScalars.first?.properties.isWhitespace != true else {
                throw Crash("requests.exceptions.InvalidHeader", "Invalid leading whitespace or return in '\(name)'")
            }
            guard text.unicodeScalars.allSatisfy({ $0.value < 256 }) else {
                throw Crash("UnicodeEncodeError", "'latin-1' codec can't encode the header '\(name)'")
            }
            headers.append(HTTPHeader(name, text))
        }
        return headers
    }

    private static func timeout(_ value: Value) throws(Crash) -> Duration {
        let wholeYear = Duration.seconds(365 * 86400)
        switch value {
        case .null: return wholeYear
        case .list(let parts):
            guard parts.count == 2 else { throw Crash("ValueError", "Invalid timeout \(PythonText.string(value))") }
            // For connecting, and for reading: the answer is what takes long.
            _ = try timeout(parts[0])
            return try timeout(parts[1])
        default:
            guard value.bool == nil, let seconds = value.double else {
                throw Crash(
                    "ValueError", "Timeout value connect was \(PythonText.string(value)), but it must be a number")
            }
            guard seconds > 0 else {
                throw Crash("ValueError", "Attempted to set connect timeout to \(PythonText.string(value))")
            }
            return .seconds(min(seconds, 365 * 86400))
        }
    }

    /// Only the exact spelling `Content-Type` makes the arguments JSON, as in the original.
    private static func body(
        _ arguments: Value, _ given: Value, _ headers: inout [HTTPHeader], _ method: String
    ) throws(Crash) -> [UInt8]? {
        let hasType = headers.contains { $0.name.lowercased() == "content-type" }
        if given["Content-Type"]?.text == "application/json" {
            guard !arguments.isNull else { return Self.nothing(for: method) }
            guard isFinite(arguments) else {
                throw Crash("requests.exceptions.InvalidJSONError", "Out of range float values are not JSON compliant")
            }
            return Array(JSONWriter.text(arguments).utf8)
        }
        guard arguments.isTruthy else { return Self.nothing(for: method) }
        if case .text(let text) = arguments { return Array(text.utf8) }
        if !hasType { headers.append(HTTPHeader("Content-Type", "application/x-www-form-urlencoded")) }
        return Array((try encoded(arguments) ?? "").utf8)
    }

    private static func nothing(for method: String) -> [UInt8]? {
        ["POST", "PUT", "PATCH"].contains(method) ? [] : nil
    }

    private static func isFinite(_ value: Value) -> Bool {
        switch value {
        case .number(let number): number.isFinite
        case .list(let items): items.allSatisfy(isFinite)
        case .mapping(let fields): fields.entries.allSatisfy { isFinite($1) }
        default: true
        }
    }

    /// Arguments as a query or a form; a list gives its name several values, null leaves it out.
    static func encoded(_ arguments: Value) throws(Crash) -> String? {
        var pairs: [(String, Value)] = []
        switch arguments {
        case .null: return nil
        case .text(let text): return text
        case .mapping(let fields): pairs = Array(fields.entries)
        case .list(let items):
            for item in items {
                guard let pair = item.list, pair.count == 2 else {
                    throw Crash("ValueError", "cannot encode objects that are not 2-tuples")
                }
                pairs.append((PythonText.string(pair[0]), pair[1]))
            }
        default: return PythonText.string(arguments)
        }
        let words = pairs.flatMap { name, value in
            Self.several(value).map { PercentCoding.form(name) + "=" + PercentCoding.form(PythonText.string($0)) }
        }
        return words.joined(separator: "&")
    }

    private static func several(_ value: Value) -> [Value] {
        let values: [Value] =
            switch value {
            case .list(let items): items
            case .mapping(let fields): fields.keys.map { .text($0) }
            default: [value]
            }
        return values.filter { !$0.isNull }
    }
}
