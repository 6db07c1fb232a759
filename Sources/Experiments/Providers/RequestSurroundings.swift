internal import ChildPrograms
internal import Glibc
internal import MeshClient
internal import MeshModel

/// What Python's `requests` takes from the environment for every request: proxies, logins, and whom to trust. Requests to
/// this machine itself are left alone, which the original does not: its own API is never asked through others.
struct RequestSurroundings: Sendable {
    let environment: [String: String]
    /// Whether only that counts which counts in the original.
    let isStrict: Bool

    /// Adds to a request what the environment says about its address.
    func apply(to request: inout HTTPRequest) throws(Crash) {
        let address = RequestAddress(request.url)
        guard !address.isLoopback else { return try trust(in: &request) }
        request.proxy = proxy(for: request.url)
        if let login = credentials(for: address.host) {
            request.headers.removeAll { $0.name.lowercased() == "authorization" }
            request.headers.append(HTTPHeader("Authorization", login))
        }
        try trust(in: &request)
    }

    /// The proxy to ask for an address, or nil.
    func proxy(for url: String) -> String? {
        let address = RequestAddress(url)
        guard !address.host.isEmpty, !address.isLoopback, !isSpared(address) else { return nil }
        let proxies = self.proxies
        for key in ["\(address.scheme)://\(address.host)", address.scheme, "all://\(address.host)", "all"] {
            if let proxy = proxies[key] { return proxy }
        }
        return nil
    }

    /// `<scheme>_proxy` in any spelling, where the small one counts more, and none that is empty.
    private var proxies: [String: String] {
        var proxies: [String: String] = [:]
        for (name, value) in environment where !value.isEmpty && name.lowercased().hasSuffix("_proxy") {
            proxies[String(name.lowercased().dropLast(6))] = value
        }
        // A CGI program gets HTTP_PROXY from whoever calls it.
        if environment["REQUEST_METHOD"] != nil { proxies["http"] = nil }
        for (name, value) in environment where name.hasSuffix("_proxy") {
            proxies[String(name.lowercased().dropLast(6))] = value.isEmpty ? nil : value
        }
        return proxies
    }

    private func isSpared(_ address: RequestAddress) -> Bool {
        let named = [environment["no_proxy"], environment["NO_PROXY"]].compactMap(\.self).first { !$0.isEmpty } ?? ""
        let hosts = named.filter { $0 != " " }.split(separator: ",").map(String.init)
        if let number = address.number {
            if hosts.contains(where: { $0 == address.host || NetworkRange($0)?.contains(number) ?? false }) {
                return true
            }
        } else {
            let withPort = address.port.map { "\(address.host):\($0)" } ?? address.host
            for host in hosts.map({ String($0.drop { $0 == "." }) }) {
                let ends = [address.host, withPort]
                if ends.contains(host) || ends.contains(where: { $0.hasSuffix("." + host) }) { return true }
            }
        }
        // Python's own rules come after those of the library.
        guard let list = proxies["no"] else { return false }
        if list == "*" { return true }
        return list.split(separator: ",").contains { item in
            let name = Conversion.trimmed(String(item)).drop { $0 == "." }.lowercased()
            guard !Conversion.trimmed(String(item)).isEmpty else { return false }
            return address.host == name || address.host.hasSuffix("." + name)
        }
    }

    /// The login for a host in the file that `NETRC` names, else in `~/.netrc` or `~/_netrc`, as a header has it.
    func credentials(for host: String) -> String? {
        guard !host.isEmpty, let login = logins?.credentials(for: host) else { return nil }
        // Latin-1, as the library has it.
        let bytes = "\(login.user):\(login.password)".unicodeScalars.flatMap { scalar in
            scalar.value < 256 ? [UInt8(scalar.value)] : Array(String(scalar).utf8)
        }
        return "Basic " + Base64.text(bytes)
    }

    /// All passwords of that file, which nobody may be told.
    var passwords: [String] { logins?.passwords ?? [] }

    private var logins: Netrc? {
        let search = ExecutableSearch(environment: environment)
        let files = environment["NETRC"].map { [$0] } ?? ["~/.netrc", "~/_netrc"]
        let found = files.lazy.map(search.expanded).first { access($0, F_OK) == 0 }
        return found.flatMap { FileContent.text(of: $0) }.flatMap { Netrc($0) }
    }

    private func trust(in request: inout HTTPRequest) throws(Crash) {
        guard request.tls.verifies, request.url.lowercased().hasPrefix("https") else { return }
        // The original knows the third only by way of its libraries, and not in every version.
        let names = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] + (isStrict ? [] : ["SSL_CERT_FILE"])
        guard let path = names.lazy.compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else { return }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Crash("OSError", "Could not find a suitable TLS CA certificate bundle, invalid path: \(path)")
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            request.tls.authorityFolder = path
        } else {
            request.tls.authorityFile = path
        }
    }
}

/// The parts of an address that decide how it is asked.
struct RequestAddress {
    let scheme: String
    /// In small letters, without brackets.
    let host: String
    let port: Int?
    /// The host as a number, if it is an IPv4 address in any of its spellings.
    let number: UInt32?

    init(_ url: String) {
        scheme = url.prefix { $0 != ":" }.lowercased()
        let rest = url.dropFirst(scheme.count).drop { $0 == ":" }.drop { $0 == "/" }
        let authority = rest.prefix { !"/?#".contains($0) }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        if place.hasPrefix("[") {
            host = place.dropFirst().prefix { $0 != "]" }.lowercased()
            port = place.drop { $0 != "]" }.dropFirst(2).split(separator: ":").first.flatMap { Int($0) }
        } else {
            host = place.prefix { $0 != ":" }.lowercased()
            port = place.drop { $0 != ":" }.split(separator: ":").first.flatMap { Int($0) }
        }
        number = NetworkRange.number(host)
    }

    /// Whether it is this machine itself.
    var isLoopback: Bool {
        if let number { return number >> 24 == 127 }
        return host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
    }
}

/// Addresses like `10.0.0.0/8`.
struct NetworkRange {
    private let network: UInt32
    private let mask: UInt32

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bits = Int(parts[1]), (1...32).contains(bits),
            let base = Self.number(String(parts[0]))
        else { return nil }
        mask = UInt32.max << (32 - bits)
        network = base & mask
    }

    func contains(_ address: UInt32) -> Bool { address & mask == network }

    static func number(_ text: String) -> UInt32? {
        var address = in_addr()
        guard inet_aton(text, &address) != 0 else { return nil }
        return UInt32(bigEndian: address.s_addr)
    }
}
