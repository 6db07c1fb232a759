/// Which of an edge's requests a fault is for: those that have a header, or those to one version of the callee.
public enum FaultCondition: Hashable, Sendable {
    /// Requests with this header, whose value is exactly so. Header names have no case.
    case header(String, value: String)
    /// Requests to this version of the callee.
    case version(String)

    /// A name or a value may be so long.
    private static let longest = 100
    /// What may hold a secret never becomes part of a fault, which is recorded and shown.
    private static let secret: Set = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"]

    /// Why a text is no condition.
    public struct Mistake: Error, Equatable {
        public var words: String
    }

    /// Reads what a person types: `end-user=jason`, or the name of a version, like `v2`.
    public init(_ text: String) throws(Mistake) {
        guard let equals = text.firstIndex(of: "=") else {
            guard Self.isToken(text) else {
                throw Mistake(words: "write a header such as end-user=jason, or a version such as v2")
            }
            self = .version(text)
            return
        }
        let name = text[..<equals].lowercased()
        let value = String(text[text.index(after: equals)...])
        guard Self.isToken(name) else { throw Mistake(words: "invalid header name '\(name.prefix(40))'") }
        guard !Self.secret.contains(name) else {
            throw Mistake(words: "\(name) may hold a secret; faults are shown and recorded")
        }
        guard !value.isEmpty, value.utf8.count <= Self.longest, value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        else {
            throw Mistake(words: "the value of \(name) must have 1 to \(Self.longest) ASCII characters")
        }
        self = .header(name, value: value)
    }

    /// The characters of a token (RFC 9110 section 5.6.2).
    private static func isToken(_ text: String) -> Bool {
        let others = Set("!#$%&'*+-.^_`|~".utf8)
        return (1...longest).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || others.contains(byte)
            }
    }

    /// As a person types it, and as the wire has it.
    public var text: String {
        switch self {
        case .header(let name, let value): "\(name)=\(value)"
        case .version(let version): version
        }
    }
}
