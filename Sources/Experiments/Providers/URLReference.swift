/// An address made ready to be sent, as Python's `requests` does.
struct PreparedURL {
    private var base: String
    private var query: String?

    init(_ given: String) throws(Crash) {
        let text = String(given.unicodeScalars.drop { $0.properties.isWhitespace })
        guard let colon = text.firstIndex(of: ":"), text.lowercased().hasPrefix("http") else {
            if text.utf8.contains(UInt8(ascii: ":")) {
                throw Crash(
                    "requests.exceptions.InvalidSchema", "No connection adapters were found for '\(given)'")
            }
            throw Crash(
                "requests.exceptions.MissingSchema",
                "Invalid URL '\(given)': No scheme supplied. Perhaps you meant https://\(given)?")
        }
        let rest = text[text.index(after: colon)...]
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw Crash("requests.exceptions.InvalidSchema", "No connection adapters were found for '\(given)'")
        }
        guard rest.hasPrefix("//"), let first = rest.dropFirst(2).first, !"/?#".contains(first) else {
            throw Crash("requests.exceptions.InvalidURL", "Invalid URL '\(given)': No host supplied")
        }
        let whole = text.prefix { $0 != "#" }
        let parts = whole.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = parts[0].dropFirst(scheme.count + 3).prefix { $0 != "/" }
        let path = parts[0].dropFirst(scheme.count + 3 + authority.count)
        base = scheme + "://" + authority + PercentCoding.requoted(path.isEmpty ? "/" : String(path))
        query = parts.count > 1 ? String(parts[1]) : nil
    }

    func text(adding more: String?) -> String {
        let parts = [query, more].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? base : base + "?" + PercentCoding.requoted(parts.joined(separator: "&"))
    }
}

/// What a `Location` header means.
enum URLReference {
    /// The address that a reference leads to from another (RFC 3986 section 5).
    static func resolve(_ reference: String, from base: String) -> String {
        let reference = PercentCoding.requoted(reference)
        let lower = reference.lowercased()
        if lower.hasPrefix("http://") || lower.hasPrefix("https://") { return String(reference.prefix { $0 != "#" }) }
        let scheme = base.prefix { $0 != ":" }
        if reference.hasPrefix("//") { return scheme + ":" + reference }
        let authority = base.dropFirst(scheme.count + 3).prefix { $0 != "/" && $0 != "?" }
        let root = scheme + "://" + authority
        if reference.hasPrefix("/") { return root + withoutDots(String(reference.prefix { $0 != "#" })) }
        let path = base.dropFirst(root.count).prefix { $0 != "?" && $0 != "#" }
        if reference.hasPrefix("?") { return root + path + reference }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return root + withoutDots(String(folder) + String(reference.prefix { $0 != "#" }))
    }

    private static func withoutDots(_ path: String) -> String {
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var kept: [Substring] = []
        let words = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        for (index, word) in words.enumerated() {
            let isLast = index == words.count - 1
            if word == "." || word == ".." {
                if word == "..", kept.count > 1 { kept.removeLast() }
                if isLast { kept.append("") }
            } else {
                kept.append(word)
            }
        }
        return kept.joined(separator: "/") + (parts.count > 1 ? "?" + parts[1] : "")
    }
}

/// Percent signs in addresses and forms.
enum PercentCoding {
    /// For a form or a query: a space becomes a plus.
    static func form(_ text: String) -> String {
        String(
            decoding: text.utf8.flatMap { byte -> [UInt8] in
                if byte == 0x20 { return [UInt8(ascii: "+")] }
                return isUnreserved(byte) ? [byte] : escaped(byte)
            }, as: UTF8.self)
    }

    /// Escapes what may not be in an address, and leaves what is escaped already; when one percent sign escapes
    /// nothing, none is taken to.
    static func requoted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isEscaped = bytes.indices.allSatisfy { place in
            guard bytes[place] == UInt8(ascii: "%") else { return true }
            let digits = bytes[(place + 1)...].prefix(2)
            return digits.count == 2 && digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        }
        return String(
            decoding: bytes.flatMap { byte -> [UInt8] in
                let isKept = isUnreserved(byte) || "!#$&'()*+,/:;=?@[]".utf8.contains(byte)
                return isKept || (byte == UInt8(ascii: "%") && isEscaped) ? [byte] : escaped(byte)
            }, as: UTF8.self)
    }

    /// What percent signs escape, put back; a text without any stays as it is.
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes = Array(text.utf8)[...]
        var out: [UInt8] = []
        while let byte = bytes.popFirst() {
            let digits = bytes.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                out.append(value)
                bytes.removeFirst(2)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = String(byte, radix: 16, uppercase: true)
        return Array(("%" + (byte < 16 ? "0" : "") + digits).utf8)
    }
}
