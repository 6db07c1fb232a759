internal import Glibc

/// The addresses of a host, as the system's resolver has them. It may wait for a server for long: never call it from a
/// thread of the pool.
enum Addresses {
    struct Unknown: Error, Equatable {
        var cause: String
        /// The name has none, which is an answer; false where nobody answered.
        var isCertain: Bool
    }

    /// In an order of their own, so that two answers can be compared: IPv6 in brackets.
    static func all(of host: String) throws(Unknown) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw Unknown(cause: String(cString: gai_strerror(code)), isCertain: code == EAI_NONAME)
        }
        defer { freeaddrinfo(list) }
        var addresses: Set<String> = []
        var next = list
        while let entry = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let info = entry.pointee
            let failure = getnameinfo(
                info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            if failure == 0 {
                let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                addresses.insert(info.ai_family == AF_INET6 ? "[\(address)]" : address)
            }
            next = info.ai_next
        }
        return addresses.sorted()
    }
}
