/// A request as a service of the bar sees it, without anything of HTTP that it has no use for.
struct ServiceRequest: Equatable, Sendable {
    var method: String
    var path: String
    var body: String = ""
    /// What is handed on to everyone who is asked on this request's behalf.
    var baggage: [String: String] = [:]

    /// The headers which a service hands on.
    static let handedOn = ["x-journey", "x-request-id", "x-canary", "traceparent"]
}

/// What a service of the bar answers.
struct ServiceAnswer: Equatable, Sendable {
    var status: Int
    var headers: [String: String] = [:]
    var body: String = ""

    /// The headers which a service hands back with an answer that it only passes on.
    static let handedBack = ["content-type", "x-menu", "x-degraded"]

    var isSuccess: Bool { (200..<300).contains(status) }
    var isRefusal: Bool { (400..<500).contains(status) }

    static func ok(_ body: String, headers: [String: String] = [:]) -> ServiceAnswer {
        ServiceAnswer(status: 200, headers: headers, body: body)
    }
}

/// A problem document (RFC 9457).
struct Problem: Equatable, Sendable {
    var status: Int
    var kind: String
    var title: String
    var detail: String

    init(_ status: Int, _ kind: String, _ title: String, _ detail: String) {
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
    }

    var answer: ServiceAnswer {
        let fields = [
            #""type":"urn:gameday:bar:\#(kind)""#, #""title":\#(quoted(title))"#, #""status":\#(status)"#,
            #""detail":\#(quoted(detail))"#,
        ]
        return ServiceAnswer(
            status: status, headers: ["content-type": "application/problem+json"],
            body: "{" + fields.joined(separator: ",") + "}\n")
    }
}

/// The text as a JSON string: customers may say anything.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
