internal import CCurl

extension CurlTransfer {
    /// Sets the handle up for a request; throws what must not go out.
    func prepare(_ request: HTTPRequest, sockets: CurlSockets) throws(TransportError) {
        try request.check()
        self.request = request
        let this = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_PRIVATE, this)
        set(CURLOPT_ERRORBUFFER, message)
        // Signals belong to the program; without this a slow name server would raise one.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_USERAGENT, "gameday")
        set(CURLOPT_WRITEDATA, this)
        curl_set_bytes_function(easy, CURLOPT_WRITEFUNCTION, CurlTransferCallbacks.body)
        curl_set_socket_functions(
            easy, CurlSocketCallbacks.open, CurlSocketCallbacks.close, Unmanaged.passUnretained(sockets).toOpaque())
        if let path = request.unixSocket {
            set(CURLOPT_UNIX_SOCKET_PATH, path)
            if request.isOwnSocket {
                self.sockets = sockets
                curl_set_checked_sockets(
                    easy, CurlTransferCallbacks.openOwn, CurlTransferCallbacks.lookAtOwn, this)
            }
        }
        if request.isLast { set(CURLOPT_FORBID_REUSE, 1) }
        if request.isAlone { set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)) }
        if let tunnel = request.tunnel {
            self.sockets = sockets
            // With a path no name has to be looked up, and connections to other pods are none to this one.
            set(CURLOPT_UNIX_SOCKET_PATH, tunnel.key)
            curl_set_open_function(easy, CurlTransferCallbacks.openTunnel, this)
        }
        if case .tunnel = taker {
            set(CURLOPT_CONNECT_ONLY, 1)
            // What is read goes past it.
            set(CURLOPT_BUFFERSIZE, 1024)
            set(CURLOPT_HTTPPROXYTUNNEL, 1)
        }
        if request.acceptsCompression { set(CURLOPT_ACCEPT_ENCODING, "") }
        // libcurl looks through all the addresses it knows after each exchange, unless they are for ever: as those are
        // which need no look-up.
        if request.hasLiteralAddress { set(CURLOPT_DNS_CACHE_TIMEOUT, -1) }
        setDeadline(request)
        setMethod(request)
        setHeaders(request)
        if request.followsRedirects { setRedirects() }
        let proxy = request.unixSocket == nil && request.tunnel == nil ? request.proxy : nil
        setProxy(proxy)
        setAddress(request, isDirect: proxy == nil)
        if request.url.utf8.prefix(6).elementsEqual("https:".utf8) || request.followsRedirects { setTLS(request.tls) }
        if case .stream = taker {
            set(CURLOPT_HEADERDATA, this)
            curl_set_bytes_function(easy, CURLOPT_HEADERFUNCTION, CurlTransferCallbacks.header)
            set(CURLOPT_TCP_KEEPALIVE, 1)
        } else if request.keepsHeaderSpace {
            set(CURLOPT_HEADERDATA, this)
            curl_set_bytes_function(easy, CURLOPT_HEADERFUNCTION, CurlTransferCallbacks.header)
        }
    }

    /// What will be polled again and again is taken apart once. libcurl then gets the server's address and the line that
    /// asks it, where it would make the one out of the other each time, byte by byte.
    private func setAddress(_ request: HTTPRequest, isDirect: Bool) {
        if let name = request.tls.serverName, let (url, detour) = request.named(name) {
            set(CURLOPT_URL, url)
            detours = curl_slist_append(nil, detour)
            if let detours { set(CURLOPT_CONNECT_TO, detours) }
            return
        }
        set(CURLOPT_URL, request.url)
        guard isBatched, isDirect, !request.followsRedirects, let parts = curl_url() else { return }
        address = parts
        let flags = UInt32(CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME)
        guard curl_url_set(parts, CURLUPART_URL, request.url, flags) == CURLUE_OK,
            let path = Self.part(CURLUPART_PATH, of: parts, flags: UInt32(CURLU_URLENCODE))
        else { return }
        let query = Self.part(CURLUPART_QUERY, of: parts)
        guard curl_url_set(parts, CURLUPART_PATH, "/", 0) == CURLUE_OK,
            curl_url_set(parts, CURLUPART_QUERY, nil, 0) == CURLUE_OK
        else { return }
        set(CURLOPT_REQUEST_TARGET, path + (query.map { "?" + $0 } ?? ""))
        set(CURLOPT_CURLU, UnsafeMutableRawPointer(parts))
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    private func setDeadline(_ request: HTTPRequest) {
        let whole: Duration? = if case .stream = taker { request.deadline } else { request.deadline ?? .seconds(60) }
        if let whole { set(CURLOPT_TIMEOUT_MS, whole.wholeMilliseconds) }
        // A second timer for the same moment would be one too many.
        if let whole, whole <= .seconds(60) { return }
        let connect = min(whole ?? .seconds(10), .seconds(60))
        set(CURLOPT_CONNECTTIMEOUT_MS, connect.wholeMilliseconds)
    }

    private func setMethod(_ request: HTTPRequest) {
        // A POST says how long it is even when it is empty (RFC 9110 section 8.6).
        if let body = request.body ?? (request.method == "POST" ? [] : nil) {
            curl_set_large(easy, CURLOPT_POSTFIELDSIZE_LARGE, Int64(body.count))
            body.withUnsafeBytes { bytes in
                // An empty array has no address, and to libcurl none means: no body.
                let address = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
                _ =
                    bytes.isEmpty
                    ? curl_set_string(easy, CURLOPT_COPYPOSTFIELDS, "")
                    : curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, address)
            }
            if request.method != "POST" { set(CURLOPT_CUSTOMREQUEST, request.method) }
        } else if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if request.method != "GET" {
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func setHeaders(_ request: HTTPRequest) {
        if request.body != nil || request.method == "POST" {
            // libcurl's own additions: a content type that may be wrong, and a wait for leave to go on.
            if request.headers.allSatisfy({ !$0.isNamed("content-type") }) { add(line: "Content-Type:") }
            if request.headers.allSatisfy({ !$0.isNamed("expect") }) { add(line: "Expect:") }
        }
        for header in request.headers {
            add(line: header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        if let name = request.tls.serverName, request.named(name) != nil,
            request.headers.allSatisfy({ !$0.isNamed("host") })
        {
            add(line: "Host: \(request.authority)")
        }
        if let lines { set(CURLOPT_HTTPHEADER, lines) }
    }

    private func add(line: String) {
        if let longer = curl_slist_append(lines, line) { lines = longer }
    }

    private func setRedirects() {
        set(CURLOPT_FOLLOWLOCATION, 1)
        set(CURLOPT_MAXREDIRS, 30)
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    }

    private func setProxy(_ proxy: String?) {
        // Empty ones keep libcurl from looking into the environment by itself.
        set(CURLOPT_PROXY, proxy ?? "")
        if proxy != nil { set(CURLOPT_NOPROXY, "") }
    }

    private func setTLS(_ tls: TLSOptions) {
        if !tls.verifies {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let authority = tls.authority {
            set(CURLOPT_CAINFO_BLOB, authority)
        } else if let file = tls.authorityFile {
            set(CURLOPT_CAINFO, file)
        }
        // Else the machine's own authorities would be trusted beside the one that is named.
        let isAlone = tls.authority != nil || tls.authorityFile != nil
        if isAlone || tls.authorityFolder != nil { curl_set_string(easy, CURLOPT_CAPATH, tls.authorityFolder) }
        if let certificate = tls.certificate {
            set(CURLOPT_SSLCERT_BLOB, certificate.bytes)
        } else if let file = tls.certificateFile {
            set(CURLOPT_SSLCERT, file)
        }
        if let key = tls.key {
            set(CURLOPT_SSLKEY_BLOB, key.bytes)
        } else if let file = tls.keyFile {
            set(CURLOPT_SSLKEY, file)
        }
        // A key that is locked is an error: without this OpenSSL asks for its password on the terminal.
        if tls.key != nil || tls.keyFile != nil { set(CURLOPT_KEYPASSWD, "") }
    }

    private func set(_ option: CURLoption, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { _ = curl_set_blob(easy, option, $0.baseAddress, $0.count) }
    }

    private func set(_ option: CURLoption, _ value: Int) {
        curl_set_long(easy, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        curl_set_string(easy, option, value)
    }

    private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) {
        curl_set_pointer(easy, option, value)
    }
}

extension HTTPRequest {
    /// Host and port as the address has them.
    fileprivate var authority: String {
        let rest = url.utf8.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
        return String(Substring(rest.prefix { !"/?#".utf8.contains($0) }))
    }

    /// The same request to a server that is to prove another name: its address with that name, and where it really goes,
    /// as libcurl takes it. Nil for one that needs no proof.
    fileprivate func named(_ name: String) -> (url: String, detour: String)? {
        let authority = authority
        guard url.lowercased().hasPrefix("https://"), !authority.contains("@"), !name.isEmpty,
            name.utf8.allSatisfy({ $0 > 0x20 && !"/?#@:[]\\".utf8.contains($0) && $0 < 0x7F })
        else { return nil }
        let afterHost = authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.startIndex
        let port = authority[afterHost...].lastIndex(of: ":").map { authority[authority.index(after: $0)...] } ?? "443"
        let host = authority[afterHost...].lastIndex(of: ":").map { authority[..<$0] } ?? authority[...]
        let path = url.dropFirst("https://".count + authority.count)
        return ("https://\(name):\(port)\(path)", "\(name):\(port):\(host):\(port)")
    }

    /// True when the host is an address already: its last part is a number, or it stands in brackets.
    fileprivate var hasLiteralAddress: Bool {
        let rest = url.utf8.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        if authority.contains(UInt8(ascii: "[")) { return true }
        let host = authority.prefix { $0 != UInt8(ascii: ":") }
        let last = host.lastIndex(of: UInt8(ascii: ".")).map { host[host.index(after: $0)...] } ?? host
        return !last.isEmpty && last.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Throws what would break out of its line or be cut short at a zero byte.
    fileprivate func check() throws(TransportError) {
        guard !url.isEmpty, url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .badURL(url) }
        guard !method.isEmpty, method.utf8.allSatisfy(\.isToken) else { throw .badRequest("method \(method)") }
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(\.isToken),
                header.value.utf8.allSatisfy({ $0 != 0 && $0 != 10 && $0 != 13 })
            else { throw .badRequest("header \(header.name)") }
        }
        guard unixSocket?.utf8.contains(0) != true else { throw .badRequest("path of the Unix socket") }
    }
}

extension HTTPHeader {
    func isNamed(_ name: String) -> Bool { self.name.lowercased() == name }
}

extension UInt8 {
    /// A character of a method or a header's name (RFC 9110 section 5.6.2).
    fileprivate var isToken: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "^")...UInt8(ascii: "z"), UInt8(ascii: "#")...UInt8(ascii: "'"):
            true
        default: "!*+-.|~".utf8.contains(self)
        }
    }
}

extension Duration {
    /// At least one, since 0 means "never" to libcurl, and no more than it can hold.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000_000 else { return 1_000_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
