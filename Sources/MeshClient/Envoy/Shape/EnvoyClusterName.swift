internal import MeshModel

/// What the name of a cluster says of the service behind it, as Istio, Consul, Kuma and people write such names.
struct EnvoyClusterName: Equatable, Sendable {
    /// Who made the name.
    enum Maker: String, Sendable {
        case istio = "Istio", consul = "Consul", kuma = "Kuma", person = ""
    }

    var maker = Maker.person
    /// How the service is shown.
    var service: String
    /// A subset or version of it.
    var version: String?
    /// True when the name says that it leads into the service beside the proxy.
    var isLocal = false

    init(_ name: String) {
        service = name
        if !readIstio(name), !readConsul(name), !readKuma(name) {
            isLocal = Self.isLocal(name)
            service = Self.plain(name)
        }
    }

    /// `outbound|9080|v1|reviews.bookinfo.svc.cluster.local`, `inbound|9080||`, `outbound_.9080_._.HOST`.
    private mutating func readIstio(_ name: String) -> Bool {
        var parts = name.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, name.hasPrefix("outbound_.") || name.hasPrefix("inbound_.") {
            let pieces = name.split(separator: "_.", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            parts = pieces.map { $0.hasSuffix("_") ? String($0.dropLast()) : $0 }
        }
        guard parts.count == 4, let direction = parts.first, ["outbound", "inbound", "inbound-vip"].contains(direction)
        else { return false }
        maker = .istio
        isLocal = direction != "outbound"
        version = parts[2].isEmpty || direction != "outbound" ? nil : parts[2]
        service = Self.kubernetes(parts[3])
        return true
    }

    /// `reviews.bookinfo` of `reviews.bookinfo.svc.cluster.local`: so Istio's callers call themselves, too.
    static func kubernetes(_ host: String) -> String {
        guard let end = host.firstRange(of: ".svc")?.lowerBound,
            host[end...] == ".svc" || host[end...].hasPrefix(".svc.")
        else { return host }
        return String(host[..<end])
    }

    /// `[hash~][subset.]db.default[.partition].dc1.internal.<trust-domain>.consul`, peers with `.external.`.
    private mutating func readConsul(_ name: String) -> Bool {
        guard name.hasSuffix(".consul") else { return false }
        let body = name.split(separator: "~", maxSplits: 1).last.map(String.init) ?? name
        let isPeer = body.firstRange(of: ".external.") != nil
        guard let end = (body.firstRange(of: ".internal.") ?? body.firstRange(of: ".external."))?.lowerBound else {
            return false
        }
        var labels = body[..<end].split(separator: ".").map(String.init)
        // The data centre, or the peer, stands last.
        guard labels.count >= 3, let place = labels.popLast() else { return false }
        maker = .consul
        // Namespaces other than `default` belong to Enterprise, where a partition may follow.
        if let space = labels.lastIndex(of: "default"), space >= 1 {
            if labels[space - 1] == "default", space >= 2 {
                labels = Array(labels[..<(space - 1)])
            } else {
                labels = Array(labels[..<space])
            }
        } else if labels.count > 1 {
            labels.removeLast()
        }
        guard let last = labels.popLast() else { return false }
        service = isPeer ? "\(last).\(place)" : last
        version = labels.isEmpty ? nil : labels.joined(separator: ".")
        return true
    }

    /// `backend_demo_svc_3001[-hash]`, `mesh_backend_demo_zone_msvc_80`, inbound `localhost:3000`.
    private mutating func readKuma(_ name: String) -> Bool {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        if let mark = parts.lastIndex(of: "svc"), mark >= 2, mark + 2 == parts.count,
            parts[mark + 1].first?.isNumber == true
        {
            maker = .kuma
            service = parts[..<(mark - 1)].joined(separator: "_") + "." + parts[mark - 1]
            let tail = parts[mark + 1].split(separator: "-", maxSplits: 1)
            version = tail.count == 2 ? String(tail[1]) : nil
            return true
        }
        if let mark = parts.lastIndex(where: { ["msvc", "mzsvc", "extsvc"].contains($0) }), mark >= 2,
            mark + 2 == parts.count
        {
            maker = .kuma
            // `<mesh>_<name>_<namespace>_<zone>`, of which the last two may be empty.
            let space = mark > 2 ? parts[2] : ""
            service = space.isEmpty ? parts[1] : "\(parts[1]).\(space)"
            return true
        }
        return false
    }

    /// Names that tutorials and control planes give to the program beside the proxy.
    private static func isLocal(_ name: String) -> Bool {
        let lower = name.lowercased()
        return lower.hasPrefix("local") && !lower.hasPrefix("locale") && !lower.hasPrefix("location")
            || lower.hasSuffix("_local") || lower.hasSuffix("-local") || lower == "app" || lower == "self"
            || lower.hasPrefix("inbound")
    }

    /// Words that only say what kind of thing the name is of.
    private static let affixes: Set<Substring> = ["envoy", "cluster", "service"]

    /// A name without `envoy`, `cluster` and `service` at its ends; as it is when nothing that tells would be left.
    static func plain(_ name: String) -> String {
        let rest = core(of: name)
        return isHollow(name) || !rest.contains { $0.isLetter } ? name : String(rest)
    }

    private static func core(of name: String) -> Substring {
        var words = name.split(whereSeparator: { $0 == "_" || $0 == "-" })[...]
        while let word = words.first, affixes.contains(Substring(word.lowercased())) { words.removeFirst() }
        while let word = words.last, affixes.contains(Substring(word.lowercased())) { words.removeLast() }
        guard let first = words.first, let last = words.last else { return "" }
        return name[first.startIndex..<last.endIndex]
    }

    /// True when affixes and figures alone make the name, so that it tells nothing: `envoy_cluster2`, `cluster_0`. A
    /// `service1` is a name.
    static func isHollow(_ name: String) -> Bool {
        ["", "cluster", "envoy"].contains(core(of: name).lowercased().filter { !$0.isNumber })
            && name.lowercased() != "service"
    }
}
