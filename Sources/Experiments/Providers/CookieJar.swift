internal import Glibc
internal import MeshClient

/// The cookies that a server sets on the way of a request over its redirects, as Python's `requests` keeps them: they go
/// with the next request to where they belong, and end with the last one.
struct CookieJar {
    private struct Cookie {
        var name: String
        /// Nil for a cookie that is only a name.
        var value: String?
        /// Without a leading dot.
        var domain: String
        /// Whether hosts below the domain get it too.
        var isForBelow: Bool
        var path: String
        var isForTLS: Bool
    }

    private var cookies: [Cookie] = []

    /// Takes what an answer to a request to `url` sets.
    mutating func take(_ response: HTTPResponse, from url: String) {
        for header in response.headers where header.name.lowercased() == "set-cookie" {
            guard let (cookie, isOver) = Self.cookie(header.value, from: url) else { continue }
            cookies.removeAll { $0.name == cookie.name && $0.domain == cookie.domain && $0.path == cookie.path }
            if !isOver { cookies.append(cookie) }
        }
    }

    /// The header for a request to `url`, or nil when none belongs there.
    func header(for url: String) -> HTTPHeader? {
        let address = RequestAddress(url)
        let path = Self.path(of: url)
        let own = cookies.filter { cookie in
            Self.matches(address.host, cookie) && Self.isWithin(path, cookie.path)
                && (!cookie.isForTLS || address.scheme == "https")
        }
        guard !own.isEmpty else { return nil }
        let sorted = own.enumerated().sorted { ($1.element.path.count, $0.offset) < ($0.element.path.count, $1.offset) }
        let pairs = sorted.map { $0.element.name + ($0.element.value.map { "=" + $0 } ?? "") }
        return HTTPHeader("Cookie", pairs.joined(separator: "; "))
    }

    private static func cookie(_ text: String, from url: String) -> (Cookie, isOver: Bool)? {
        let parts = text.split(separator: ";").map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Conversion.trimmed(String(pair[0])), pair.count > 1 ? Conversion.trimmed(String(pair[1])) : nil)
        }
        guard let (name, value) = parts.first, !name.isEmpty else { return nil }
        let address = RequestAddress(url)
        let folder = path(of: url)
        var cookie = Cookie(
            name: name, value: value, domain: address.host, isForBelow: false,
            path: folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? "/", isForTLS: false)
        if cookie.path.isEmpty { cookie.path = "/" }
        var isOver = false
        for (attribute, value) in parts.dropFirst() {
            switch (attribute.lowercased(), value) {
            case ("domain", let value?) where !value.isEmpty:
                cookie.domain = String(value.lowercased().drop { $0 == "." })
                cookie.isForBelow = true
            case ("path", let value?) where value.hasPrefix("/"): cookie.path = value
            case ("secure", _): cookie.isForTLS = true
            case ("max-age", let value?): isOver = Int(value).map { $0 <= 0 } ?? isOver
            case ("expires", let value?): isOver = isOver || isPast(value)
            default: continue
            }
        }
        // A server sets none for others, nor for a whole top-level domain.
        guard matches(address.host, cookie), !cookie.isForBelow || cookie.domain.contains(".") else { return nil }
        return (cookie, isOver)
    }

    private static func matches(_ host: String, _ cookie: Cookie) -> Bool {
        host == cookie.domain || (cookie.isForBelow && host.hasSuffix("." + cookie.domain))
    }

    private static func isWithin(_ path: String, _ folder: String) -> Bool {
        path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }

    private static func path(of url: String) -> String {
        let rest = url.drop { $0 != ":" }.dropFirst(3).drop { !"/?#".contains($0) }
        let path = rest.prefix { !"?#".contains($0) }
        return path.isEmpty ? "/" : String(path)
    }

    /// A date such as `Thu, 01 Jan 1970 00:00:00 GMT`; what is none never comes.
    private static func isPast(_ date: String) -> Bool {
        let words = date.split { " -,:".contains($0) }
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        guard words.count > 6, let day = Int32(words[1]), let year = Int32(words[3]), let hour = Int32(words[4]),
            let minute = Int32(words[5]), let second = Int32(words[6]),
            let month = months.firstIndex(of: String(words[2].lowercased()))
        else { return false }
        var parts = tm()
        (parts.tm_mday, parts.tm_mon) = (day, Int32(month))
        parts.tm_year = year < 70 ? year + 100 : year < 100 ? year : year - 1900
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        return timegm(&parts) <= time(nil)
    }
}
