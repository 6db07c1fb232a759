internal import MeshModel

/// Tells which edge a proxy is: who connects to it, and whom it stands for. A Toxiproxy knows neither, so it is what the
/// settings say of it, else what its name and its upstream tell.
struct ToxiproxyNaming: Equatable, Sendable {
    /// One item of `names:`: what is said of the proxies whose names it matches.
    struct Rule: Equatable, Sendable {
        /// A glob for the whole name.
        var match: String
        var from: ServiceName?
        var to: ServiceName?
    }

    /// What a proxy is taken for, and why.
    struct Meaning: Equatable, Sendable {
        var edge: Edge
        var why: String
    }

    /// Who connects to proxies that tell nothing of it.
    static let clients: ServiceName = "clients"

    var rules: [Rule] = []
    /// Who connects to the proxies of this server, unless a rule or a name says otherwise.
    var from: ServiceName?

    func meaning(of proxy: ToxiproxyProxy) -> Meaning {
        let rule = rules.first { Glob(pattern: $0.match).matches(proxy.name) }
        let named = Self.ends(of: proxy.name)
        var why: [String] = []
        let to: ServiceName
        if let told = rule?.to {
            to = told
            why.append("callee by `names:`")
        } else if let named {
            to = named.to
            why.append("callee by its name")
        } else if let host = Self.serviceHost(of: proxy.upstream) {
            to = ServiceName(host)
            why.append("callee by its upstream \(proxy.upstream)")
        } else {
            to = ServiceName(proxy.name)
            why.append("callee by its name, because its upstream \(proxy.upstream) has none")
        }
        let from: ServiceName
        if let told = rule?.from {
            from = told
            why.append("caller by `names:`")
        } else if let named {
            from = named.from
            why.append("caller by its name")
        } else if let own = self.from {
            from = own
            why.append("caller by `from:`")
        } else {
            from = Self.clients
            why.append("caller unknown: set `from:`")
        }
        return Meaning(edge: Edge(from: from, to: to), why: why.joined(separator: ", "))
    }

    /// Both ends of a name such as `cart>redis`, `cart->redis`, `cart_to_redis` or `cart-to-redis`.
    private static func ends(of name: String) -> (from: ServiceName, to: ServiceName)? {
        for sign in ["->", ">", "_to_", "-to-"] {
            guard let place = name.firstRange(of: sign) else { continue }
            let from = name[..<place.lowerBound].filter { $0 != " " }
            let to = name[place.upperBound...].filter { $0 != " " }
            if !from.isEmpty, !to.isEmpty { return (ServiceName(from), ServiceName(to)) }
        }
        return nil
    }

    /// The host of `redis:6379`, unless it is an address or this machine.
    private static func serviceHost(of upstream: String) -> String? {
        guard let colon = upstream.lastIndex(of: ":") else { return nil }
        let host = String(upstream[..<colon])
        let isAddress = host.hasPrefix("[") || host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        return host.isEmpty || isAddress || host == "localhost" ? nil : host
    }
}
